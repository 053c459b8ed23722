import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from './system.ts'

const hour = 3_600_000
const day = 24 * hour

/** Timers count the time that passes; the wall clock does too, but people set it. */
const machine = (t: TestContext) => {
  let now = Date.UTC(2030, 0, 1)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  t.mock.method(Date, 'now', () => now)
  return {
    start: now,
    pass(ms: number, step: number) {
      for (let passed = 0; passed < ms; passed += step) {
        now += step
        t.mock.timers.tick(step)
      }
    },
    setForward(ms: number) {
      now += ms
    },
  }
}

test('a watchful call notices within a second that the clock was set forward', (t) => {
  const { start, pass, setForward } = machine(t)
  let calls = 0
  systemClock().callAt(start + hour, () => calls++, { watchful: true })
  pass(10_000, 100)
  setForward(2 * hour)
  assert.equal(calls, 0)
  pass(1000, 100)
  assert.equal(calls, 1)
  pass(2 * hour, 60_000)
  assert.equal(calls, 1)
})

test('a call is not early when the clock was set back', (t) => {
  const { start, pass, setForward } = machine(t)
  let calls = 0
  systemClock().callAt(start + 10_000, () => calls++, { watchful: true })
  pass(5000, 100)
  setForward(-60_000)
  pass(64_900, 100)
  assert.equal(calls, 0)
  pass(100, 100)
  assert.equal(calls, 1)
})

test('a call in 60 days comes then, not after the 24.8 days that a timer can take', (t) => {
  const { start, pass } = machine(t)
  let calls = 0
  systemClock().callAt(start + 60 * day, () => calls++)
  pass(59 * day, hour)
  assert.equal(calls, 0)
  pass(day, hour)
  assert.equal(calls, 1)
})
