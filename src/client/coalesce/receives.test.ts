import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime, settle } from '../../../test/client/fakes.ts'
import { isMillraceError, MillraceError } from '../error.ts'
import { Receives } from './receives.ts'

interface Asked {
  readonly max: number
  readonly waitMs: number
  readonly signal: AbortSignal
  answer(...messages: string[]): void
  fail(error: unknown): void
}

const setUp = () => {
  const runtime = fakeRuntime()
  const polls: Asked[] = []
  const back: string[] = []
  const receives = new Receives<string>(
    (max, waitMs, signal) =>
      new Promise((resolve, reject) => {
        polls.push({ max, waitMs, signal, answer: (...messages) => resolve(messages), fail: reject })
        signal.addEventListener('abort', () => reject(new MillraceError('Aborted', 'aborted')))
      }),
    (messages) => back.push(...messages),
    runtime,
  )
  const receive = (want: number, waitMs: number, signal?: AbortSignal) => receives.receive(want, waitMs, signal)
  return { clock: runtime.clock, polls, back, receives, receive }
}

test('one poll asks for all who wait, and serves them in turn', async () => {
  const { receive, polls } = setUp()
  const waiting = [receive(2, 1000), receive(1, 5000), receive(3, 1000)]
  await settle()
  assert.equal(polls.length, 1)
  assert.deepEqual([polls[0]?.max, polls[0]?.waitMs], [6, 1000])
  polls[0]?.answer('a', 'b', 'c', 'd')
  assert.deepEqual(await Promise.all(waiting), [['a', 'b'], ['c'], ['d']])
})

test('who was not served waits on, with those who have come since', async () => {
  const { receive, polls } = setUp()
  const first = receive(1, 1000)
  const second = receive(1, 1000)
  await settle()
  const third = receive(2, 1000)
  await settle()
  assert.equal(polls.length, 1)
  polls[0]?.answer('a')
  assert.deepEqual(await first, ['a'])
  await settle()
  assert.equal(polls[1]?.max, 3)
  polls[1]?.answer('b', 'c')
  assert.deepEqual([await second, await third], [['b'], ['c']])
})

test('when the wait is over, those who wanted to wait no longer get nothing', async () => {
  const { receive, polls, clock } = setUp()
  const short = receive(1, 1000)
  const long = receive(1, 3000)
  await settle()
  clock.advance(1000)
  polls[0]?.answer()
  assert.deepEqual(await short, [])
  await settle()
  assert.equal(polls[1]?.waitMs, 2000)
  polls[1]?.answer('a')
  assert.deepEqual(await long, ['a'])
})

test('a server that does not wait sends everybody away whom it was asked for', async () => {
  const { receive, polls } = setUp()
  const asked = [receive(1, 1000), receive(1, 600_000)]
  await settle()
  const later = receive(1, 1000)
  polls[0]?.answer()
  assert.deepEqual(await Promise.all(asked), [[], []])
  await settle()
  polls[1]?.answer('a')
  assert.deepEqual(await later, ['a'])
})

test('who comes during a longer poll does not wait longer than wanted', async () => {
  const { receive, polls, clock } = setUp()
  const long = receive(1, 30_000)
  await settle()
  const short = receive(1, 1000)
  clock.advance(1000)
  assert.deepEqual(await short, [])
  assert.equal(polls[0]?.signal.aborted, false)
  polls[0]?.answer('a')
  assert.deepEqual(await long, ['a'])
})

test('with nobody left to wait the poll is given up', async () => {
  const { receive, polls } = setUp()
  const [one, two] = [new AbortController(), new AbortController()]
  const refused = Promise.allSettled([receive(1, 1000, one.signal), receive(1, 1000, two.signal)])
  await settle()
  one.abort()
  assert.equal(polls[0]?.signal.aborted, false)
  two.abort()
  assert.equal(polls[0]?.signal.aborted, true)
  for (const result of await refused) {
    assert.ok(result.status === 'rejected' && isMillraceError(result.reason, 'Aborted'))
  }
  const next = receive(1, 1000)
  await settle()
  polls[1]?.answer('a')
  assert.deepEqual(await next, ['a'])
})

test('messages that came for somebody who has gone are given back', async () => {
  const { receive, polls, back } = setUp()
  const controller = new AbortController()
  const gone = receive(2, 1000, controller.signal)
  const stays = receive(1, 1000)
  await settle()
  controller.abort()
  await assert.rejects(gone)
  polls[0]?.answer('a', 'b', 'c')
  assert.deepEqual(await stays, ['a'])
  assert.deepEqual(back, ['b', 'c'])
})

test('an error is for those whom the poll was made for', async () => {
  const { receive, polls } = setUp()
  const first = receive(1, 1000)
  await settle()
  const second = receive(1, 1000)
  polls[0]?.fail(new MillraceError('Network', 'gone'))
  await assert.rejects(first, (error) => isMillraceError(error, 'Network'))
  await settle()
  polls[1]?.answer('a')
  assert.deepEqual(await second, ['a'])
})

test('closing sends everybody away with nothing', async () => {
  const { receive, polls, receives } = setUp()
  const waiting = [receive(1, 1000), receive(1, 1000)]
  await settle()
  receives.close()
  assert.deepEqual(await Promise.all(waiting), [[], []])
  assert.equal(polls[0]?.signal.aborted, true)
  await assert.rejects(receive(1, 1000), (error) => isMillraceError(error, 'Closed'))
})
