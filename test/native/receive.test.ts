import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { QueueEngine } from '../../src/core/engine-api.ts'
import type * as S from '../../src/protocols/native/schemas/index.ts'
import { content, startServer } from './harness.ts'

/** Holds up what the engine has answered until the test says so. */
let hold: (() => Promise<void>) | undefined
let whenReleased: ((verb: string) => void) | undefined

const wrap = (engine: QueueEngine): QueueEngine =>
  new Proxy(engine, {
    get(target, name: keyof QueueEngine) {
      if (name === 'receive') {
        return async (request: Parameters<QueueEngine['receive']>[0]) => {
          const received = await target.receive(request)
          await hold?.()
          return received
        }
      }
      if (name === 'claim') {
        return async (request: Parameters<QueueEngine['claim']>[0]) => {
          const claimed = await target.claim(request)
          await hold?.()
          return claimed
        }
      }
      if (name === 'settle' || name === 'releaseClaim') {
        return async (request: never) => {
          const result = await target[name](request)
          whenReleased?.(name)
          return result
        }
      }
      return target[name].bind(target)
    },
  })

const server = await startServer({ wrap, limits: { maxAnswerBytes: 1000 } })
const { call, clock } = server

const send = async (queue: string, bytes: string) =>
  content<S.SentMessage>(await call('POST', `/queues/${queue}/messages`, { bytes, type: 'text/plain' }), 201)

const receive = async (queue: string, json?: S.ReceiveRequest) =>
  content<S.ReceivedMessages>(await call('POST', `/queues/${queue}/receive`, { json }), 200).messages

const rejects = (promise: Promise<unknown>) =>
  promise.then(
    () => assert.fail('it was answered'),
    () => {},
  )

suite('receiving', () => {
  test('says what there is to say, and no more', async () => {
    const { id, position, sentAt } = await send('facts', 'x')
    const [message] = await receive('facts', { visibilityTimeoutMs: 5000 })
    assert.ok(message)
    const { receiptHandle, expiresAt, ...facts } = message
    assert.match(String(receiptHandle), /^[0-9a-f-]{36}$/)
    assert.equal(expiresAt, sentAt + 14 * 86_400_000)
    assert.deepEqual(facts, {
      id,
      position,
      type: 'Q',
      firstReceivedAt: sentAt,
      leasedUntil: sentAt + 5000,
      sentAt,
      priority: 0,
      receiveCount: 1,
      reprocessCount: 0,
      contentType: 'text/plain',
      text: 'x',
    })
  })

  test('an empty body asks for one message, an empty queue has none', async () => {
    assert.deepEqual(await receive('empty'), [])
    await send('few', 'a')
    await send('few', 'b')
    assert.equal((await receive('few')).length, 1)
    assert.equal(
      content(await call('POST', '/queues/none/receive', { json: { ifMissing: 'refuse' } }), 404).code,
      'QueueNotFound',
    )
  })

  test('tells where a dead letter came from', async () => {
    await call('PUT', '/queues/dead')
    await call('PUT', '/queues/orders', { json: { deadLetterQueue: 'dead' } })
    await send('orders', 'x')
    const [message] = await receive('orders', { holder: 'w1' })
    const entries = [{ receiptHandle: message?.receiptHandle, action: { do: 'dead-letter', reason: 'no' } }]
    await call('POST', '/queues/orders/settle', { json: { entries } })
    const [letter] = await receive('dead')
    assert.equal(letter?.deadLetterSource?.queue, 'orders')
  })

  test('stops at the largest answer, but gives one message in any case', async () => {
    for (const size of [600, 600, 600]) await send('large', 'x'.repeat(size))
    assert.equal((await receive('large', { maxMessages: 3 })).length, 1)
    await send('larger', 'x'.repeat(2000))
    assert.equal((await receive('larger', { maxMessages: 3 }))[0]?.text?.length, 2000)
  })

  test('refuses what cannot be', async () => {
    const refused = async (json: unknown) => content(await call('POST', '/queues/q/receive', { json }), 400).detail
    assert.match(await refused({ maxMessages: 0 }), /^maxMessages must be a whole number from 1 to 1000\./)
    assert.match(await refused({ maxMessages: '1' }), /^maxMessages must be a whole number/)
    assert.match(await refused({ waitMs: 600_001 }), /^waitMs must be a whole number from 0 to 600000\./)
    assert.match(await refused({ count: 1 }), /^count is not known\./)
    assert.match(await refused({ ifMissing: 'no' }), /^ifMissing must be one of "wait", "refuse"\./)
    assert.match(await refused([]), /^The body must be an object\./)
    assert.match(await refused({ holder: '\ud800' }), /^holder holds half of a surrogate pair/)
    assert.match(await refused({ deadLetterQueue: 'q' }), /another queue/)
  })
})

suite('waiting', () => {
  test('is answered as soon as there is a message', async () => {
    const waiting = receive('wait', { waitMs: 60_000 })
    await server.waiting(1)
    const { id } = await send('wait', 'x')
    assert.deepEqual(
      (await waiting).map((message) => message.id),
      [id],
    )
  })

  test('is answered with nothing when none came in time', async () => {
    const waiting = receive('wait', { waitMs: 60_000 })
    await server.waiting(1)
    clock.advance(60_000)
    assert.deepEqual(await waiting, [])
  })

  test('pops what comes', async () => {
    await call('PUT', '/queues/popped')
    const waiting = call('POST', '/queues/popped/pop', { json: { waitMs: 60_000 } })
    await server.waiting(1)
    await send('popped', 'x')
    assert.equal(content<S.ReceivedMessages>(await waiting, 200).messages[0]?.text, 'x')
    assert.equal(content<S.Queue>(await call('GET', '/queues/popped'), 200).messages, 0)
  })

  test('takes nothing for a client that went away', async () => {
    const client = new AbortController()
    const waiting = rejects(call('POST', '/queues/left/receive', { json: { waitMs: 60_000 }, signal: client.signal }))
    await server.waiting(1)
    client.abort()
    await waiting
    await server.waiting(0)
    await send('left', 'x')
    assert.equal((await receive('left'))[0]?.receiveCount, 1)
  })
})

suite('a client that went away before its answer', () => {
  /** Makes a request, and has its client go once the engine has answered; resolves with what was called to make up for it. */
  const goAway = async (request: (signal: AbortSignal) => Promise<unknown>): Promise<string> => {
    const client = new AbortController()
    const disconnected = server.disconnected()
    const handedBack = Promise.withResolvers<string>()
    whenReleased = handedBack.resolve
    hold = () => {
      client.abort()
      return disconnected
    }
    await rejects(request(client.signal))
    const verb = await handedBack.promise
    hold = undefined
    whenReleased = undefined
    return verb
  }

  test('has its messages handed back, as if never received', async () => {
    await send('back', 'a')
    await send('back', 'b')
    const json = { maxMessages: 2 }
    assert.equal(await goAway((signal) => call('POST', '/queues/back/receive', { json, signal })), 'settle')
    const again = await receive('back', { maxMessages: 2 })
    assert.deepEqual(
      again.map(({ text, receiveCount }) => [text, receiveCount]),
      [
        ['a', 1],
        ['b', 1],
      ],
    )
  })
  test('has its claim released', async () => {
    await send('claimed', 'a')
    const json = { ttlMs: 60_000 }
    assert.equal(await goAway((signal) => call('POST', '/queues/claimed/claims', { json, signal })), 'releaseClaim')
    assert.equal((await receive('claimed'))[0]?.text, 'a')
  })
})
