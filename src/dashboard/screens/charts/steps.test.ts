import assert from 'node:assert/strict'
import { test } from 'node:test'
import { span } from '../../format.ts'
import { tenthSteps, timeSteps, wholeSteps } from './steps.ts'

test('steps rise', () => {
  for (const steps of [wholeSteps, tenthSteps, timeSteps]) {
    assert.deepEqual(
      steps,
      [...new Set(steps)].sort((a, b) => a - b),
    )
  }
})

test('marks of times are written as what they are, in few words', () => {
  const unit = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }
  for (const step of timeSteps) {
    for (const mark of [1, 2, 3, 4, 5, 6].map((times) => times * step)) {
      const parts = span(mark).split(' ')
      const written = parts.flatMap((part, at) =>
        at % 2 ? [] : [Number(part) * unit[parts[at + 1] as keyof typeof unit]],
      )
      assert.equal(
        written.reduce((sum, part) => sum + part, 0),
        mark,
        span(mark),
      )
    }
  }
})
