import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import type { PushTargetInput } from '../core/push-target.ts'
import { secretBox } from '../core/secrets.ts'
import { fakeClock, memoryStore } from '../testing/index.ts'
import type { TestEngine, TestEngineOptions } from '../testing/test-engine.ts'
import { account, at, refusal, testEngine, text } from '../testing/test-engine.ts'
import type { Dispatcher, DispatcherOptions } from './dispatcher.ts'
import { startDispatcher } from './dispatcher.ts'
import { broken, FakeService, status, unreachable } from './fake-service.ts'

const second = 1000
const minute = 60 * second
const day = 86_400 * second
const url = 'https://service.example/hook'

interface World extends AsyncDisposable {
  readonly t: TestEngine
  readonly service: FakeService
  readonly dispatcher: Dispatcher
  /** Until nothing goes on any more. */
  idle(): Promise<void>
  advance(ms: number): Promise<void>
  create(queue: string, push?: Partial<PushTargetInput>, more?: object): Promise<void>
}

const world = (options: TestEngineOptions = {}, more: Partial<DispatcherOptions> = {}): World => {
  const t = testEngine(options)
  const service = new FakeService()
  const dispatcher = startDispatcher({
    engine: t.engine,
    clock: t.clock,
    random: () => 0.5,
    caller: async () => service,
    secrets: options.secrets,
    ...more,
  })
  const idle = async () => {
    for (let i = 0; i < 8; i++) await t.idle()
  }
  return {
    t,
    service,
    dispatcher,
    idle,
    async advance(ms) {
      const end = t.clock.now() + ms
      await idle()
      for (let next = t.clock.nextCallAt(); next !== undefined && next <= end; next = t.clock.nextCallAt()) {
        t.clock.advanceTo(next)
        await idle()
      }
      t.clock.advanceTo(end)
      await idle()
    },
    async create(queue, push = {}, settings = {}) {
      await t.create(queue, { push: { url, ...push }, ...settings })
    },
    async [Symbol.asyncDispose]() {
      for (const { answer } of service.open) answer(status(200))
      await dispatcher.stop(0)
      await t[Symbol.asyncDispose]()
    },
  }
}

suite('a queue with a push target', () => {
  test('has its service called for each message, once, with the body as it was sent', async () => {
    await using w = world()
    await w.create('über mich', { headers: { authorization: 'Bearer x' } }, { publicId: '6237ad734625ff4ccdbe6be3' })
    w.service.reply = () => status(200)
    const body = ' {"name" : "Rooby", "big": 12345678901234567890}'
    const sentAt = w.t.clock.now()
    const [id = ''] = await w.t.send(
      'über mich',
      text(body, { contentType: 'application/json; charset=utf-8' }),
      'plain',
    )
    await w.idle()
    assert.deepEqual(w.service.bodies, [body, 'plain'])
    const [call] = w.service.calls
    assert.deepEqual(
      { ...call?.headers },
      {
        'user-agent': 'millrace',
        'content-type': 'application/json; charset=utf-8',
        authorization: 'Bearer x',
        'x-message-id': id,
        'x-queue-id': '6237ad734625ff4ccdbe6be3',
        'x-queue-name': '%C3%BCber%20mich',
        'x-submitted-at': new Date(sentAt).toISOString(),
        'x-attempt': '1',
      },
    )
    assert.equal((await w.t.engine.status({ account, id }))?.ended?.outcome, 'processed')
    assert.deepEqual(await w.t.counts('über mich'), { done: 2 })
  })

  test('shows what is under way as being in work, and keeps what it is told to keep', async () => {
    await using w = world()
    await w.create('q', {}, { keepFinished: 'message' })
    const [id = ''] = await w.t.send('q', 'x')
    await w.idle()
    const running = await w.t.engine.status({ account, id })
    assert.deepEqual(
      [running?.deliveries[0]?.state, running?.deliveries[0]?.holder, running?.deliveries[0]?.firstReceivedAt],
      ['leased', 'push', w.t.clock.now()],
    )
    w.service.open[0]?.answer(status(204))
    await w.idle()
    assert.deepEqual(await w.t.counts('q'), { processed: 1, done: 1 })
  })

  test('calls no more at once than it may, and the next as soon as one is over', async () => {
    await using w = world()
    await w.create('q', { concurrency: 2 })
    await w.t.send('q', 'a', 'b', 'c')
    await w.idle()
    assert.deepEqual(w.service.bodies, ['a', 'b'])
    w.service.open[1]?.answer(status(200))
    await w.idle()
    assert.deepEqual(w.service.bodies, ['a', 'b', 'c'])
  })

  test('calls for messages of a group one after the other, and for those of others meanwhile', async () => {
    await using w = world()
    await w.create('q', { concurrency: 10 }, { ordering: 'grouped' })
    await w.t.send(
      'q',
      text('a1', { messageGroup: 'a' }),
      text('a2', { messageGroup: 'a' }),
      text('b1', { messageGroup: 'b' }),
    )
    await w.idle()
    assert.deepEqual(w.service.bodies, ['a1', 'b1'])
    w.service.open[0]?.answer(status(200))
    await w.idle()
    assert.deepEqual(w.service.bodies, ['a1', 'b1', 'a2'])
  })

  test('delivers at the due time, be it more than 24.8 days away', async () => {
    await using w = world()
    await w.create('q', {}, { retentionMs: null })
    w.service.reply = () => status(200)
    const [id = ''] = await w.t.send('q', text('late', { delayMs: 60 * day }), text('soon', { delayMs: 8 * day }))
    await w.idle()
    w.t.clock.advance(8 * day - 1)
    await w.idle()
    assert.deepEqual(w.service.bodies, [])
    await w.advance(1)
    assert.deepEqual(w.service.bodies, ['soon'])
    w.t.clock.advance(52 * day - 1)
    await w.idle()
    assert.deepEqual(w.service.bodies, ['soon'])
    await w.advance(1)
    assert.deepEqual(w.service.bodies, ['soon', 'late'])
    assert.equal(await w.t.engine.status({ account, id }), null, 'not to be read after seven days')
  })

  test('goes by its rate', async () => {
    await using w = world()
    await w.create('q', { maxPerSecond: 2, concurrency: 100 })
    w.service.reply = () => status(200)
    await w.t.send('q', ...Array.from({ length: 9 }, (_, i) => `${i}`))
    await w.idle()
    assert.equal(w.service.calls.length, 1)
    await w.advance(2 * second)
    assert.equal(w.service.calls.length, 5)
    await w.advance(10 * second)
    assert.equal(w.service.calls.length, 9)
  })

  test('is found again by the next start, changed while it runs, and left alone when it is gone', async () => {
    const store = memoryStore()
    const clock = fakeClock()
    {
      await using before = testEngine({ store, clock })
      await before.create('q', { push: { url } })
      await before.send('q', 'sent while nobody called')
    }
    await using w = world({ store: await store.reopen(), clock })
    w.service.reply = () => status(200)
    await w.idle()
    assert.deepEqual(w.service.bodies, ['sent while nobody called'])
    await w.t.engine.updateQueue({ ...at('q'), settings: { push: { url: 'https://other.example/' } } })
    await w.idle()
    await w.t.send('q', 'to the other')
    await w.idle()
    assert.equal(w.service.calls[1]?.url, 'https://other.example/')
    await w.t.engine.updateQueue({ ...at('q'), settings: { push: null } })
    await w.idle()
    await w.t.send('q', 'stays')
    await w.idle()
    assert.deepEqual([w.service.calls.length, w.dispatcher.list({ account })], [2, []])
  })

  test('is not called while it is paused by hand', async () => {
    await using w = world()
    await w.create('q', {}, { paused: true })
    w.service.reply = () => status(200)
    await w.t.send('q', 'x')
    await w.advance(minute)
    assert.equal(w.service.calls.length, 0)
    await w.t.engine.updateQueue({ ...at('q'), settings: { paused: false } })
    await w.idle()
    assert.equal(w.service.calls.length, 1)
  })
})

suite('a call that fails', () => {
  test('is the end of the message without retries: errored, with what the service said', async () => {
    await using w = world()
    await w.create('q', {}, { history: 'steps' })
    w.service.reply = () => status(500)
    const [id = ''] = await w.t.send('q', 'x')
    await w.idle()
    const ended = await w.t.engine.status({ account, id })
    assert.deepEqual(
      [ended?.ended?.outcome, ended?.ended?.reason, ended?.ended?.failure],
      ['errored', 'answered with status 500', { kind: 'status', status: 500, answer: 'said 500' }],
    )
    const { attempt, status: code, answer, durationMs } = ended?.steps[0]?.detail ?? {}
    assert.deepEqual([ended?.steps[0]?.cause, attempt, code, answer, durationMs], ['push', 1, 500, 'said 500', 0])
  })

  test('of a redirect is no success, and it is not followed', async () => {
    await using w = world()
    await w.create('q')
    w.service.reply = () => status(302)
    const [id = ''] = await w.t.send('q', 'x')
    await w.idle()
    assert.equal((await w.t.engine.status({ account, id }))?.ended?.outcome, 'errored')
    assert.equal(w.service.calls.length, 1)
  })

  test('makes a dead letter where the queue has a place for them', async () => {
    await using w = world()
    await w.t.create('dead')
    await w.create('q', {}, { deadLetterQueue: 'dead' })
    w.service.reply = () => status(400)
    await w.t.send('q', 'x')
    await w.idle()
    const [dead] = await w.t.receive('dead')
    assert.equal(dead?.deadLetterSource?.reason, 'answered with status 400')
  })

  test('is repeated as often as it may be, later each time', async () => {
    await using w = world()
    await w.create('q', { retries: { max: 3, minDelayMs: second, maxDelayMs: 3 * second } })
    const times: number[] = []
    w.service.reply = () => {
      times.push(w.t.clock.now())
      return status(503)
    }
    const [id = ''] = await w.t.send('q', 'x')
    await w.advance(minute)
    assert.deepEqual(w.service.attempts, ['x#1', 'x#2', 'x#3', 'x#4'])
    assert.deepEqual(
      times.slice(1).map((time, i) => time - (times[i] ?? 0)),
      [500, 1000, 1500],
    )
    assert.equal((await w.t.engine.status({ account, id }))?.ended?.outcome, 'errored')
  })

  test('is repeated after the waits given, and shows as in work meanwhile', async () => {
    await using w = world()
    await w.create('q', { retries: { max: 3, delaysMs: [0, 5 * second] } })
    w.service.reply = (_, number) => status(number < 4 ? 500 : 200)
    const [id = ''] = await w.t.send('q', 'x')
    await w.idle()
    assert.equal(w.service.calls.length, 2)
    const waiting = await w.t.engine.status({ account, id })
    assert.deepEqual([waiting?.deliveries[0]?.state, waiting?.ended], ['delayed', null])
    assert.notEqual(waiting?.deliveries[0]?.firstReceivedAt, null)
    await w.advance(10 * second)
    assert.equal((await w.t.engine.status({ account, id }))?.ended?.outcome, 'processed')
  })

  test('waits as long as the service says, within bounds, and leaves it alone meanwhile', async () => {
    await using w = world()
    await w.create('q', { concurrency: 1, retries: { max: 1, minDelayMs: 0 } })
    w.service.reply = (_, number) => (number === 1 ? status(429, '30') : status(200))
    await w.t.send('q', 'a', 'b')
    await w.advance(29 * second)
    assert.deepEqual(w.service.bodies, ['a'])
    await w.advance(second)
    assert.deepEqual(w.service.attempts.toSorted(), ['a#1', 'a#2', 'b#1'])
  })

  test('takes no longer than it may', async () => {
    await using w = world()
    await w.create('q', { timeoutMs: 5 * second })
    const [id = ''] = await w.t.send('q', 'x')
    await w.advance(5 * second)
    const { ended } = (await w.t.engine.status({ account, id })) ?? {}
    assert.deepEqual(
      [ended?.failure, ended?.reason, ended?.at],
      [{ kind: 'timeout' }, 'no complete answer within 5000 ms', w.t.clock.now()],
    )
    assert.equal(w.service.open[0]?.call.signal.aborted, true)
  })
})

suite('a service that cannot be reached', () => {
  const dead = { concurrency: 1, retries: null }

  test('is paused after some calls; the other messages wait without having been tried', async () => {
    await using w = world()
    await w.create('q', dead)
    w.service.reply = () => unreachable
    const ids = await w.t.send('q', ...Array.from({ length: 8 }, (_, i) => `${i}`))
    await w.idle()
    assert.equal(w.service.calls.length, 5)
    const [health] = w.dispatcher.list({ account, queue: 'q' })
    assert.deepEqual([health?.state, health?.pausedUntil], ['paused', w.t.clock.now() + second])
    assert.deepEqual(await w.t.counts('q'), { ready: 3, done: 5 })
    await w.advance(2 * minute)
    const tried = w.service.calls.length
    assert.ok(tried > 6 && tried < 15, `${tried} calls`)
    w.service.reply = () => status(200)
    await w.advance(2 * minute)
    assert.deepEqual(await w.t.counts('q'), { done: 8 })
    const outcomes = await Promise.all(
      ids.map(async (id) => (await w.t.engine.status({ account, id }))?.ended?.outcome),
    )
    assert.deepEqual(outcomes, [...Array(5).fill('errored'), ...Array(3).fill('processed')])
    assert.equal(w.service.attempts.at(-1)?.endsWith('#1'), true)
    assert.equal(w.dispatcher.list({ account })[0]?.state, 'healthy')
  })

  test('is tried at once when somebody says so', async () => {
    await using w = world()
    await w.create('q', dead)
    w.service.reply = () => unreachable
    await w.t.send('q', ...Array.from({ length: 7 }, (_, i) => `${i}`))
    await w.advance(minute)
    w.service.reply = () => status(200)
    const before = w.service.calls.length
    assert.equal(w.dispatcher.resume({ account, queue: 'q' }), true)
    await w.idle()
    assert.equal(w.service.calls.length, before + 2)
    assert.equal(w.dispatcher.resume({ account, queue: 'other' }), false)
  })

  test('does not take down with it the calls that were under way', async () => {
    await using w = world()
    await w.create('q', { concurrency: 100 })
    await w.t.send('q', ...Array.from({ length: 100 }, (_, i) => `${i}`))
    await w.idle()
    for (const { answer } of w.service.open) answer(unreachable)
    await w.idle()
    assert.deepEqual(await w.t.counts('q'), { ready: 95, done: 5 })
  })

  test('is one that breaks connections, too; but what may have come to it counts', async () => {
    await using w = world()
    await w.create('q', dead)
    w.service.reply = () => broken
    await w.t.send('q', ...Array.from({ length: 7 }, (_, i) => `${i}`))
    await w.advance(second)
    assert.deepEqual(await w.t.counts('q'), { ready: 1, done: 6 })
  })

  test('is not one that answers, whatever it says', async () => {
    await using w = world()
    await w.create('q', dead)
    w.service.reply = () => status(500)
    await w.t.send('q', ...Array.from({ length: 50 }, (_, i) => `${i}`))
    await w.idle()
    assert.equal(w.service.calls.length, 50)
    assert.equal(w.dispatcher.list({ account })[0]?.state, 'failing')
  })
})

suite('subscribers', () => {
  test('with targets are each called for what is sent, whatever becomes of it in the queue', async () => {
    await using w = world()
    await w.t.create('q')
    for (const group of ['one', 'two']) {
      const push = {
        url: `https://${group}.example/`,
        retries: { max: 1, minDelayMs: 10 * second, maxDelayMs: 10 * second },
      }
      await w.t.engine.createGroup({ ...at('q'), group, subscription: { push } })
    }
    w.service.reply = ({ url }, number) => status(url.includes('two') && number < 3 ? 500 : 200)
    await w.t.send('q', 'x')
    await w.idle()
    assert.deepEqual(w.service.calls.map((call) => call.url).toSorted(), [
      'https://one.example/',
      'https://two.example/',
    ])
    const [message] = await w.t.receive('q')
    assert.ok(message)
    await w.t.settle(message, { do: 'delete' })
    await w.advance(10 * second)
    assert.deepEqual([w.service.calls.length, w.service.bodies.at(-1)], [3, 'x'])
    assert.equal(w.t.store.stats().gauges.messages, 0)
  })

  test('have a form of their own, which says what counts as taken', async () => {
    const forms = {
      notification: {
        request: ({ queue }: { queue: string }) => ({
          body: Buffer.from(`about ${queue}`),
          headers: { 'x-form': 'yes' },
        }),
        accepts: (code: number) => code < 500,
      },
    }
    await using w = world({}, { forms })
    await w.t.create('q')
    const push = { url, form: 'notification' }
    await w.t.engine.createGroup({ ...at('q'), group: 's', subscription: { push } })
    w.service.reply = () => status(404)
    await w.t.send('q', 'x')
    await w.idle()
    assert.deepEqual([w.service.bodies, w.service.calls[0]?.headers['x-form']], [['about q'], 'yes'])
    assert.deepEqual(await w.t.counts('q', 's'), { done: 1 })
    assert.equal(w.dispatcher.list({ account })[0]?.failures, 0)
  })
})

suite('signatures', () => {
  const key = (fill: number) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`
  const secrets = secretBox(
    () => new Uint8Array(32).fill(7),
    (count) => Buffer.alloc(count, 3),
  )

  test('are those of Standard Webhooks, one for each secret; the secrets are kept and shown sealed', async () => {
    // The library that verifies looks at the machine's clock.
    await using w = world({ secrets, clock: fakeClock(Date.now()) })
    await w.create('q', { signingSecrets: [key(1), key(2)] })
    w.service.reply = () => status(200)
    await w.t.send('q', '{"ü":1}')
    await w.idle()
    const [call] = w.service.calls
    assert.ok(call)
    for (const fill of [1, 2]) {
      assert.deepEqual(new Webhook(key(fill)).verify('{"ü":1}', { ...call.headers }), { ü: 1 })
    }
    assert.throws(() => new Webhook(key(3)).verify('{"ü":1}', { ...call.headers }))
    assert.throws(() => new Webhook(key(1)).verify('{"ü":2}', { ...call.headers }))
    const { push } = (await w.t.engine.getQueue(at('q'))).settings
    assert.equal(
      push?.signingSecrets.every((secret) => secret.startsWith('sealed:')),
      true,
    )
    assert.ok(!JSON.stringify(await w.t.engine.listDocuments({ collection: 'push-target', limit: 9 })).includes(key(1)))
  })

  test('go on when settings are written back as they were shown, and change with a secret', async () => {
    await using w = world({ secrets, clock: fakeClock(Date.now()) })
    await w.create('q', { signingSecrets: [key(1)] })
    const { push } = (await w.t.engine.getQueue(at('q'))).settings
    assert.ok(push)
    await w.t.engine.updateQueue({ ...at('q'), settings: { push } })
    const signingSecrets = [...push.signingSecrets, key(2)]
    await w.t.engine.updateQueue({ ...at('q'), settings: { push: { ...push, signingSecrets } } })
    await w.t.engine.createQueue({
      ...at('q'),
      settings: { push: { url, signingSecrets: [key(1), key(2)] } },
      ifExists: 'match',
    })
    w.service.reply = () => status(200)
    await w.t.send('q', '{}')
    await w.idle()
    for (const fill of [1, 2])
      new Webhook(key(fill)).verify('{}', { ...w.service.calls[0]?.headers } as Record<string, string>)
    const foreign = { url, signingSecrets: [`sealed:${secrets.seal(key(1), 'push target of somebody else')}`] }
    await assert.rejects(w.t.engine.updateQueue({ ...at('q'), settings: { push: foreign } }), refusal('SettingInvalid'))
  })

  test('that cannot be made stop the calls, and say so', async () => {
    const store = memoryStore()
    const clock = fakeClock()
    {
      await using before = testEngine({ store, clock, secrets })
      await before.create('q', { push: { url, signingSecrets: [key(1)] } })
      await before.send('q', 'x')
    }
    await using w = world({ store: await store.reopen(), clock })
    await w.idle()
    const [health] = w.dispatcher.list({ account })
    assert.deepEqual([w.service.calls.length, health?.state], [0, 'paused'])
    assert.match(health?.lastError?.reason ?? '', /sealed with another server key/)
  })
})

suite('more than one at a time', () => {
  test('share the work of one store, and each message is called for once', async () => {
    const store = memoryStore()
    const clock = fakeClock()
    await using one = world({ store, clock })
    await using two = world({ store, clock }, { lookEveryMs: second })
    await one.create('q', { concurrency: 5 })
    await two.advance(second)
    await one.t.send('q', ...Array.from({ length: 20 }, (_, i) => `${i}`))
    // Each node is woken by what it commits itself; over a shared store hints do that.
    await two.t.send('q', 'last')
    await one.idle()
    await two.idle()
    for (let i = 0; i < 8; i++) {
      for (const { service } of [one, two]) for (const { answer } of service.open) answer(status(200))
      await one.idle()
      await two.idle()
    }
    const bodies = [...one.service.bodies, ...two.service.bodies]
    assert.deepEqual([bodies.length, new Set(bodies).size], [21, 21])
    assert.ok(two.service.bodies.length > 0)
  })
})

suite('an end', () => {
  test('waits for calls under way, and takes no more', async () => {
    await using w = world()
    await w.create('q', { concurrency: 1 })
    await w.t.send('q', 'a', 'b')
    await w.idle()
    const stopping = w.dispatcher.stop(minute)
    assert.equal(await w.t.isWaiting(stopping), true)
    w.service.open[0]?.answer(status(200))
    await stopping
    assert.deepEqual([w.service.bodies, w.service.closed], [['a'], true])
    assert.deepEqual(await w.t.counts('q'), { ready: 1, done: 1 })
  })

  test('hands back what takes too long, to be run again', async () => {
    await using w = world()
    await w.create('q')
    await w.t.send('q', 'a')
    await w.idle()
    const stopping = w.dispatcher.stop(5 * second)
    await w.advance(5 * second)
    await stopping
    assert.deepEqual(await w.t.counts('q'), { ready: 1 })
    const [again] = await w.t.receive('q')
    assert.equal(again?.receiveCount, 2)
  })

  test('that nobody saw coming leaves messages to be run again when their leases end', async () => {
    const store = memoryStore()
    const clock = fakeClock()
    const before = world({ store, clock })
    await before.create('q', { timeoutMs: 10 * second })
    const [id = ''] = await before.t.send('q', 'x')
    await before.idle()
    assert.equal(before.service.calls.length, 1)
    // As a process that is killed: nothing of it goes on.
    await using w = world({ store: await store.reopen(), clock })
    w.service.reply = () => status(200)
    await w.advance(41 * second)
    assert.deepEqual(w.service.attempts, ['x#2'])
    assert.equal((await w.t.engine.status({ account, id }))?.ended?.outcome, 'processed')
  })
})

test('settings of a target that cannot be are refused with their place', async () => {
  await using t = testEngine()
  const cases: [object, string][] = [
    [{ url: 'ftp://x' }, 'push.url'],
    [{ url: 'https://user:secret@x/' }, 'push.url'],
    [{ url: 'nonsense' }, 'push.url'],
    [{ url, concurrency: 0 }, 'push.concurrency'],
    [{ url, timeoutMs: 1.5 }, 'push.timeoutMs'],
    [{ url, maxPerSecond: 0 }, 'push.maxPerSecond'],
    [{ url, retries: { max: -1 } }, 'push.retries.max'],
    [{ url, retries: { max: 1, minDelayMs: 5, maxDelayMs: 1 } }, 'push.retries.maxDelayMs'],
    [{ url, retries: { max: 1, delaysMs: [] } }, 'push.retries.delaysMs'],
    [{ url, headers: { 'x-ok': 'a\r\nx-bad: b' } }, 'push.headers.x-ok'],
    [{ url, headers: { Host: 'x' } }, 'push.headers.Host'],
    [{ url, headers: { 'X-Message-Id': 'x' } }, 'push.headers.X-Message-Id'],
    [{ url, signingSecrets: ['short'] }, 'push.signingSecrets'],
    [{ url, signingSecrets: [`whsec_${Buffer.alloc(24).toString('base64')}`] }, 'push.signingSecrets'],
    [{ url, colour: 'red' }, 'push.colour'],
  ]
  for (const [push, setting] of cases) {
    await assert.rejects(
      t.create('q', { push: push as never }),
      refusal('SettingInvalid', { setting }),
      JSON.stringify(push),
    )
  }
  await assert.rejects(t.create('q', { push: { url }, consumerGroups: true }), refusal('SettingInvalid'))
})
