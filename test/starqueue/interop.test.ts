import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startTestServer } from '../server/harness.ts'
import { base64, Client, type Json } from './harness.ts'

/** A server with an account of StarQueue's, and the native API in that account. */
const start = async (t: TestContext) => {
  const { url } = await startTestServer(t)
  const client = await Client.create(url)
  const native = async (method: string, path: string, body?: string | Uint8Array, type = 'application/json') => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { 'X-Millrace-Account': client.account, ...(body !== undefined && { 'Content-Type': type }) },
      ...(body !== undefined && { body: Buffer.from(body) }),
    })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
    return (text === '' ? {} : JSON.parse(text)) as Json
  }
  return { client, native }
}

const every = Buffer.from(Array.from({ length: 256 }, (_, index) => index))

test('what is sent here has its bytes in the native API, with all that was said of it', async (t) => {
  const { client, native } = await start(t)
  const options = { Priority: 7, MessageDeduplicationId: 'd', DeadLetterQueueName: 'dead', MessageRetentionPeriod: 60 }
  const id = await client.send('q', '', { MessageBody: every.toString('base64'), ...options })
  const { messages } = await native('POST', '/queues/q/receive')
  const [message] = messages as Json[]
  assert.ok(message)
  assert.deepEqual(Buffer.from(String(message.base64), 'base64'), every)
  const { contentType, priority, deduplicationId, deadLetterQueue, receiveLimit, sentAt, expiresAt } = message
  assert.deepEqual(
    { contentType, priority, deduplicationId, deadLetterQueue, receiveLimit },
    {
      contentType: 'application/octet-stream',
      priority: 7,
      deduplicationId: 'd',
      deadLetterQueue: 'dead',
      receiveLimit: 4,
    },
  )
  assert.equal(Number(expiresAt) - Number(sentAt), 60_000)
  const asked = await native('GET', `/messages/${id}`)
  assert.equal(asked.id, message.id, 'either form of the id will do')

  await client.changeVisibility('q', String(message.receiptHandle), 0)
  const [again] = await client.receive('q')
  assert.equal(again?.ApproximateReceiveCount, 2, 'a handle is a handle through every door')
  await native('DELETE', `/queues/q/receipts/${again?.ReceiptHandle}`)
  assert.deepEqual(await client.queues(), {})
})

test('what the native API sends is its bytes in base64 here', async (t) => {
  const { client, native } = await start(t)
  const bodies: [string | Uint8Array, string][] = [
    ['{"order": 7}', 'application/json'],
    ['Grüße 🐢', 'text/plain; charset=utf-8'],
    [every, 'application/octet-stream'],
    ['', 'text/plain'],
  ]
  for (const [body, type] of bodies) await native('POST', '/queues/q/messages', body, type)
  await native('POST', '/queues/q/messages?priority=-3', '1')
  const received = await client.receive('q')
  assert.deepEqual(
    received.map(({ MessageBody, Priority }) => [MessageBody, Priority]),
    [...bodies.map(([body]) => [Buffer.from(body).toString('base64'), 0]), [base64('1'), -3]],
  )
  await client.delete('q', ...received.map(({ ReceiptHandle }) => ReceiptHandle))
  assert.deepEqual(await client.queues(), {})
})

test('an explicit queue of another door is listed while it holds messages, and its own rules hold', async (t) => {
  const { client, native } = await start(t)
  await native('PUT', '/queues/explicit', '{"maxMessages":1,"maxLeased":1}')
  assert.deepEqual(await client.queues(), {})
  await client.send('explicit', 'x')
  assert.deepEqual(await client.queues(), { explicit: 1 })
  const full = await client.call('messagesend', 'explicit', { MessageBody: 'AAAA' })
  assert.deepEqual([full.status, full.json], [429, { error: 'queue is full' }])
  await client.receive('explicit')
  const busy = await client.call('messagereceive', 'explicit', { WaitTimeSeconds: 0 })
  assert.deepEqual([busy.status, busy.json], [429, { error: 'too many messages are in flight' }])
  await client.clear('explicit')
  assert.deepEqual(await client.queues(), {})
})

test('a limit on the messages of a queue can be configured', async (t) => {
  const { url } = await startTestServer(t, { starqueue: { maxMessages: 2 } })
  const client = await Client.create(url)
  await client.send('q', '1', { MessageDeduplicationId: 'd' })
  await client.send('q', '2')
  const full = await client.call('messagesend', 'q', { MessageBody: 'AAAA' })
  assert.deepEqual([full.status, full.json], [429, { error: 'queue is full' }])
  await client.send('q', 'dropped', { MessageDeduplicationId: 'd' })
  await client.send('r', '1')
  assert.deepEqual(await client.queues(), { q: 2, r: 1 })
})

test('larger messages can be allowed', async (t) => {
  const { url } = await startTestServer(t, { starqueue: { maxMessageBytes: 4_000_000 } })
  const client = await Client.create(url)
  const MessageBody = 'A'.repeat(4_000_000)
  for (let time = 0; time < 2; time++) await client.send('q', '', { MessageBody })
  assert.deepEqual(
    (await client.receive('q')).map((message) => message.MessageBody.length),
    [4_000_000, 4_000_000],
  )
})
