import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { WatchEvent, WatchedMessage, WatchRequest } from '../../client/index.ts'
import { LiveStore } from './live-store.ts'

const event = (sent: readonly string[] = []): WatchEvent => ({
  at: 1,
  cursor: 'c1',
  whole: true,
  more: false,
  queues: [],
  removed: [],
  messages: [],
  gone: [],
  sent: sent.map((id) => ({ id }) as WatchedMessage),
  missed: false,
  end: null,
})

/** A connection, whose events come by hand. */
class Connection {
  readonly request: WatchRequest
  readonly #events: WatchEvent[] = []
  #wake = Promise.withResolvers<void>()

  constructor(request: WatchRequest) {
    this.request = request
  }
  say(event: WatchEvent): void {
    this.#events.push(event)
    this.#wake.resolve()
  }
  async *events(signal: AbortSignal): AsyncGenerator<WatchEvent> {
    signal.addEventListener('abort', () => this.#wake.resolve())
    while (!signal.aborted) {
      yield* this.#events.splice(0)
      await this.#wake.promise
      this.#wake = Promise.withResolvers()
    }
    throw signal.reason
  }
}

const begin = (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const connections: Connection[] = []
  const store = new LiveStore({
    account: 'default',
    admin: true,
    watch(_account, request, signal) {
      const connection = new Connection(request)
      connections.push(connection)
      return connection.events(signal)
    },
    onSignedOut: () => assert.fail('nobody was signed out'),
  })
  t.after(() => store.stop())
  /** What was said by then has been heard. */
  const pass = async (ms: number) => {
    t.mock.timers.tick(ms)
    for (let turns = 0; turns < 5; turns++) await turn()
  }
  const follow = (queue: string) => {
    const ids: string[] = []
    const subject = { account: 'default', queue, ids: [], tail: true }
    const leave = store.follow(subject, ({ sent }) => ids.push(...sent.map(({ id }) => id)))
    return { ids, leave }
  }
  return { store, connections, pass, follow }
}

test('messages of one queue are not told to whoever follows another by then', async (t) => {
  const { store, connections, pass, follow } = begin(t)
  store.start()
  const apples = follow('apples')
  await pass(100)
  connections.at(-1)?.say(event(['apple']))
  await pass(0)
  assert.deepEqual(apples.ids, ['apple'])

  apples.leave()
  const pears = follow('pears')
  connections.at(-1)?.say(event(['late apple']))
  await pass(0)
  assert.deepEqual([apples.ids, pears.ids], [['apple'], []])
  await pass(100)
  assert.equal(connections.at(-1)?.request.messages?.queue, 'pears')
  connections.at(-1)?.say(event(['pear']))
  await pass(0)
  assert.deepEqual([apples.ids, pears.ids], [['apple'], ['pear']])
})

test('a tail goes on over another connection where it was, and begins where it is told to', async (t) => {
  const { store, connections, pass } = begin(t)
  store.start()
  const subject = { account: 'default', queue: 'apples', ids: [], tail: true, after: 'p1' }
  store.follow(subject, () => {})
  await pass(100)
  const asked = () => connections.at(-1)?.request.messages?.after
  assert.equal(asked(), 'p1')
  connections.at(-1)?.say({ ...event(), end: 'p7' })
  connections.at(-1)?.say(event())
  await pass(0)
  await pass(12_000)
  await pass(5000)
  assert.equal(asked(), 'p7')
  store.follow(subject, () => {})
  await pass(100)
  assert.equal(asked(), 'p1')
})

test('a connection that falls silent is followed by another, which goes on where it was', async (t) => {
  const { store, connections, pass } = begin(t)
  store.start()
  await pass(0)
  connections[0]?.say(event())
  await pass(0)
  assert.ok(store.read().connected)
  await pass(12_000)
  assert.ok(!store.read().connected)
  await pass(5000)
  assert.equal(connections.length, 2)
  assert.equal(connections[1]?.request.since, 'c1')
  connections[1]?.say(event())
  await pass(0)
  assert.ok(store.read().connected)
})
