import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../testing/index.ts'
import { refusal } from '../testing/test-engine.ts'
import type { AttemptEnd } from './waiting.ts'
import { WaitingList } from './waiting.ts'

const setUp = (limit = 100) => {
  const clock = fakeClock()
  const changes: number[] = []
  const list = new WaitingList(clock, limit, (change) => changes.push(change))
  /** What the waiters did, in order, and how to end the looks that are under way. */
  const log: string[] = []
  const looks = new Map<string, (end: AttemptEnd) => void>()
  const begins = new Map<string, () => void>()
  const add = (name: string, options: { waitMs?: number; key?: string; signal?: AbortSignal } = {}) =>
    list.add('queue', options.key ?? 'queue default', options.waitMs ?? 1_000, {
      attempt(done, began) {
        log.push(`${name} looks`)
        looks.set(name, done)
        begins.set(name, began)
      },
      giveUp: () => log.push(`${name} gives up`),
      signal: options.signal,
    })
  const end = (name: string, how: AttemptEnd) => {
    const done = looks.get(name)
    assert.ok(done, `${name} is not looking`)
    looks.delete(name)
    done(how)
  }
  const begin = (name: string) => begins.get(name)?.()
  const wake = (count: number, key = 'queue default') => list.wake('queue', key, count)
  /** What happened since this was last asked. */
  const news = () => log.splice(0).join(', ')
  return { clock, list, changes, add, begin, end, wake, news }
}

test('as many look as there are messages, in order of arrival', () => {
  const { add, wake, news } = setUp()
  for (const name of ['a', 'b', 'c']) add(name)
  assert.equal(news(), '')
  wake(2)
  assert.equal(news(), 'a looks, b looks')
})

test('whoever found something is gone, whoever found nothing keeps its place in the line', () => {
  const { list, add, end, wake, news } = setUp()
  for (const name of ['a', 'b', 'c']) add(name)
  wake(2)
  end('b', 'served')
  end('a', 'nothing')
  assert.equal(list.size, 2)
  news()
  wake(1)
  assert.equal(news(), 'a looks')
})

test('a message that comes while the first is looking is for the next in line', () => {
  const { add, wake, news } = setUp()
  for (const name of ['a', 'b']) add(name)
  wake(1)
  wake(1)
  assert.equal(news(), 'a looks, b looks')
})

test('a message that comes when the first can no more see it is first for that one, then for those behind', () => {
  const { add, begin, end, wake, news } = setUp()
  for (const name of ['a', 'b', 'c']) add(name)
  wake(1)
  begin('a')
  wake(1)
  assert.equal(news(), 'a looks', 'or b would overtake it')
  end('a', 'nothing')
  assert.equal(news(), 'a looks')
  begin('a')
  wake(1)
  end('a', 'served')
  assert.equal(news(), 'b looks')
})

test('a message that comes while all are looking makes one look again', () => {
  const { add, end, wake, news } = setUp()
  add('a')
  wake(1)
  wake(3)
  assert.equal(news(), 'a looks')
  end('a', 'nothing')
  assert.equal(news(), 'a looks')
  end('a', 'nothing')
  assert.equal(news(), '')
})

test('what a waiter was woken for twice but took once is passed on', () => {
  const { add, end, wake, news } = setUp()
  add('a')
  wake(1)
  wake(1)
  add('b')
  end('a', 'served')
  assert.equal(news(), 'a looks, b looks')
})

test('a waiter that could not look passes on what it was woken for', () => {
  const { list, add, end, wake, news } = setUp()
  for (const name of ['a', 'b', 'c']) add(name)
  wake(1)
  end('a', 'failed')
  assert.equal(news(), 'a looks, b looks')
  assert.equal(list.size, 2)
})

test('a waiter whose client goes away while it is looking passes on what it was woken for', () => {
  const { add, end, wake, news } = setUp()
  const going = new AbortController()
  add('a', { signal: going.signal })
  add('b')
  wake(1)
  going.abort()
  assert.equal(news(), 'a looks, a gives up')
  end('a', 'failed')
  assert.equal(news(), 'b looks')
})

test('a waiter gives up when its time is over, exactly once', () => {
  const { clock, list, add, news } = setUp()
  add('a', { waitMs: 500 })
  clock.advance(499)
  assert.equal(news(), '')
  clock.advance(1)
  assert.equal(news(), 'a gives up')
  assert.equal(list.size, 0)
  clock.advance(1_000)
  list.giveUpAll()
  assert.equal(news(), '')
})

test('a waiter whose time is over while it is looking takes what it finds', () => {
  const { clock, list, add, end, wake, news } = setUp()
  for (const name of ['a', 'b']) add(name)
  wake(2)
  clock.advance(1_000)
  assert.equal(news(), 'a looks, b looks')
  end('a', 'served')
  assert.equal(news(), '', 'what it found is its answer')
  end('b', 'nothing')
  assert.equal(news(), 'b gives up')
  assert.equal(list.size, 0)
})

test('at the end all give up, and those that are looking when they have looked', () => {
  const { list, add, end, wake, news } = setUp()
  for (const name of ['a', 'b']) add(name)
  add('c', { key: 'queue other' })
  wake(1)
  news()
  list.giveUpAll()
  assert.equal(news(), 'b gives up, c gives up')
  end('a', 'nothing')
  assert.equal(news(), 'a gives up')
  assert.equal(list.size, 0)
})

test('an abort ends the wait at once and leaves no listener or timer behind', () => {
  const { clock, list, add, news } = setUp()
  const going = new AbortController()
  add('a', { signal: going.signal })
  going.abort()
  assert.equal(news(), 'a gives up')
  assert.equal(list.size, 0)
  assert.equal(clock.nextCallAt(), undefined)
})

test('a message of one group wakes nobody who waits for another', () => {
  const { list, add, wake, news } = setUp()
  add('a', { key: 'queue g' })
  add('b', { key: 'queue h' })
  wake(5, 'queue h')
  assert.equal(news(), 'b looks')
  list.wakeQueue('other queue')
  assert.equal(news(), '')
  list.wakeQueue('queue')
  assert.equal(news(), 'a looks')
})

test('no more than the limit may wait, and an observer is told of each', () => {
  const { list, changes, add, end, wake } = setUp(2)
  add('a')
  add('b')
  assert.throws(() => add('c'), refusal('TooManyWaiting', { limit: 2 }))
  wake(1)
  end('a', 'served')
  add('c')
  list.giveUpAll()
  assert.deepEqual(changes, [1, 1, -1, 1, -1, -1])
})
