import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { minute, second, secrets, url, world } from '../../test/push/world.ts'
import { fakeClock, memoryStore } from '../testing/index.ts'
import { account, at, testEngine, text } from '../testing/test-engine.ts'
import { FakeService, status } from './fake-service.ts'

const day = 86_400 * second

suite('a queue with a push target', () => {
  test('has its service called for each message, once, with the body as it was sent', async () => {
    await using w = world({ secrets })
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

  test('waits while no calls can be made at all, and goes on when they can', async () => {
    const service = new FakeService()
    service.reply = () => status(200)
    let missing = true
    const caller = async () => {
      if (missing) throw new Error('a file is missing')
      return service
    }
    await using w = world({}, { caller })
    await w.create('q', { retries: { max: 10, minDelayMs: second, maxDelayMs: second } })
    await w.t.send('q', 'x')
    await w.advance(minute)
    const [health] = w.dispatcher.list({ account })
    assert.deepEqual([health?.state, health?.lastError?.reason], ['paused', 'calls cannot be made: a file is missing'])
    missing = false
    await w.advance(5 * minute)
    assert.deepEqual(service.bodies, ['x'])
    assert.deepEqual(await w.t.counts('q'), { done: 1 })
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
