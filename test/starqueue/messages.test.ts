import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { Client, startStanding } from './harness.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('a received message says all that there is to say about it', async (t) => {
  const { client, advance } = await startStanding(t)
  const id = await client.send('jobs', 'resize 42', { Priority: 250, MessageDeduplicationId: 'Order 7' })
  assert.match(id, uuid)
  await advance(3)
  const [message] = await client.receive('jobs')
  assert.ok(message)
  assert.match(message.ReceiptHandle, uuid)
  const { ReceiptHandle: first, ...rest } = message
  assert.deepEqual(rest, {
    AccountId: client.account,
    ApproximateFirstReceiveTimestamp: '2030-01-01T12:00:03.123000+00:00',
    ApproximateReceiveCount: 1,
    MD5OfMessageBody: '56de6bc62ef6e53d709a5045278e9aa2',
    MessageBody: 'cmVzaXplIDQy',
    MessageDeduplicationId: 'Order 7',
    MessageId: id,
    Priority: 250,
    QueueName: 'jobs',
    SentTimestamp: '2030-01-01T12:00:00.123000+00:00',
  })
  assert.deepEqual(Object.keys(message), Object.keys(message).toSorted(), 'as the original orders them')
  await advance(30)
  const [again] = await client.receive('jobs')
  assert.deepEqual([again?.ApproximateReceiveCount, again?.MessageId], [2, id])
  assert.equal(again?.ApproximateFirstReceiveTimestamp, message.ApproximateFirstReceiveTimestamp)
  assert.notEqual(again?.ReceiptHandle, first)
})

test('a send makes the queue, and queues exist only through messages', async (t) => {
  const { client, advance } = await startStanding(t)
  assert.deepEqual(await client.queues(), {})
  await client.send('b', '1')
  await client.send('b', '2', { VisibilityTimeout: 60 })
  await client.send('a', '3')
  const [message] = await client.receive('b')
  assert.deepEqual(Object.entries(await client.queues()), [
    ['a', 1],
    ['b', 2],
  ])
  await client.delete('b', message?.ReceiptHandle ?? '')
  await advance(60)
  assert.deepEqual(await client.queues(), { a: 1, b: 1 })
  await client.delete('b', ...(await client.receive('b')).map(({ ReceiptHandle }) => ReceiptHandle))
  assert.deepEqual(await client.queues(), { a: 1 })
})

test('queueclear deletes the visible, the hidden and the ones in flight, and forgets duplicates', async (t) => {
  const { client } = await startStanding(t)
  const id = await client.send('q', 'in flight', { MessageDeduplicationId: 'd', Priority: 1000 })
  const [held] = await client.receive('q')
  await client.send('q', 'visible')
  await client.send('q', 'hidden', { VisibilityTimeout: 43_200 })
  await client.send('other', 'stays')
  await client.clear('q')
  assert.deepEqual(await client.queues(), { other: 1 })
  await client.delete('q', held?.ReceiptHandle ?? '')
  assert.notEqual(await client.send('q', 'anew', { MessageDeduplicationId: 'd' }), id)
  assert.deepEqual(await client.texts('q'), ['anew'])
  await client.clear('there is no such queue')
})

test('a queuename is any string', async (t) => {
  const { client } = await startStanding(t)
  const names = [
    'a b',
    'a/b',
    '../..',
    'a.b',
    '%2F',
    'Größe',
    '队列',
    '🐢',
    'a?b#c',
    'x'.repeat(1024),
    '"',
    'é'.normalize('NFD'),
  ]
  for (const name of names) await client.send(name, name)
  assert.deepEqual(await client.queues(), Object.fromEntries(names.map((name) => [name, 1])))
  for (const name of names) {
    const [message] = await client.receive(name)
    assert.equal(message?.QueueName, name)
    await client.delete(name, message?.ReceiptHandle ?? '')
  }
  assert.deepEqual(await client.queues(), {})
})

test('higher priority first, then the older one; what is hidden is passed over', async (t) => {
  const { client, advance } = await startStanding(t)
  await client.send('q', 'default 1')
  await client.send('q', 'low', { Priority: 1 })
  await client.send('q', 'lowest', { Priority: 0 })
  await client.send('q', 'default 2', { Priority: 100 })
  await client.send('q', 'hidden', { Priority: 1000, VisibilityTimeout: 5 })
  await client.send('q', 'high', { Priority: 101 })
  const order = ['high', 'default 1', 'default 2', 'low', 'lowest']
  assert.deepEqual(await client.texts('q', { VisibilityTimeout: 10 }), order)
  await advance(5)
  assert.deepEqual(await client.texts('q', { VisibilityTimeout: 5 }), ['hidden'])
  await advance(5)
  assert.deepEqual(await client.texts('q'), ['hidden', ...order], 'each comes back to its old place')
})

test('in queues whose name ends in _lifo, equal priorities go newest first', async (t) => {
  const { client } = await startStanding(t)
  for (const text of ['1', '2', '3']) await client.send('q_lifo', text)
  await client.send('q_lifo', 'high', { Priority: 101 })
  assert.deepEqual(await client.texts('q_lifo'), ['high', '3', '2', '1'])
})

test('a message is hidden for its VisibilityTimeout; 0 or less hides nothing', async (t) => {
  const { client, advance } = await startStanding(t)
  for (const VisibilityTimeout of [0, -1, -43_200])
    await client.send('q', String(VisibilityTimeout), { VisibilityTimeout })
  await client.send('q', 'later', { VisibilityTimeout: 10 })
  assert.deepEqual(await client.texts('q'), ['0', '-1', '-43200'])
  await advance(9)
  assert.deepEqual(await client.texts('q'), [])
  const waiting = client.texts('q', { WaitTimeSeconds: 20 })
  await advance(1)
  assert.deepEqual(await waiting, ['later'])
})

test('a receive hides what it hands out; VisibilityTimeout 0 or less does not, and is counted', async (t) => {
  const { client, advance } = await startStanding(t)
  await client.send('q', 'x')
  const [first] = await client.receive('q', { VisibilityTimeout: -5 })
  const [second] = await client.receive('q', { VisibilityTimeout: 0 })
  assert.deepEqual([first?.ApproximateReceiveCount, second?.ApproximateReceiveCount], [1, 2])
  assert.equal((await client.receive('q')).length, 1)
  await advance(29)
  assert.deepEqual(await client.texts('q'), [], '30 seconds if nothing is said')
  await advance(1)
  assert.deepEqual(await client.texts('q'), ['x'])
})

test('a handle is good until its message is received again, not only while the hold lasts', async (t) => {
  const { client, advance } = await startStanding(t)
  await client.send('q', 'x')
  await client.send('q', 'y')
  const [x, y] = await client.receive('q', { VisibilityTimeout: 1 })
  await advance(1)
  await client.delete('q', x?.ReceiptHandle ?? '')
  assert.deepEqual(await client.queues(), { q: 1 }, 'the hold was over, the handle was not')
  const [again] = await client.receive('q')
  await client.delete('q', y?.ReceiptHandle ?? '')
  assert.deepEqual(await client.queues(), { q: 1 }, 'the handle is superseded')
  await client.delete('q', again?.ReceiptHandle.toUpperCase() ?? '')
  assert.deepEqual(await client.queues(), {})
})

test('handles work in their own account and queue only; both spellings of the field, and both at once', async (t) => {
  const { client, server } = await startStanding(t)
  const other = await Client.create(server.url)
  for (const text of ['1', '2', '3']) await client.send('q', text)
  const handles = (await client.receive('q')).map(({ ReceiptHandle }) => ReceiptHandle)
  await client.send('elsewhere', 'x')
  await other.send('q', 'x')
  await client.delete('elsewhere', ...handles)
  await other.delete('q', ...handles)
  await client.delete('no such queue', ...handles)
  assert.deepEqual(await client.queues(), { elsewhere: 1, q: 3 })
  const [first = '', second, third] = handles
  await client.call('messagedelete', 'q', { ReceiptHandle: first })
  assert.deepEqual(await client.queues(), { elsewhere: 1, q: 2 })
  await client.call('messagedelete', 'q', { ReceiptHandle: second, ReceiptHandles: [third, first, third] })
  assert.deepEqual(await client.queues(), { elsewhere: 1 })
})

test('changing the visibility counts from now, wakes receivers, and works on messages in flight only', async (t) => {
  const { client, advance } = await startStanding(t)
  await client.send('q', 'x', { MessageDeduplicationId: 'd' })
  const [message] = await client.receive('q', { VisibilityTimeout: 10 })
  const handle = message?.ReceiptHandle ?? ''
  await advance(5)
  await client.changeVisibility('q', handle, 20)
  await advance(19)
  assert.deepEqual(await client.texts('q'), [])
  const waiting = client.receive('q', { WaitTimeSeconds: 20, VisibilityTimeout: 10 })
  await client.changeVisibility('q', handle, 0)
  const [again] = await waiting
  assert.equal(again?.ApproximateReceiveCount, 2)
  await client.changeVisibility('q', handle, 43_200)
  await advance(10)
  await client.changeVisibility('q', again?.ReceiptHandle ?? '', 43_200)
  const [third] = await client.receive('q')
  assert.equal(
    third?.ApproximateReceiveCount,
    3,
    'neither the superseded handle nor the one after its hold did anything',
  )
  await client.changeVisibility('q', third?.ReceiptHandle ?? '', -7)
  const [fourth] = await client.receive('q')
  await client.changeVisibility('q', fourth?.ReceiptHandle ?? '', 100)
  await client.delete('q', fourth?.ReceiptHandle ?? '')
  assert.deepEqual(await client.queues(), {}, 'the handle stays good for a delete')
})

test('a message past its retention is gone, be it visible, hidden or in flight', async (t) => {
  const { client, advance } = await startStanding(t)
  await client.send('q', 'in flight', { MessageRetentionPeriod: 60, Priority: 1000 })
  const [held] = await client.receive('q', { VisibilityTimeout: 43_200 })
  await client.send('q', 'visible', { MessageRetentionPeriod: 60 })
  await client.send('q', 'hidden', { MessageRetentionPeriod: 60, VisibilityTimeout: 43_200 })
  await client.send('q', 'four hours')
  await client.send('q', 'fourteen days', { MessageRetentionPeriod: 1_209_600 })
  await advance(59)
  assert.deepEqual(await client.queues(), { q: 5 })
  await advance(1)
  assert.deepEqual(await client.queues(), { q: 2 })
  await client.delete('q', held?.ReceiptHandle ?? '')
  await advance(14_400 - 60 - 1)
  assert.deepEqual(await client.texts('q', { VisibilityTimeout: 0 }), ['four hours', 'fourteen days'])
  await advance(1)
  assert.deepEqual(await client.texts('q'), ['fourteen days'])
})

test('a base64 text comes back character for character', async (t) => {
  const { client } = await startStanding(t)
  // The last two have bits in their last character that stand for nothing.
  const bodies = ['aGVsbG8=', 'AA==', 'AAA=', 'AAAA', '+/+/', 'aGVsbG9=', 'AB==']
  for (const MessageBody of bodies) await client.send('q', '', { MessageBody })
  const received = await client.receive('q')
  assert.deepEqual(
    received.map(({ MessageBody }) => MessageBody),
    bodies,
  )
  assert.equal(received[5]?.MD5OfMessageBody, hash('md5', 'aGVsbG9='), 'of the text, not of its bytes')
})

test('the largest message there may be', async (t) => {
  const { client } = await startStanding(t)
  const largest = 'A'.repeat(262_144)
  await client.send('q', '', { MessageBody: largest })
  assert.equal((await client.receive('q'))[0]?.MessageBody, largest)
  const { status, json } = await client.call('messagesend', 'q', { MessageBody: `${largest}AAAA` })
  assert.deepEqual([status, json], [400, { detail: 'MessageBody exceeds maximum 262144 bytes' }])
})
