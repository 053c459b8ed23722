import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, type Json, startStanding } from './harness.ts'

/** Receives in vain, so many times; gives the counts that were seen. */
const inVain = async (
  { client, advance }: { client: Client; advance: (seconds: number) => Promise<void> },
  queue: string,
  times: number,
  fields: Json = {},
) => {
  const counts: number[] = []
  for (let time = 0; time < times; time++) {
    const received = await client.receive(queue, { VisibilityTimeout: 10, ...fields })
    counts.push(...received.map((message) => message.ApproximateReceiveCount))
    await advance(10)
  }
  return counts
}

test('a message received four times without a delete is deleted by the system', async (t) => {
  const standing = await startStanding(t)
  const { client, advance } = standing
  await client.send('q', 'x')
  assert.deepEqual(await inVain(standing, 'q', 3), [1, 2, 3])
  const [last] = await client.receive('q', { VisibilityTimeout: 10 })
  await advance(9)
  await client.changeVisibility('q', last?.ReceiptHandle ?? '', 10)
  await advance(9)
  assert.deepEqual(await client.queues(), { q: 1 }, 'its hold can be prolonged')
  await advance(1)
  assert.deepEqual(await client.queues(), {}, 'with nobody asking')
})

test('during its fourth hold it can still be deleted', async (t) => {
  const standing = await startStanding(t)
  const { client, advance } = standing
  await client.send('q', 'x', { DeadLetterQueueName: 'dead' })
  await inVain(standing, 'q', 3)
  const [last] = await client.receive('q')
  await client.delete('q', last?.ReceiptHandle ?? '')
  await advance(60)
  assert.deepEqual(await client.queues(), {})
})

test('with a DeadLetterQueueName it is moved there, wakes who waits, and starts anew', async (t) => {
  const standing = await startStanding(t)
  const { client, advance } = standing
  const given = {
    DeadLetterQueueName: 'q-failed',
    MessageDeduplicationId: 'd',
    Priority: 7,
    MessageRetentionPeriod: 600,
  }
  const id = await client.send('q', 'x', given)
  const [first] = await client.receive('q', { VisibilityTimeout: 10 })
  await advance(10)
  await inVain(standing, 'q', 2)
  const [last] = await client.receive('q', { VisibilityTimeout: 10 })
  const waiting = client.receive('q-failed', { WaitTimeSeconds: 20, VisibilityTimeout: 10 })
  await advance(10)
  const [dead] = await waiting
  assert.ok(first && last && dead)
  const { ReceiptHandle, ...rest } = dead
  assert.notEqual(ReceiptHandle, last.ReceiptHandle)
  const { ReceiptHandle: _handle, ...before } = first
  assert.deepEqual(rest, { ...before, QueueName: 'q-failed', MessageDeduplicationId: null, ApproximateReceiveCount: 1 })
  assert.deepEqual(await client.queues(), { 'q-failed': 1 })

  assert.notEqual(await client.send('q', 'y', { MessageDeduplicationId: 'd' }), id, 'its id is free')
  await client.delete('q', last.ReceiptHandle)
  await client.delete('q-failed', last.ReceiptHandle)
  assert.deepEqual(await client.queues(), { q: 1, 'q-failed': 1 }, 'its old handle is of no use')

  await advance(10)
  assert.deepEqual(await inVain(standing, 'q-failed', 3), [2, 3, 4], 'the plain rule there: four more')
  assert.deepEqual(await client.queues(), { q: 1 })
})

test('a dead letter keeps the expiry that it had', async (t) => {
  const standing = await startStanding(t)
  const { client, advance } = standing
  await client.send('q', 'x', { DeadLetterQueueName: 'dead', MessageRetentionPeriod: 60 })
  await inVain(standing, 'q', 4)
  assert.deepEqual(await client.queues(), { dead: 1 })
  await advance(20)
  assert.deepEqual(await client.queues(), {})
})

test('MaxReceives replaces the four for what the call hands out', async (t) => {
  const standing = await startStanding(t)
  const { client } = standing
  await client.send('few', 'x', { DeadLetterQueueName: 'dead' })
  assert.deepEqual(await inVain(standing, 'few', 1, { MaxReceives: 1 }), [1])
  assert.deepEqual(await client.queues(), { dead: 1 })
  await client.send('many', 'x')
  assert.deepEqual(await inVain(standing, 'many', 10, { MaxReceives: 10 }), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  assert.deepEqual(await client.queues(), { dead: 1 })
})

test('a call that meets what was received that often removes it instead of handing it out', async (t) => {
  const standing = await startStanding(t)
  const { client } = standing
  await client.send('q', 'x')
  await client.send('q', 'own', { DeadLetterQueueName: 'own dead' })
  await inVain(standing, 'q', 2)
  await client.send('q', 'fresh')
  assert.deepEqual(await client.texts('q', { MaxReceives: 2, DeadLetterQueueName: 'dead' }), ['fresh'])
  assert.deepEqual(
    await client.queues(),
    { dead: 1, 'own dead': 1, q: 1 },
    'the sender’s word goes before the receiver’s',
  )
})

test('a DeadLetterQueueName of the last receive counts where the sender gave none', async (t) => {
  const standing = await startStanding(t)
  const { client } = standing
  await client.send('q', 'x')
  await inVain(standing, 'q', 3, { DeadLetterQueueName: 'first' })
  await inVain(standing, 'q', 1, { DeadLetterQueueName: 'last' })
  assert.deepEqual(await client.queues(), { last: 1 })
})

test('the limit bites at the end of a hold that is ended by hand, and of one of no length', async (t) => {
  const standing = await startStanding(t)
  const { client } = standing
  await client.send('q', 'x', { DeadLetterQueueName: 'dead' })
  await inVain(standing, 'q', 3)
  const [last] = await client.receive('q')
  await client.changeVisibility('q', last?.ReceiptHandle ?? '', 0)
  assert.deepEqual(await client.queues(), { dead: 1 })
  for (let time = 1; time <= 4; time++) {
    assert.equal((await client.receive('dead', { VisibilityTimeout: 0 }))[0]?.ApproximateReceiveCount, time)
  }
  assert.deepEqual(await client.queues(), {})
})
