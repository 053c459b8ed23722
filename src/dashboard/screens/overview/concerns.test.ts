import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveQueue, Reading } from '../../data/live-store.ts'
import { concernsOf, growthOf } from './concerns.ts'

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

const still = trail(60, () => 0)
const noCounts = { ready: 0, behind: 0, delayed: 0, leased: 0, reprocessing: 0 }
const finished = { processed: 0, errored: 0, filtered: 0, shelved: 0, done: 0 }

const queue = (name: string, what: Partial<LiveQueue> = {}): LiveQueue => ({
  account: 'default',
  name,
  explicit: true,
  ordering: 'unordered',
  paused: false,
  consumerGroups: false,
  deadLetterQueue: null,
  counts: { ...noCounts, ...finished },
  deadLetters: 0,
  isDeadLetterQueue: false,
  oldestWaitingAt: null,
  today: null,
  workers: 0,
  push: [],
  in: 0,
  out: 0,
  trail: still,
  ...what,
})

test('what needs attention: each kind is told, the most pressing first, and what is well is not', () => {
  const counts = (some: Partial<LiveQueue['counts']>) => ({ counts: { ...noCounts, ...finished, ...some } })
  const target = { group: 'default', url: 'http://localhost/hook', detail: '' }
  const told = concernsOf(
    [
      queue('a-well', {
        ...counts({ ready: 3, leased: 1 }),
        oldestWaitingAt: 59_000,
        push: [{ ...target, state: 'healthy' }],
      }),
      queue('b-paused', { ...counts({ ready: 1 }), paused: true }),
      queue('c-unattended', { ...counts({ ready: 1 }), oldestWaitingAt: -600_000 }),
      queue('d-grows', { ...counts({ ready: 700, leased: 1 }), trail: trail(60, (second) => 100 + second * 10) }),
      queue('e-errors', counts({ errored: 2 })),
      queue('f-dead', { ...counts({ ready: 4 }), isDeadLetterQueue: true }),
      queue('g-dead-of-groups', { deadLetters: 1 }),
      queue('h-fails', { push: [{ ...target, state: 'failing', detail: 'it answered 500' }] }),
      queue('i-push-paused', { push: [{ ...target, state: 'paused' }] }),
    ],
    60_000,
  )
  assert.deepEqual(
    told.map(({ kind, severity, queue }) => [kind, severity, queue.name]),
    [
      ['push', 'bad', 'h-fails'],
      ['push', 'bad', 'i-push-paused'],
      ['dead', 'bad', 'f-dead'],
      ['dead', 'bad', 'g-dead-of-groups'],
      ['errored', 'bad', 'e-errors'],
      ['growing', 'warn', 'd-grows'],
      ['unattended', 'warn', 'c-unattended'],
      ['paused', 'warn', 'b-paused'],
    ],
  )
  assert.match(told[0]?.text ?? '', /localhost\/hook is failing: it answered 500$/)
})
