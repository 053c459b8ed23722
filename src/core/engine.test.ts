import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultyStore, memoryStore } from '../testing/index.ts'
import type { TestEngine } from '../testing/test-engine.ts'
import { at, bodies, deleteEntries, refusal, testEngine, text } from '../testing/test-engine.ts'
import { isRefusal, Refusal } from './errors.ts'
import type { ReceivedMessage } from './requests.ts'

const wait = { waitMs: 20_000 }

test('a receive answers at once with what is there, without filling up', async () => {
  await using t = testEngine()
  await t.send('q', '1', '2')
  assert.deepEqual(bodies(await t.receive('q', { ...wait, maxMessages: 10 })), ['1', '2'])
})

test('a receive without a message waits as long as it asked for, and then answers with nothing', async () => {
  await using t = testEngine()
  const receiving = t.receive('q', { waitMs: 1_000 })
  await t.advance(999)
  assert.ok(await t.isWaiting(receiving))
  await t.advance(1)
  assert.deepEqual(await receiving, [])
})

test('a receive that does not say how long waits as long as its queue says', async () => {
  await using t = testEngine()
  await t.create('q', { receiveWaitMs: 300 })
  const receiving = t.engine.receive(at('q'))
  const impatient = t.engine.receive({ ...at('q'), waitMs: 0 })
  assert.deepEqual(await impatient, [])
  await t.advance(299)
  assert.ok(await t.isWaiting(receiving))
  await t.advance(1)
  assert.deepEqual(await receiving, [])
})

test('how long a receive waits is checked', async () => {
  await using t = testEngine()
  for (const waitMs of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    await assert.rejects(t.receive('q', { waitMs }), refusal('ArgumentInvalid', { argument: 'waitMs' }))
    await assert.rejects(t.engine.pop({ ...at('q'), waitMs }), refusal('ArgumentInvalid', { argument: 'waitMs' }))
  }
  const receiving = t.receive('q', { waitMs: 3_600_000 })
  await t.advance(600_000)
  assert.deepEqual(await receiving, [], 'nobody waits longer than the limit')
})

test('a receive that waits is answered the moment something becomes visible from whatever cause', async () => {
  /** What happens before the receive begins to wait gives what happens then. */
  const causes: Record<string, (t: TestEngine, held: ReceivedMessage) => Promise<() => Promise<unknown>>> = {
    'a send': async (t) => () => t.send('q', 'x'),
    'the end of a delay': async (t) => {
      await t.send('q', text('x', { delayMs: 700 }))
      return () => t.advance(700)
    },
    'the end of a lease': async (t) => () => t.advance(5_000),
    'a release': async (t, held) => () => t.settle(held, { do: 'release' }),
    'a release after a while': async (t, held) => async () => {
      await t.settle(held, { do: 'release', delayMs: 200 })
      await t.advance(200)
    },
    'a lease shortened to nothing': async (t, held) => () => t.settle(held, { do: 'extend', visibilityTimeoutMs: 0 }),
    'a reprocess that falls due': async (t, held) => async () => {
      await t.settle(held, { do: 'reprocess', delayMs: 300 })
      await t.advance(300)
    },
    'a claim released': async (t, held) => {
      await t.settle(held, { do: 'release' })
      const view = await t.engine.claim({ ...at('q'), maxMessages: 1, ttlMs: 60_000, graceMs: 0 })
      return () => t.engine.releaseClaim({ ...at('q'), claim: view?.id ?? '' })
    },
    'the end of a claim': async (t, held) => {
      await t.settle(held, { do: 'release' })
      await t.engine.claim({ ...at('q'), maxMessages: 1, ttlMs: 2_000, graceMs: 0 })
      return () => t.advance(2_000)
    },
    'a dead letter': async (t) => {
      await t.create('source', { deadLetterQueue: 'q' })
      await t.send('source', 'x')
      const [message] = await t.receive('source')
      return () => t.settle(message!, { do: 'dead-letter' })
    },
    'a dead letter by itself': async (t) => {
      await t.send('source', text('x', { receiveLimit: 1, deadLetterQueue: 'q' }))
      await t.receive('source', { visibilityTimeoutMs: 400 })
      return () => t.advance(400)
    },
    'a redrive': async (t) => {
      await t.send('elsewhere', 'x')
      return () => t.engine.startRedrive({ ...at('elsewhere'), to: 'q' })
    },
    'the end of a pause': async (t) => {
      await t.engine.updateQueue({ ...at('q'), settings: { paused: true } })
      await t.send('q', 'x')
      return () => t.engine.updateQueue({ ...at('q'), settings: { paused: false } })
    },
  }
  for (const [cause, prepare] of Object.entries(causes)) {
    await using t = testEngine()
    await t.create('q')
    await t.send('q', 'held')
    const [held] = await t.receive('q', { visibilityTimeoutMs: 5_000 })
    const happen = await prepare(t, held!)
    const receiving = t.receive('q', wait)
    assert.ok(await t.isWaiting(receiving), `waits for ${cause}`)
    await happen()
    assert.equal(await t.isWaiting(receiving), false, `is answered at ${cause}`)
    assert.equal((await receiving).length, 1, cause)
  }
})

test('a receive may wait for a queue that is not there yet', async () => {
  await using t = testEngine()
  const receiving = t.receive('later', { ...wait, maxMessages: 1 })
  const popping = t.engine.pop({ ...at('later'), ...wait })
  await t.idle()
  await t.create('later')
  assert.ok(await t.isWaiting(receiving))
  await t.send('later', '1', '2')
  assert.deepEqual(bodies([...(await receiving), ...(await popping)]), ['1', '2'])
  await assert.rejects(
    t.receive('never', { ...wait, ifMissing: 'refuse' }),
    refusal('QueueNotFound', { queue: 'never' }),
  )
})

test('the end of its queue ends the wait of a receive that insists on one', async () => {
  await using t = testEngine()
  await t.create('q')
  const insisting = t.receive('q', { ...wait, ifMissing: 'refuse' })
  const patient = t.receive('q', wait)
  await t.idle()
  await t.engine.deleteQueue(at('q'))
  await assert.rejects(insisting, refusal('QueueNotFound'))
  assert.ok(await t.isWaiting(patient))
  await t.send('q', 'x')
  assert.deepEqual(bodies(await patient), ['x'])
})

test('those who wait are served in the order in which they came, each message to one', async () => {
  await using t = testEngine()
  const order: string[] = []
  const waiters = ['a', 'b', 'c', 'd'].map(async (name) => {
    const received = await t.receive('q', { ...wait, maxMessages: 1 })
    order.push(`${name}${bodies(received).join('')}`)
  })
  await t.idle()
  await t.send('q', '1')
  await t.idle()
  await t.send('q', '2', '3')
  await t.idle()
  await t.send('q', '4')
  await Promise.all(waiters)
  assert.deepEqual(order, ['a1', 'b2', 'c3', 'd4'])
})

test('whoever has waited comes before a receive that arrives with the message', async () => {
  await using t = testEngine()
  const waited = t.receive('q', wait)
  await t.idle()
  const sending = t.send('q', '1')
  await sending
  const late = t.receive('q')
  assert.deepEqual([bodies(await waited), bodies(await late)], [['1'], []])
})

test('many waiting receives share many messages, one each, whatever the batches', async () => {
  await using t = testEngine()
  const received: Promise<readonly ReceivedMessage[]>[] = []
  for (let i = 0; i < 60; i++) received.push(t.receive('q', { ...wait, maxMessages: 1000 - (i % 3) }))
  await t.idle()
  for (let i = 0; i < 60; i++) {
    void t.send('q', `m${i}`)
    if (i % 7 === 0) await t.idle()
  }
  await t.idle()
  await t.advance(20_000)
  const all = (await Promise.all(received)).flatMap(bodies)
  assert.equal(all.length, 60)
  assert.equal(new Set(all).size, 60)
})

test('an aborted receive takes nothing, at whatever moment', async () => {
  await using t = testEngine()
  const before = AbortSignal.abort()
  await t.send('q', 'x')
  assert.deepEqual(await t.receive('q', { signal: before }), [])
  assert.deepEqual(await t.engine.pop({ ...at('q'), signal: before }), [])

  const during = new AbortController()
  const receiving = t.receive('q', { signal: during.signal })
  during.abort()
  assert.deepEqual(await receiving, [])
  assert.deepEqual(await t.counts('q'), { ready: 1 })
  const [message] = await t.receive('q', { maxMessages: 1 })
  assert.equal(message?.receiveCount, 1, 'nothing was counted')
})

test('an abort ends the wait at once, and the message goes to the next', async () => {
  await using t = testEngine()
  const going = new AbortController()
  const first = t.receive('q', { ...wait, signal: going.signal })
  await t.idle()
  const second = t.receive('q', wait)
  await t.idle()
  const sending = t.send('q', 'x')
  // The first has been woken and is about to look.
  going.abort()
  await sending
  assert.deepEqual(await first, [])
  assert.deepEqual(bodies(await second), ['x'])
})

/** A store whose next commit, where a test says so, is done but not answered until the test lets it. */
const slowStore = (concurrentTransactions = 1) => {
  const inner = memoryStore()
  let hold = false
  let release = () => {}
  const store = {
    ...inner,
    concurrentTransactions,
    transact: async (units: Parameters<typeof inner.transact>[0]) => {
      await inner.transact(units)
      if (!hold) return
      hold = false
      await new Promise<void>((resolve) => {
        release = resolve
      })
    },
  }
  return {
    store,
    holdNext: () => {
      hold = true
    },
    release: () => release(),
  }
}

test('an abort while the answer is on its way gives the messages back as if never received', async () => {
  const { store, holdNext, release } = slowStore()
  await using t = testEngine({ store })
  await t.create('q', { receiveLimit: 1 })
  await t.send('q', 'x')
  const going = new AbortController()
  holdNext()
  const receiving = t.receive('q', { signal: going.signal })
  await t.idle()
  going.abort()
  release()
  t.clock.advance(5)
  assert.deepEqual(await receiving, [])
  await t.idle()
  const [message] = await t.receive('q')
  assert.equal(message?.receiveCount, 1)
  assert.equal(message?.firstReceivedAt, t.clock.now())
})

test('what comes while a receive has looked but does not wait yet is not missed', async () => {
  for (const paused of [false, true]) {
    const { store, holdNext, release } = slowStore(2)
    await using t = testEngine({ store })
    await t.create('q', { paused })
    if (paused) await t.send('q', 'x')
    holdNext()
    const receiving = t.receive('q', wait)
    await t.idle()
    if (paused) await t.engine.updateQueue({ ...at('q'), settings: { paused: false } })
    else await t.send('q', 'x')
    release()
    assert.equal(await t.isWaiting(receiving), false, paused ? 'the end of a pause' : 'a send')
    assert.deepEqual(bodies(await receiving), ['x'])
  }
})

test('a wait that ends while its receive is on the way gets what it took', async () => {
  await using t = testEngine()
  const receiving = t.receive('q', { waitMs: 1_000 })
  await t.advance(999)
  await t.send('q', 'x')
  t.clock.advance(1)
  assert.deepEqual(bodies(await receiving), ['x'])
})

test('no more than the limit may wait', async () => {
  await using t = testEngine({ limits: { maxWaiting: 2 } })
  const waiting = [t.receive('q', wait), t.receive('q', wait)]
  await t.idle()
  await assert.rejects(t.receive('q', wait), refusal('TooManyWaiting', { limit: 2 }))
  await t.send('q', 'x')
  assert.deepEqual(bodies((await waiting[0])!), ['x'])
})

test('a verb that is refused spoils none of its neighbours', async () => {
  await using t = testEngine()
  await t.create('q', { maxMessageBytes: 3 })
  const results = await Promise.allSettled([
    t.send('q', 'a'),
    t.send('q', 'ok', 'too long'),
    t.send('q', 'b'),
    t.engine.createGroup({ ...at('q'), group: 'g' }),
    t.engine.settle({ ...at('none'), entries: [{ receiptHandle: 'x', action: { do: 'delete' } }] }),
    t.send('q', 'c'),
  ])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(bodies(await t.receive('q')), ['a', 'b', 'c'])
})

test('a verb that throws fails alone', async () => {
  await using t = testEngine()
  const broken = { ...at('q'), messages: [{ body: new Uint8Array(), attributes: 5 as unknown as string }] }
  const results = await Promise.allSettled([t.send('q', 'a'), t.engine.send(broken), t.send('q', 'b')])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(bodies(await t.receive('q')), ['a', 'b'])
})

test('when the store fails, requests are refused, nothing is half done, and it serves again when the store does', async () => {
  let broken = false
  const store = faultyStore(memoryStore(), () => (broken ? 'before-commit' : undefined))
  await using t = testEngine({ store })
  await t.create('q')
  await t.send('q', 'x', text('late', { delayMs: 100 }))
  broken = true
  await assert.rejects(t.send('q', 'y'), refusal('StoreUnavailable', { retryable: true }))
  await assert.rejects(t.receive('q'), refusal('StoreUnavailable'))
  await t.advance(5_000)
  broken = false
  await t.advance(1_000)
  assert.deepEqual(await t.counts('q'), { ready: 2 }, 'what fell due meanwhile was made up for')
  assert.deepEqual(bodies(await t.receive('q')), ['x', 'late'])
})

test('when an answer was lost, the refusal says that the same request may have been done', async () => {
  let lost = false
  const store = faultyStore(memoryStore(), () => (lost ? 'after-commit' : undefined))
  await using t = testEngine({ store })
  await t.create('q')
  lost = true
  await assert.rejects(t.send('q', 'x'), refusal('StoreUnavailable', { retryable: false }))
  lost = false
  assert.deepEqual(bodies(await t.receive('q')), ['x'])
})

test('an engine that stops answers those who wait, finishes what is decided, and refuses what comes after', async () => {
  await using t = testEngine()
  await t.create('q')
  const receiving = t.receive('q', wait)
  const popping = t.engine.pop({ ...at('other'), ...wait })
  await t.idle()
  const sending = t.send('q2', 'decided')
  const stopping = t.engine.stop()
  await assert.rejects(t.send('q', 'late'), refusal('ShuttingDown'))
  await assert.rejects(t.receive('q'), refusal('ShuttingDown'))
  await assert.rejects(t.engine.getQueue(at('q')), refusal('ShuttingDown'))
  assert.deepEqual([await receiving, await popping], [[], []])
  assert.equal((await sending).length, 1)
  await stopping
  await t.engine.stop()
  assert.equal(t.clock.nextCallAt(), undefined, 'no timer is left')
})

test('a receive that is on the way when the engine stops gets what it took', async () => {
  const t = testEngine()
  const receiving = t.receive('q', wait)
  await t.idle()
  await t.send('q', 'x')
  await t.engine.stop()
  assert.deepEqual(bodies(await receiving), ['x'])
})

test('an engine takes up what an earlier one left, with what fell due meanwhile', async () => {
  const first = testEngine()
  await first.create('q', { receiveLimit: 1, deadLetterQueue: 'dead' })
  await first.create('dead')
  await first.send(
    'q',
    text('delayed', { delayMs: 10_000 }),
    text('short', { retentionMs: 10_000 }),
    'leased',
    'deleted',
  )
  const received = await first.receive('q', { visibilityTimeoutMs: 10_000 })
  await first.engine.settle({ ...at('q'), entries: deleteEntries(received.slice(2)) })
  await first.engine.stop()
  first.clock.advance(60_000)
  await using second = testEngine({ store: await memoryReopened(first.store), clock: first.clock })
  await second.advance(0)
  assert.deepEqual(await second.counts('q'), { ready: 1, done: 2 })
  assert.deepEqual(bodies(await second.receive('dead')), ['leased'])
})

const memoryReopened = (store: unknown) => (store as ReturnType<typeof memoryStore>).reopen()

test('documents that are changed in one transaction are changed all or not at all', async () => {
  await using t = testEngine()
  const add = (by: number) =>
    t.engine.changeDocuments((documents) => {
      const sum = Number(documents.get('c', 'sum')?.value ?? 0) + by
      documents.put({ collection: 'c', key: 'sum', value: sum, expiresAt: t.clock.now() + 100 })
      if (sum > 3) throw new Refusal('ArgumentInvalid', { argument: 'by', reason: 'is too much' })
      documents.remove('c', 'last')
      return sum
    })
  await t.engine.putDocument({ collection: 'c', key: 'last', value: 1, expiresAt: null })
  await assert.rejects(add(4), (error) => isRefusal(error, 'ArgumentInvalid'))
  assert.equal(await t.engine.getDocument('c', 'sum'), undefined)
  assert.ok(await t.engine.getDocument('c', 'last'))
  assert.deepEqual(await Promise.all([add(1), add(2)]), [1, 3])
  assert.equal(await t.engine.getDocument('c', 'last'), undefined)
  await t.advance(100)
  assert.equal(await add(1), 1, 'an expired one is absent')
})

test('documents are kept, listed and gone when they expire', async () => {
  await using t = testEngine()
  const put = (key: string, value: unknown, expiresAt: number | null = null, ifAbsent = false) =>
    t.engine.putDocument({ collection: 'c', key, value, expiresAt }, { ifAbsent })
  assert.equal(await put('a', { n: 1 }), true)
  assert.equal(await put('a', { n: 2 }, null, true), false)
  assert.deepEqual((await t.engine.getDocument('c', 'a'))?.value, { n: 1 })
  assert.equal(await put('b', 1, t.clock.now() + 100), true)
  const keys = async () => (await t.engine.listDocuments({ collection: 'c', limit: 9 })).map(({ key }) => key)
  assert.deepEqual(await keys(), ['a', 'b'])
  await t.advance(100)
  assert.deepEqual(await keys(), ['a'])
  assert.equal(await t.engine.getDocument('c', 'b'), undefined)
  assert.equal(await put('b', 2, null, true), true, 'an expired one is absent')
  await t.engine.removeDocument('c', 'a')
  assert.deepEqual(await keys(), ['b'])
})
