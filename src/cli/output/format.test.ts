import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes, formatDuration, formatRelative } from './format.ts'

test('durations', () => {
  const texts = [0, 1.2345, 250, 1500, 60_000, 125_000, 3_600_000, 5_400_000, 1_209_600_000, -2000].map(formatDuration)
  assert.deepEqual(texts, [
    '0 ms',
    '1.23 ms',
    '250 ms',
    '1.5 s',
    '1 min',
    '2 min 5 s',
    '1 h',
    '1 h 30 min',
    '14 d',
    '-2 s',
  ])
})

test('sizes', () => {
  assert.deepEqual([0, 1023, 1024, 1_572_864, 5e12].map(formatBytes), ['0 B', '1023 B', '1 KiB', '1.5 MiB', '4.55 TiB'])
})

test('moments as seen from now', () => {
  assert.equal(formatRelative(1000, 13_400), '12 s ago')
  assert.equal(formatRelative(61_000, 1000), 'in 1 min')
  assert.equal(formatRelative(1200, 1000), 'now')
})
