import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completePushTarget } from '../core/push-target.ts'
import { Circuit } from './circuit.ts'
import { maxRetryAfterMs, retryAfterMs, retryDelay } from './retries.ts'

const target = (retries: { max: number; minDelayMs?: number; maxDelayMs?: number; delaysMs?: number[] } | null) =>
  completePushTarget({ url: 'http://x', retries }, 'push')

test('waits double up to the longest, and are drawn from nothing to that', () => {
  const { retries } = target({ max: 9, minDelayMs: 100, maxDelayMs: 1000 })
  assert.ok(retries)
  const waits = (random: number) =>
    [0, 1, 2, 3, 4, 8, 9].map((failures) => retryDelay(target(retries as never), failures, () => random))
  assert.deepEqual(waits(1), [100, 200, 400, 800, 1000, 1000, undefined])
  assert.deepEqual(waits(0), [0, 0, 0, 0, 0, 0, undefined])
  assert.equal(
    retryDelay(target({ max: 1_000_000 }), 999_999, () => 1),
    300_000,
  )
  assert.equal(
    retryDelay(target(null), 0, () => 1),
    undefined,
  )
})

test('waits that are given are taken as they are, the last one on and on', () => {
  const delays = target({ max: 5, delaysMs: [0, 5, 30] })
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((failures) => retryDelay(delays, failures, () => 0.3)),
    [0, 5, 30, 30, 30, undefined],
  )
})

test('Retry-After is read in seconds or as a date, within bounds, or not at all', () => {
  const now = Date.UTC(2030, 0, 1)
  assert.equal(retryAfterMs('120', now), 120_000)
  assert.equal(retryAfterMs(new Date(now + 5000).toUTCString(), now), 5000)
  assert.equal(retryAfterMs(new Date(now - 5000).toUTCString(), now), 0)
  assert.equal(retryAfterMs('999999999', now), maxRetryAfterMs)
  for (const text of [undefined, '', 'soon', '1.5 h']) assert.equal(retryAfterMs(text, now), undefined)
})

test('a circuit opens after five calls in a row that were not made, for longer each time, and closes with an answer', () => {
  const circuit = new Circuit(() => 0.5)
  for (let i = 0; i < 4; i++) circuit.notReached(0)
  assert.equal(circuit.openUntil, undefined)
  circuit.notReached(0)
  assert.equal(circuit.openUntil, 1000)
  circuit.notReached(10)
  assert.equal(circuit.openUntil, 1000, 'one that was under way')
  circuit.notReached(1000)
  assert.equal(circuit.openUntil, 3000)
  let now = 3000
  for (let i = 0; i < 9; i++) {
    circuit.notReached(now)
    now = circuit.openUntil ?? 0
  }
  circuit.notReached(now)
  assert.equal((circuit.openUntil ?? 0) - now, 60_000)
  circuit.resume(now)
  assert.equal(circuit.openUntil, now)
  circuit.reached()
  assert.equal(circuit.openUntil, undefined)
  circuit.notReached(now)
  assert.equal(circuit.openUntil, undefined)
})
