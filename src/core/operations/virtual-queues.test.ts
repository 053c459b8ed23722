import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, at, bodies, bodyOf, refusal, testEngine, text } from '../../testing/test-engine.ts'

const second = 1_000

test('a virtual queue whose name ends in _lifo hands out the newest first, of equal priority', async () => {
  await using t = testEngine()
  await t.send('jobs_lifo', '1', '2', text('3', { priority: -1 }), '4')
  assert.deepEqual(bodies(await t.receive('jobs_lifo', { visibilityTimeoutMs: second })), ['4', '2', '1', '3'])
  await t.advance(second)
  await t.send('jobs_lifo', '5')
  assert.deepEqual(bodies(await t.receive('jobs_lifo')), ['5', '4', '2', '1', '3'], 'each takes its old place')
})

test('so does one that dead letters make; an explicit one has what it was created with', async () => {
  await using t = testEngine()
  await t.create('explicit_lifo')
  await t.send('explicit_lifo', '1', '2')
  assert.deepEqual(bodies(await t.receive('explicit_lifo')), ['1', '2'])
  for (const body of ['1', '2']) {
    await t.send('q', text(body, { receiveLimit: 1, deadLetterQueue: 'dead_lifo' }))
    await t.receive('q', { visibilityTimeoutMs: second })
    await t.advance(second)
  }
  assert.deepEqual(bodies(await t.receive('dead_lifo')), ['2', '1'])
})

test('what is left of a virtual queue stands in the way of nothing', async () => {
  await using t = testEngine()
  await t.send('x_lifo', '1')
  await t.engine.purgeQueue(at('x_lifo'))
  const { queue } = await t.engine.createQueue({ ...at('x_lifo'), settings: { ordering: 'ordered' } })
  assert.equal(queue.settings.newestFirst, false)
})

test('dead letters are handed out by the time of their sending, not of the move', async () => {
  await using t = testEngine()
  await t.send('q', text('older', { receiveLimit: 2, deadLetterQueue: 'dead' }))
  await t.advance(second)
  await t.send('q', text('newer', { receiveLimit: 1, deadLetterQueue: 'dead' }))
  for (let i = 0; i < 2; i++) {
    await t.receive('q', { visibilityTimeoutMs: second })
    await t.advance(second)
  }
  assert.deepEqual(bodies(await t.receive('dead')), ['older', 'newer'])
})

test('a limit that goes with the message counts anew in its dead letter queue; any other does not', async () => {
  await using t = testEngine()
  const limit = { receiveLimit: 2, deadLetterQueue: 'dead' }
  await t.send('q', text('keeps', { ...limit, keepsReceiveLimit: true }), text('leaves', limit))
  for (const queue of ['q', 'q', 'dead', 'dead']) {
    assert.equal((await t.receive(queue, { visibilityTimeoutMs: second })).length, 2)
    await t.advance(second)
  }
  assert.deepEqual(await t.counts('dead'), { ready: 1, done: 1 })
  assert.deepEqual(bodies(await t.receive('dead')), ['leaves'])
})

test('a lease of no length is over at once: the last one too, with nobody asking', async () => {
  await using t = testEngine()
  await t.send('q', text('x', { receiveLimit: 2, deadLetterQueue: 'dead' }))
  const now = { visibilityTimeoutMs: 0 }
  assert.deepEqual((await t.receive('q', now)).map(bodyOf), ['x'])
  assert.deepEqual(await t.counts('q'), { ready: 1 })
  const [last] = await t.receive('q', now)
  assert.deepEqual([last?.receiveCount, last && bodyOf(last)], [2, 'x'])
  assert.deepEqual(await t.counts('dead'), { ready: 1 })
  assert.equal((await t.settle(last!, { do: 'delete' }, 'latest')).changed, false)
  assert.deepEqual(await t.counts('dead'), { ready: 1 }, 'the handle was of the queue that it left')
})

test('what is visible again at once wakes the next that waits', async () => {
  await using t = testEngine()
  const waiting = [1, 2, 3].map(() => t.receive('q', { waitMs: 60 * second, visibilityTimeoutMs: 0 }))
  await t.idle()
  await t.send('q', 'x')
  const received = await Promise.all(waiting)
  assert.deepEqual(
    received.map((messages) => messages[0]?.receiveCount),
    [1, 2, 3],
  )
})

test('a sender may say how many messages the queue is to hold at most; the smaller limit counts', async () => {
  await using t = testEngine()
  const send = (queue: string, maxMessages: number) =>
    t.engine.send({
      ...at(queue),
      messages: [text('x', { deduplicationId: 'd', deduplicationWindowMs: 0 })],
      maxMessages,
    })
  await send('q', 2)
  await send('q', 2)
  await assert.rejects(send('q', 2), refusal('QueueFull', { maxMessages: 2 }))
  await send('q', 3)
  await t.create('small', { maxMessages: 1 })
  await send('small', 2)
  await assert.rejects(send('small', 2), refusal('QueueFull', { maxMessages: 1 }))
})

test('virtual queues take messages as large as the server says, the second as the first', async () => {
  await using t = testEngine({ limits: { maxVirtualMessageBytes: 2_000_000 } })
  const large = { body: new Uint8Array(2_000_000) }
  await t.send('q', large)
  await t.send('q', large)
  await assert.rejects(t.send('q', { body: new Uint8Array(2_000_001) }), refusal('MessageTooLarge'))
  assert.equal((await t.engine.listQueues({ account })).queues[0]?.messages, 2)
})
