import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createEngine } from '../../core/engine.ts'
import { systemRandom } from '../../core/system.ts'
import type { WatchEvent } from '../../protocols/native/schemas/watch.ts'
import { fakeClock, memoryStore } from '../../testing/index.ts'
import { WatchHub } from './hub.ts'
import { QueueReadings } from './readings.ts'

const account = 'default'

const begin = (t: TestContext) => {
  const clock = fakeClock()
  const engine = createEngine({ store: memoryStore(), clock, random: systemRandom() })
  const readings = new QueueReadings({
    engine,
    clock,
    listAccounts: async () => ({ accounts: [{ name: account } as never], next: null }),
  })
  const faults: unknown[] = []
  const hub = new WatchHub({
    engine,
    clock,
    readings,
    push: { list: () => [] },
    process: 'one',
    onError: (error) => faults.push(error),
  })
  t.after(async () => {
    hub.stop()
    await engine.stop()
    assert.deepEqual(faults, [])
  })
  return { clock, engine, hub }
}

const send = (engine: ReturnType<typeof createEngine>, queue: string) =>
  engine.send({
    account,
    queue,
    messages: [{ body: new Uint8Array([49]), contentType: 'application/json', attributes: null }],
  })

const turns = async (condition: () => boolean) => {
  for (let turn = 0; turn < 10_000 && !condition(); turn++) await new Promise(setImmediate)
  assert.ok(condition())
}

/** Somebody who watches; `news` waits until it has been told as many events as that. */
const watch = (hub: WatchHub, how: Partial<Parameters<WatchHub['watch']>[0]> = {}) => {
  const events: WatchEvent[] = []
  const leaving = new AbortController()
  const gone = hub.watch({
    account,
    everyAccount: false,
    mayWatch: (queue) => queue !== 'hidden',
    messages: undefined,
    since: undefined,
    signal: leaving.signal,
    isBusy: () => false,
    tell: (event) => events.push(event),
    ...how,
  })
  return {
    events,
    news: async (many: number) => {
      await turns(() => events.length >= many)
      return events[many - 1] as WatchEvent
    },
    leave: async () => {
      leaving.abort()
      await gone
    },
  }
}

test('whoever comes back is told what has changed since, unless the process is another', async (t) => {
  const { clock, engine, hub } = begin(t)
  for (const queue of ['a', 'b', 'c']) await send(engine, queue)
  const first = watch(hub)
  const { cursor } = await first.news(1)
  await first.leave()

  await send(engine, 'b')
  await engine.deleteQueue({ account, queue: 'c' })
  clock.advance(1000)
  const back = watch(hub, { since: cursor })
  const { whole, queues, removed } = await back.news(1)
  assert.deepEqual([whole, queues.map(({ name }) => name), removed], [false, ['b'], [{ account, name: 'c' }]])
  await back.leave()

  const stranger = watch(hub, { since: 'another.1' })
  const anew = await stranger.news(1)
  assert.deepEqual([anew.whole, anew.queues.map(({ name }) => name)], [true, ['a', 'b']])
  await stranger.leave()
})

test('messages that are followed are told of at once, between two looks at the queues', async (t) => {
  const { clock, engine, hub } = begin(t)
  await send(engine, 'a')
  const tail = watch(hub, { messages: { queue: 'a', ids: [], tail: true } })
  await tail.news(1)
  const [sent] = await send(engine, 'a')
  hub.note(account, 'b')
  hub.note(account, 'a')
  clock.advance(200)
  const event = await tail.news(2)
  assert.deepEqual([event.sent.map(({ id }) => id), event.queues, event.at], [[sent?.id], [], tail.events[0]?.at])

  // More than a tail shows: it stays at the end.
  for (let burst = 0; burst < 130; burst++) await send(engine, 'a')
  hub.note(account, 'a')
  clock.advance(200)
  const many = await tail.news(3)
  assert.deepEqual([many.sent.length, many.missed], [100, true])
  const [last] = await send(engine, 'a')
  hub.note(account, 'a')
  clock.advance(200)
  assert.deepEqual(
    (await tail.news(4)).sent.map(({ id }) => id),
    [last?.id],
  )
  await tail.leave()
})

test('a tail begins where a search or another tail ended, whatever became of the message there', async (t) => {
  const { clock, engine, hub } = begin(t)
  const tail = (after?: string) =>
    watch(hub, { messages: { queue: 'a', ids: [], tail: true, ...(after === undefined ? {} : { after }) } })
  const ids = ({ sent }: WatchEvent) => sent.map(({ id }) => id)
  await engine.createQueue({ account, queue: 'dead', settings: {} })
  await engine.createQueue({ account, queue: 'a', settings: { deadLetterQueue: 'dead' } })
  const { end } = await engine.searchMessages({ account, queue: 'a' })
  const [first] = await send(engine, 'a')
  const fromSearch = tail(end ?? undefined)
  const told = await fromSearch.news(1)
  assert.deepEqual(ids(told), [first?.id])
  await fromSearch.leave()

  const [lost] = await send(engine, 'a')
  const back = tail(told.end ?? undefined)
  assert.deepEqual(ids(await back.news(1)), [lost?.id])
  const [, moved] = await engine.receive({ account, queue: 'a', maxMessages: 2 })
  const [settled] = await engine.settle({
    account,
    queue: 'a',
    entries: [{ receiptHandle: moved?.receiptHandle ?? '', action: { do: 'dead-letter' } }],
  })
  assert.ok(settled?.ok)

  // As many as are told of at once, and no more.
  for (let burst = 0; burst < 100; burst++) await send(engine, 'a')
  hub.note(account, 'a')
  clock.advance(200)
  const { sent, missed } = await back.news(2)
  assert.deepEqual([sent.length, missed], [100, false])
  await back.leave()
})

test('first everything is told, then what has changed and what is gone', async (t) => {
  const { clock, engine, hub } = begin(t)
  await send(engine, 'a')
  await send(engine, 'b')
  const events: WatchEvent[] = []
  let told = Promise.withResolvers<void>()
  const leaving = new AbortController()
  const watching = hub.watch({
    account,
    everyAccount: false,
    mayWatch: (queue) => queue !== 'hidden',
    messages: { queue: 'a', ids: [], tail: true },
    since: undefined,
    signal: leaving.signal,
    isBusy: () => false,
    tell(event) {
      events.push(event)
      told.resolve()
      told = Promise.withResolvers()
    },
  })
  const next = async () => {
    await new Promise(setImmediate)
    const waiting = told.promise
    clock.advance(1000)
    await waiting
    return events.at(-1)
  }
  while (events.length === 0) await new Promise(setImmediate)
  assert.equal(events[0]?.whole, true)
  assert.deepEqual(
    events[0]?.queues.map(({ name }) => name),
    ['a', 'b'],
  )

  await new Promise(setImmediate)
  const [sent] = await send(engine, 'a')
  await send(engine, 'hidden')
  const changed = await next()
  assert.deepEqual(
    changed?.queues.map(({ name, counts }) => [name, counts.ready]),
    [['a', 2]],
  )
  assert.deepEqual(
    changed?.sent.map(({ id }) => id),
    [sent?.id],
  )
  assert.equal(changed?.whole, false)

  await engine.deleteQueue({ account, queue: 'b' })
  assert.deepEqual((await next())?.removed, [{ account, name: 'b' }])

  leaving.abort()
  await watching
})
