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
