import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reading } from '../../data/live-store.ts'
import { growthOf } from './concerns.ts'

const trail = (seconds: number, waiting: (second: number) => number): Reading[] =>
  Array.from({ length: seconds + 1 }, (_, second) => ({
    at: second * 1000,
    entered: 0,
    done: 0,
    waiting: waiting(second),
  }))

test('a backlog that gets longer and longer grows', () => {
  const grown = growthOf(trail(60, (second) => 100 + second * 10))
  assert.ok(grown)
  assert.ok(grown.to - grown.from > 300)
  assert.equal(grown.ms, 60_000)
})

test('one that stays, shrinks, comes in bursts or has just begun does not', () => {
  assert.equal(growthOf(trail(60, () => 5000)), undefined)
  assert.equal(growthOf(trail(60, (second) => 1000 - second * 10)), undefined)
  assert.equal(growthOf(trail(60, (second) => (second % 10) * 50)), undefined)
  assert.equal(
    growthOf(trail(60, (second) => (second > 15 && second < 45 ? 900 : second < 16 ? 0 : 100))),
    undefined,
    'it is being worked off',
  )
  assert.equal(growthOf(trail(10, (second) => second * 100)), undefined)
  assert.equal(growthOf([]), undefined)
})
