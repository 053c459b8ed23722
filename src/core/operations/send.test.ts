import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, at, bodies, refusal, testEngine, text } from '../../testing/test-engine.ts'
import type { NewMessage } from '../message.ts'
import type { QueueTerms } from '../requests.ts'

const day = 86_400_000

test('a message comes back exactly as it was sent', async () => {
  await using t = testEngine()
  const sent: NewMessage = {
    body: Uint8Array.from({ length: 256 }, (_, i) => i),
    contentType: 'application/x-odd; a="b"',
    attributes: '{"n":12345678901234567890,"b":2,"a":1,"__proto__":{}}',
    priority: -7,
    messageGroup: 'tenant 1',
    deduplicationId: 'd',
    receiveLimit: 5,
    deadLetterQueue: 'dead',
    clientId: 'c',
    senderId: 's',
    traceparent: '00-x',
    door: { odd: [null] },
    delayMs: 10,
    retentionMs: 5_000,
  }
  const [id] = await t.send('q', sent)
  await t.advance(10)
  const [received] = await t.receive('q')
  const { message } = received!
  assert.equal(received?.id, id)
  assert.deepEqual(message.body, sent.body)
  assert.deepEqual(
    [message.contentType, message.attributes, message.priority, message.messageGroup],
    [sent.contentType, sent.attributes, -7, 'tenant 1'],
  )
  assert.deepEqual(message.extra, {
    deduplicationId: 'd',
    receiveLimit: 5,
    deadLetterQueue: 'dead',
    clientId: 'c',
    senderId: 's',
    traceparent: '00-x',
    door: { odd: [null] },
    delayMs: 10,
  })
  assert.equal(message.sentAt, t.clock.now() - 10)
  assert.equal(received?.expiresAt, message.sentAt + 5_000)
})

test('a message of nothing but an empty body is one', async () => {
  await using t = testEngine()
  await t.send('q', { body: new Uint8Array() })
  const [received] = await t.receive('q')
  const { message } = received!
  assert.equal(message.body.byteLength, 0)
  assert.deepEqual([message.contentType, message.attributes, message.messageGroup, message.extra], Array(4).fill(null))
})

test('1 to 1,000 messages are stored in their order, with rising positions and ids of their own', async () => {
  await using t = testEngine()
  const messages = Array.from({ length: 1000 }, (_, i) => text(`m${i}`))
  const sent = await t.engine.send({ ...at('q'), messages })
  assert.equal(new Set(sent.map(({ id }) => id)).size, 1000)
  assert.ok(sent.every(({ id }) => /^[0-9a-f]{24}$/.test(id)))
  assert.ok(sent.every(({ position }, i) => i === 0 || position > (sent[i - 1]?.position ?? 0)))
  assert.ok(sent.every(({ duplicate, sentAt }) => !duplicate && sentAt === t.clock.now()))
  assert.deepEqual(
    bodies(await t.receive('q', { maxMessages: 1000 })),
    bodies(messages.map((message) => ({ message }))),
  )
  for (const count of [0, 1001]) {
    await assert.rejects(
      t.engine.send({ ...at('q'), messages: Array<NewMessage>(count).fill(text('x')) }),
      refusal('ArgumentInvalid', { argument: 'messages' }),
    )
  }
})

test('one message that cannot be refuses all of its request', async () => {
  await using t = testEngine()
  const wrong: [string, Omit<NewMessage, 'body'>][] = [
    ['delayMs', { delayMs: -1 }],
    ['delayMs', { delayMs: 3652 * day + 1 }],
    ['delayMs', { delayMs: 0.5 }],
    ['priority', { priority: 2 ** 31 }],
    ['priority', { priority: -(2 ** 31) - 1 }],
    ['retentionMs', { retentionMs: 0 }],
    ['deduplicationWindowMs', { deduplicationId: 'd', deduplicationWindowMs: -1 }],
    ['receiveLimit', { receiveLimit: 0 }],
    ['messageGroup', { messageGroup: '' }],
    ['messageGroup', { messageGroup: '\udc00' }],
    ['deduplicationId', { deduplicationId: 'x'.repeat(1025) }],
    ['deadLetterQueue', { deadLetterQueue: 'q' }],
    ['deadLetterQueue', { deadLetterQueue: '€'.repeat(400) }],
    ['deadLetterQueue', { deadLetterQueue: '' }],
  ]
  for (const [argument, more] of wrong) {
    await assert.rejects(t.send('q', 'x', text('y', more)), refusal('ArgumentInvalid', { argument }), argument)
  }
  assert.deepEqual((await t.engine.listQueues({ account, includeEmptyVirtual: true })).queues, [])
  await t.send('q', text('x', { priority: 2 ** 31 - 1 }), text('y', { priority: -(2 ** 31), delayMs: 3652 * day }))
  assert.deepEqual(await t.counts('q'), { ready: 1, delayed: 1 })
})

test('body and attributes together may have exactly as many bytes as the queue takes', async () => {
  await using t = testEngine({ limits: { maxVirtualMessageBytes: 4 } })
  await t.create('q', { maxMessageBytes: 10 })
  await t.send('q', text('éé', { attributes: '{"é":1}'.slice(0, 5) }))
  await assert.rejects(
    t.send('q', text('éé', { attributes: '{"é":1}' })),
    refusal('MessageTooLarge', { sizeBytes: 12, limitBytes: 10 }),
  )
  await t.send('virtual', '1234')
  await assert.rejects(t.send('new', '12345'), refusal('MessageTooLarge', { sizeBytes: 5, limitBytes: 4 }))
})

test('a send makes a queue, unless it says that there must be one', async () => {
  await using t = testEngine()
  const insisting = { ...at('q'), messages: [text('x')], ifMissing: 'refuse' } as const
  await assert.rejects(t.engine.send(insisting), refusal('QueueNotFound', { queue: 'q' }))
  await t.send('q', 'x')
  assert.equal((await t.engine.send(insisting)).length, 1)
})

test('what depends on the queue is asked of it as it is, in the step of the send', async () => {
  await using t = testEngine()
  await t.create('q', { retentionMs: 1_000 })
  const { publicId } = await t.engine.getQueue(at('q'))
  const asked: QueueTerms[] = []
  const terms = (queue: QueueTerms) => {
    asked.push(queue)
    return { retentionMs: 2 * (queue.settings.retentionMs ?? 0) }
  }
  await t.engine.send({ ...at('q'), messages: [text('x'), text('y', { retentionMs: 5 })], terms })
  assert.deepEqual(
    asked.map(({ name, publicId }) => [name, publicId]),
    [['q', publicId]],
  )
  await t.advance(1_999)
  assert.deepEqual(bodies(await t.receive('q', { visibilityTimeoutMs: 0 })), ['x', 'y'])
  await t.advance(1)
  assert.deepEqual(await t.receive('q'), [])

  const objection = new RangeError('no')
  const objecting = () => {
    throw objection
  }
  await assert.rejects(t.engine.send({ ...at('q'), messages: [text('z')], terms: objecting }), objection)
  assert.equal((await t.engine.getQueue(at('q'))).messages, 0)
  await t.engine.send({ ...at('made'), messages: [text('x')], terms })
  assert.equal(asked.length, 1)
})

test("a message's own delay counts, 0 too, else its queue's; nothing comes early", async () => {
  await using t = testEngine()
  await t.create('q', { delayMs: 1_000 })
  await t.send('q', 'queue', text('own', { delayMs: 2_000 }), text('none', { delayMs: 0 }))
  assert.deepEqual(bodies(await t.receive('q')), ['none'])
  await t.advance(999)
  assert.deepEqual(await t.receive('q'), [])
  await t.advance(1)
  assert.deepEqual(bodies(await t.receive('q')), ['queue'])
  await t.advance(1_000)
  assert.deepEqual(bodies(await t.receive('q')), ['own'])
})

test('delays end exactly when they are read, however late the timer is', async () => {
  await using t = testEngine()
  await t.send('q', text('x', { delayMs: 1_000 }))
  let now = t.clock.now()
  t.clock.now = () => now
  now += 999
  assert.deepEqual(await t.receive('q'), [])
  now += 1
  assert.deepEqual(bodies(await t.receive('q')), ['x'])
})

test('a delay of more than 24.8 days neither ends at once nor early', async () => {
  await using t = testEngine()
  await t.create('q', { retentionMs: null })
  await t.send('q', text('x', { delayMs: 60 * day }))
  await t.jump(60 * day - 1)
  assert.deepEqual(await t.counts('q'), { delayed: 1 })
  await t.advance(1)
  assert.deepEqual(await t.counts('q'), { ready: 1 })
})

test('a full queue takes no more, not even part of a request', async () => {
  await using t = testEngine()
  await t.create('q', { maxMessages: 3 })
  await t.send('q', '1', text('2', { delayMs: 1_000 }))
  await assert.rejects(t.send('q', '3', '4'), refusal('QueueFull', { queue: 'q', maxMessages: 3 }))
  await t.send('q', '3')
  const [message] = await t.receive('q')
  await assert.rejects(t.send('q', '4'), refusal('QueueFull'), 'leased messages count')
  await t.settle(message!, { do: 'delete' })
  await t.send('q', '4')
  assert.equal((await t.engine.getQueue(at('q'))).messages, 3)
})

test('a sender may want a queue to hold no more than so many; the setting counts too', async () => {
  await using t = testEngine()
  await t.create('q', { maxMessages: 3 })
  const send = (maxMessages: number) => t.engine.send({ ...at('q'), messages: [text('x')], maxMessages })
  await send(1)
  await assert.rejects(send(1), refusal('QueueFull', { maxMessages: 1 }))
  await send(9)
  await send(9)
  await assert.rejects(send(9), refusal('QueueFull', { maxMessages: 3 }))
})

test('what would not be stored needs no room', async () => {
  await using t = testEngine()
  await t.create('q', { maxMessages: 2 })
  const message = text('x', { deduplicationId: 'd' })
  const [first] = await t.send('q', message)
  assert.deepEqual(await t.send('q', message, message, 'y'), [first, first, (await t.receive('q'))[1]?.id])
  assert.deepEqual(await t.send('q', message), [first])
  await assert.rejects(t.send('q', message, 'z'), refusal('QueueFull'))
})

// ---- a request sent twice -----------------------------------------------------------------------------------------

const keyed = (key: string, ...messages: NewMessage[]) => ({ ...at('q'), idempotencyKey: key, messages })

test('a request that comes again with its idempotency key gets the first answer and stores nothing', async () => {
  await using t = testEngine()
  const request = keyed('k', text('1'), text('2'))
  const first = await t.engine.send(request)
  await t.jump(day - 1)
  const again = await t.engine.send(request)
  assert.deepEqual(
    again.map(({ id, position, sentAt }) => ({ id, position, sentAt })),
    first.map(({ id, position, sentAt }) => ({ id, position, sentAt })),
  )
  assert.deepEqual(await t.counts('q'), { ready: 2 })
  await t.advance(1)
  assert.notEqual((await t.engine.send(request))[0]?.id, first[0]?.id, 'the key is free after 24 hours')
  assert.deepEqual(await t.counts('q'), { ready: 4 })
})

test('an idempotency key holds though the messages are gone, the queue is full, or the engine was restarted', async () => {
  const t = testEngine()
  await t.create('q', { maxMessages: 1 })
  const request = keyed('k', text('x'))
  const [first] = await t.engine.send(request)
  assert.equal((await t.engine.send(request))[0]?.id, first?.id, 'full')
  await t.engine.pop(at('q'))
  await t.engine.stop()
  await using restarted = testEngine({ store: t.store, clock: t.clock })
  assert.equal((await restarted.engine.send(request))[0]?.id, first?.id)
  assert.deepEqual(await restarted.counts('q'), { done: 1 })
})

test('an idempotency key is not for other messages, and of one queue only', async () => {
  await using t = testEngine()
  await t.engine.send(keyed('k', text('1'), text('2')))
  for (const messages of [
    [text('1')],
    [text('2'), text('1')],
    [text('12'), text('')],
    [text('1'), text('2', { attributes: '{}' })],
  ]) {
    await assert.rejects(t.engine.send(keyed('k', ...messages)), refusal('IdempotencyKeyReused', { key: 'k' }))
  }
  await t.engine.send({ ...keyed('k', text('other')), queue: 'other' })
  await t.engine.send(keyed('l', text('3')))
  assert.deepEqual(await t.counts('q'), { ready: 3 })
})

test('two simultaneous requests with one key make one of each message', async () => {
  await using t = testEngine()
  const request = keyed('k', text('1'), text('2'))
  const [a, b] = await Promise.all([t.engine.send(request), t.engine.send(request)])
  assert.deepEqual(
    a.map(({ id }) => id),
    b.map(({ id }) => id),
  )
  assert.deepEqual(await t.counts('q'), { ready: 2 })
})

test('a request that comes again names the messages that its duplicates were duplicates of', async () => {
  await using t = testEngine()
  const message = text('x', { deduplicationId: 'd' })
  const [first] = await t.send('q', message)
  const request = keyed('k', text('1'), message)
  const once = await t.engine.send(request)
  assert.equal(once[1]?.id, first)
  const twice = await t.engine.send(request)
  assert.deepEqual(
    twice.map(({ id }) => id),
    once.map(({ id }) => id),
  )
})
