import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../testing/index.ts'
import { QueueWorkers } from './queue-workers.ts'

const never = new Promise<never>(() => {})
const minute = 60_000

const setUp = () => {
  const clock = fakeClock()
  const workers = new QueueWorkers(clock)
  return { clock, workers, names: (queue = 'q') => workers.list(queue).map(({ name }) => name) }
}

test('a worker is shown while it waits, holds messages, or was heard of lately', async () => {
  const { clock, workers, names } = setUp()
  const start = clock.now()
  const { promise, resolve } = Promise.withResolvers<void>()
  workers.receives('q', 'default', 'b', promise)
  workers.receives('q', 'default', 'a', never)
  workers.holds('q', 'default', 'a', 1)
  assert.deepEqual(workers.list('q'), [
    { name: 'a', group: 'default', since: start, lastSeenAt: start, waiting: 1, inWork: 1 },
    { name: 'b', group: 'default', since: start, lastSeenAt: start, waiting: 1, inWork: 0 },
  ])
  clock.advance(5 * minute)
  assert.deepEqual(names(), ['a', 'b'])
  resolve()
  await promise
  await Promise.resolve()
  clock.advance(minute)
  assert.equal(workers.list('q')[1]?.lastSeenAt, start + 5 * minute)
  clock.advance(minute)
  assert.deepEqual(names(), ['a'])
})

test('one that holds messages is shown for longer, but not for ever', () => {
  const { clock, workers, names } = setUp()
  workers.holds('q', 'default', 'dead', 1)
  clock.advance(9 * minute)
  assert.deepEqual(names(), ['dead'])
  workers.holds('q', 'default', 'dead', 0)
  clock.advance(9 * minute)
  assert.deepEqual(names(), ['dead'])
  clock.advance(minute)
  assert.deepEqual(names(), [])
})

test('leases of an earlier process end without a trace, and counts never fall below nothing', () => {
  const { workers } = setUp()
  workers.holds('q', 'default', 'old', -1)
  assert.deepEqual(workers.list('q'), [])
  workers.holds('q', 'default', 'new', 1)
  workers.holds('q', 'default', 'new', -1)
  workers.holds('q', 'default', 'new', -1)
  assert.equal(workers.list('q')[0]?.inWork, 0)
})

test('groups and queues are apart, and of very many the ones seen longest ago are forgotten', () => {
  const { workers, names } = setUp()
  workers.holds('q', 'g', 'w', 1)
  workers.holds('q', 'h', 'w', 1)
  workers.holds('r', 'g', 'w', 1)
  assert.deepEqual([names('q'), names('r')], [['w', 'w'], ['w']])
  for (let i = 0; i < 9_998; i++) workers.holds('many', 'g', `w${i}`, 0)
  assert.deepEqual([names('q'), names('r'), names('many').length], [['w'], ['w'], 9_998])
})
