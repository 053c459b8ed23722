import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { base64, Client, startStanding } from './harness.ts'

const d = { MessageDeduplicationId: 'd' }

test('a duplicate is accepted and dropped: the first one’s id, the MD5 of what came', async (t) => {
  const { client } = await startStanding(t)
  const first = await client.call('messagesend', 'q', { MessageBody: base64('first'), ...d })
  const second = await client.call('messagesend', 'q', { MessageBody: base64('second'), Priority: 1000, ...d })
  const { MessageId } = first.json.MessageSendResult as { MessageId: string }
  assert.equal(second.status, 200)
  assert.deepEqual(second.json, { MessageSendResult: { MessageId, MD5OfMessageBody: hash('md5', base64('second')) } })
  assert.deepEqual(await client.texts('q'), ['first'])
})

test('the id is taken for 300 seconds, or as the first one said, whatever becomes of the message', async (t) => {
  const { client, advance } = await startStanding(t)
  const id = await client.send('q', '1', d)
  await client.delete('q', ...(await client.receive('q')).map(({ ReceiptHandle }) => ReceiptHandle))
  assert.deepEqual(await client.queues(), {}, 'a queue that is only a memory is not listed')
  await advance(299)
  assert.equal(await client.send('q', '2', { ...d, MessageDeduplicationTimePeriod: 43_200 }), id)
  await advance(1)
  assert.notEqual(await client.send('q', '3', { ...d, MessageDeduplicationTimePeriod: 5 }), id, 'nothing was prolonged')
  assert.deepEqual(await client.texts('q', { VisibilityTimeout: 0 }), ['3'])
  await advance(5)
  await client.send('q', '4', d)
  assert.deepEqual(await client.texts('q'), ['3', '4'], 'free, although the first message is still there')
})

test('a period of 0 takes no id, and one without an id means nothing', async (t) => {
  const { client } = await startStanding(t)
  const zero = { ...d, MessageDeduplicationTimePeriod: 0 }
  await client.send('q', '1', zero)
  await client.send('q', '2', zero)
  await client.send('q', '3', { MessageDeduplicationTimePeriod: 43_200 })
  await client.send('q', '4', { MessageDeduplicationTimePeriod: 43_200 })
  for (const text of ['5', '6']) await client.send('q', text, { MessageDeduplicationId: '' })
  assert.deepEqual(await client.texts('q'), ['1', '2', '3', '4', '5', '6'])
})

test('ids are of one account and one queue', async (t) => {
  const { client, server } = await startStanding(t)
  const other = await Client.create(server.url)
  await client.send('q', 'x', d)
  await client.send('r', 'x', d)
  await other.send('q', 'x', d)
  await client.send('q', 'x', { MessageDeduplicationId: 'D' })
  assert.deepEqual([await client.queues(), await other.queues()], [{ q: 2, r: 1 }, { q: 1 }])
})

test('of many at once with one id exactly one is stored', async (t) => {
  const { client } = await startStanding(t)
  const ids = await Promise.all(Array.from({ length: 50 }, (_, index) => client.send('q', String(index), d)))
  assert.equal(new Set(ids).size, 1)
  assert.deepEqual(await client.queues(), { q: 1 })
})

test('a message with an id may be hidden, and its visibility changed', async (t) => {
  const { client, advance } = await startStanding(t)
  await client.send('q', 'x', { ...d, VisibilityTimeout: 5, Priority: 3 })
  assert.deepEqual(await client.texts('q'), [])
  await advance(5)
  const [message] = await client.receive('q')
  await client.changeVisibility('q', message?.ReceiptHandle ?? '', 0)
  assert.equal((await client.receive('q'))[0]?.MessageDeduplicationId, 'd')
})
