import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Histogram } from './histogram.ts'

test('percentiles are within a tenth of what was added', () => {
  const histogram = new Histogram()
  assert.ok(Number.isNaN(histogram.percentile(0.5)))
  for (let value = 1; value <= 1000; value++) histogram.add(value)
  for (const [share, value] of [
    [0.5, 500],
    [0.95, 950],
    [0.99, 990],
  ] as const) {
    assert.ok(Math.abs(histogram.percentile(share) / value - 1) < 0.1, `${share}: ${histogram.percentile(share)}`)
  }
})

test('what is far too large, or nothing, is counted all the same', () => {
  const histogram = new Histogram()
  histogram.add(0)
  assert.equal(histogram.percentile(1), 0.5)
  histogram.add(1e300)
  assert.ok(histogram.percentile(1) > 1e11)
  const other = new Histogram()
  other.addAll(histogram)
  assert.equal(other.total, 2)
  other.clear()
  assert.equal(other.total, 0)
})
