import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestEngine } from '../../testing/test-engine.ts'
import { account, at, bodies, refusal, testEngine, text } from '../../testing/test-engine.ts'
import { isRefusal } from '../errors.ts'
import type { Receive } from '../requests.ts'

const second = 1_000

/** Receives and lets the lease end, so many times; gives the receive counts seen. */
const receiveInVain = async (t: TestEngine, queue: string, times: number, more: Partial<Receive> = {}) => {
  const counts: number[] = []
  for (let i = 0; i < times; i++) {
    const received = await t.receive(queue, { visibilityTimeoutMs: second, ...more })
    counts.push(...received.map(({ receiveCount }) => receiveCount))
    await t.advance(second)
  }
  return counts
}

test('the limit bites when the last lease ends, by itself: there is never one receive more', async () => {
  await using t = testEngine()
  await t.create('dead')
  await t.create('q', { receiveLimit: 2, deadLetterQueue: 'dead' })
  await t.send('q', 'x')
  assert.deepEqual(await receiveInVain(t, 'q', 1), [1])
  const [last] = await t.receive('q', { visibilityTimeoutMs: second })
  assert.equal(last?.receiveCount, 2)
  await t.advance(second - 1)
  assert.deepEqual(await t.counts('q'), { leased: 1 }, 'it can still be deleted or extended')
  await t.settle(last!, { do: 'extend', visibilityTimeoutMs: second })
  await t.advance(second - 1)
  assert.deepEqual(await t.counts('dead'), {})
  await t.advance(1)
  assert.deepEqual([await t.counts('q'), await t.counts('dead')], [{ done: 1 }, { ready: 1 }])
})

test('during its last lease a message can still be deleted', async () => {
  await using t = testEngine()
  await t.create('q', { receiveLimit: 1, deadLetterQueue: 'dead' })
  await t.send('q', 'x')
  const [message] = await t.receive('q')
  await t.settle(message!, { do: 'delete' })
  await t.advance(60 * second)
  assert.equal((await t.engine.listQueues({ account })).queues.length, 1)
})

test('a limit that bites at the receive moves the message when a receive meets it, and goes on to the next', async () => {
  await using t = testEngine()
  await t.create('dead')
  await t.create('q', { receiveLimit: 2, deadLetterQueue: 'dead', deadLetterAt: 'receive' })
  await t.send('q', 'x')
  assert.deepEqual(await receiveInVain(t, 'q', 2), [1, 2])
  await t.advance(60 * second)
  assert.deepEqual(await t.counts('q'), { ready: 1 }, 'nobody polls: it stays')
  await t.send('q', 'y')
  assert.deepEqual(bodies(await t.receive('q', { maxMessages: 1 })), ['y'])
  const [dead] = await t.receive('dead')
  assert.deepEqual([dead?.receiveCount, dead?.deadLetterSource?.queue], [3, 'q'])
})

test('in the queue of the setting a dead letter keeps what it had, and its count goes on without counting against a limit', async () => {
  await using t = testEngine()
  await t.create('end')
  await t.create('dead', { receiveLimit: 2, deadLetterQueue: 'end' })
  await t.create('q', { receiveLimit: 3, deadLetterQueue: 'dead' })
  const [id] = await t.send(
    'q',
    text('x', { attributes: '{"a":1}', priority: 4, deduplicationId: 'd', messageGroup: 'g' }),
  )
  const sentAt = t.clock.now()
  await receiveInVain(t, 'q', 3)
  const at3 = t.clock.now()
  const [dead] = await t.receive('dead', { visibilityTimeoutMs: second })
  assert.deepEqual([dead?.id, dead?.receiveCount, dead?.firstReceivedAt], [id, 4, sentAt])
  const { message } = dead!
  assert.deepEqual(
    [message.attributes, message.priority, message.messageGroup, message.extra?.deduplicationId, message.sentAt],
    ['{"a":1}', 4, 'g', 'd', sentAt],
  )
  assert.deepEqual(dead?.deadLetterSource, { queue: 'q', reason: 'receive limit', at: at3 })
  await t.advance(second)
  assert.deepEqual(await receiveInVain(t, 'dead', 1), [5], 'it has receives of its own here')
  assert.deepEqual(bodies(await t.receive('end')), ['x'], 'chains work')
})

test('without a dead letter queue a message that was received too often is deleted', async () => {
  await using t = testEngine()
  await t.create('q', { receiveLimit: 1 })
  const [id] = await t.send('q', 'x')
  await receiveInVain(t, 'q', 1)
  assert.deepEqual(await t.counts('q'), { done: 1 })
  const status = await t.engine.status({ account, id: id! })
  assert.deepEqual([status?.ended?.outcome, status?.ended?.reason], ['dead-letter', 'receive limit'])
})

test('a dead letter queue that does not exist keeps the message where it is, and it is delivered as usual', async () => {
  await using t = testEngine()
  await t.create('dead')
  await t.create('q', { receiveLimit: 1, deadLetterQueue: 'dead' })
  await t.engine.deleteQueue(at('dead'))
  await t.send('q', 'x')
  assert.deepEqual(await receiveInVain(t, 'q', 3), [1, 2, 3])
  await t.create('dead')
  await receiveInVain(t, 'q', 1)
  assert.deepEqual(await t.counts('dead'), { ready: 1 })
})

test('a message that named its dead letter queue is a plain message there: count 0, id kept, the rule anew', async () => {
  await using t = testEngine()
  const [id] = await t.send('q', text('x', { receiveLimit: 2, deadLetterQueue: 'q failed', priority: 3 }))
  const sentAt = t.clock.now()
  await receiveInVain(t, 'q', 2)
  assert.deepEqual(
    (await t.engine.listQueues({ account })).queues.map(({ name }) => name),
    ['q failed'],
  )
  const [dead] = await t.receive('q failed', { receiveLimit: 4, visibilityTimeoutMs: second })
  assert.deepEqual([dead?.id, dead?.receiveCount, dead?.message.sentAt], [id, 1, sentAt])
  assert.deepEqual([dead?.message.priority, dead?.firstReceivedAt], [3, sentAt])
  await t.advance(second)
  assert.deepEqual(await receiveInVain(t, 'q failed', 3, { receiveLimit: 4 }), [2, 3, 4])
  assert.deepEqual((await t.engine.listQueues({ account })).queues, [], 'four more receives and it is deleted')
})

test("a receive's limit counts for what it hands out, and for what it meets", async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', 'x')
  assert.deepEqual(await receiveInVain(t, 'q', 2, { receiveLimit: 3 }), [1, 2])
  await receiveInVain(t, 'q', 1, { receiveLimit: 5 })
  assert.deepEqual(await t.counts('q'), { ready: 1 }, 'the latest receive decides')
  assert.deepEqual(await t.receive('q', { receiveLimit: 3 }), [], 'met: received that often already')
  assert.deepEqual(await t.counts('q'), { done: 1 })
})

test("a message's own dead letter queue goes before that of the receive, which goes before the queue's", async () => {
  await using t = testEngine()
  await t.create('of the queue')
  await t.create('q', { receiveLimit: 1, deadLetterQueue: 'of the queue' })
  await t.send('q', text('1', { deadLetterQueue: 'own' }), '2')
  await receiveInVain(t, 'q', 1, { deadLetterQueue: 'of the receive' })
  await t.send('q', '3')
  await receiveInVain(t, 'q', 1)
  for (const [queue, body] of [
    ['own', '1'],
    ['of the receive', '2'],
    ['of the queue', '3'],
  ] as const) {
    assert.deepEqual(bodies(await t.engine.pop(at(queue))), [body])
  }
})

test('a receive that hands out to another dead letter queue is remembered also for one by hand', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', 'x')
  const [message] = await t.receive('q', { deadLetterQueue: 'dead' })
  await t.settle(message!, { do: 'dead-letter', reason: 'cannot be read' })
  const [dead] = await t.receive('dead')
  assert.equal(dead?.deadLetterSource?.reason, 'cannot be read')
})

test('a dead letter by hand goes at once, whatever its receive count', async () => {
  await using t = testEngine()
  await t.create('dead')
  await t.create('q', { receiveLimit: 100, deadLetterQueue: 'dead' })
  await t.send('q', 'x')
  const [message] = await t.receive('q')
  const settled = await t.settle(message!, { do: 'dead-letter' })
  assert.deepEqual([settled.type, settled.changed], [null, true])
  assert.deepEqual(await t.counts('dead'), { ready: 1 })
  assert.equal((await t.settle(message!, { do: 'dead-letter' })).changed, false, 'asked once more: done already')
})

test('retention of a dead letter counts from the move, where it is set; else it keeps the expiry it had', async () => {
  await using t = testEngine()
  await t.create('dead', { retentionMs: 100 * second })
  await t.create('kept', { receiveLimit: 1, deadLetterQueue: 'dead' })
  await t.create('anew', { receiveLimit: 1, deadLetterQueue: 'dead', deadLetterRetentionMs: 10 * second })
  const start = t.clock.now()
  await t.send('kept', text('own', { retentionMs: 5 * second }), "queue's")
  await t.send('anew', text('anew', { retentionMs: 5 * second }))
  await t.receive('kept', { visibilityTimeoutMs: second })
  await t.receive('anew', { visibilityTimeoutMs: second })
  await t.advance(second)
  const expiries = (await t.receive('dead')).map((message) => [...bodies([message]), (message.expiresAt ?? 0) - start])
  assert.deepEqual(
    new Map(expiries as [string, number][]),
    new Map([
      ['own', 5 * second],
      ["queue's", 100 * second],
      ['anew', 11 * second],
    ]),
  )
})

test('dead letters may be kept within the group', async () => {
  await using t = testEngine()
  await t.create('q', { receiveLimit: 1, deadLetters: 'group', deadLetterRetentionMs: 72 * 3_600 * second })
  const dead = { group: 'default', deadLetters: true }
  assert.deepEqual(await t.receive('q', dead), [], 'there is none yet')
  await t.send('q', text('x', { retentionMs: 10 * second }), 'y')
  await receiveInVain(t, 'q', 1)
  const view = await t.engine.getQueue(at('q'))
  assert.deepEqual([view.counts.ready, view.counts.done, view.groups[0]?.deadLetters?.ready], [0, 2, 2])
  await t.advance(60 * second)
  const received = await t.receive('q', { ...dead, visibilityTimeoutMs: second })
  assert.deepEqual(bodies(received), ['x', 'y'])
  assert.deepEqual([received[0]?.receiveCount, received[0]?.deadLetterSource?.queue], [1, 'q'])
  assert.equal(received[0]?.expiresAt, t.clock.now() - 60 * second + 72 * 3_600 * second)
  await t.advance(second)
  const again = await t.receive('q', { ...dead, visibilityTimeoutMs: second })
  assert.deepEqual(
    again.map(({ receiveCount }) => receiveCount),
    [2, 2],
    'there is no second level',
  )
  await assert.rejects(t.settle(again[0]!, { do: 'dead-letter' }), (error) => isRefusal(error, 'ArgumentInvalid'))
  await t.settle(again[0]!, { do: 'release' })
  await t.settle(again[1]!, { do: 'delete' })
  assert.deepEqual(bodies(await t.receive('q', dead)), ['x'])
  await t.jump(72 * 3_600 * second)
  assert.deepEqual((await t.engine.getQueue(at('q'))).groups[0]?.deadLetters?.ready, 0)
})

test('without a retention of their own, dead letters within the group live as long as they would have', async () => {
  await using t = testEngine()
  await t.create('q', { receiveLimit: 1, deadLetters: 'group', retentionMs: 10 * second })
  await t.send('q', 'x', text('y', { retentionMs: 20 * second }))
  await receiveInVain(t, 'q', 1)
  const dead = { deadLetters: true, visibilityTimeoutMs: 0 }
  assert.deepEqual(bodies(await t.receive('q', dead)), ['x', 'y'])
  await t.advance(9 * second)
  assert.deepEqual(bodies(await t.receive('q', dead)), ['y'])
  await t.advance(10 * second)
  assert.deepEqual(await t.receive('q', dead), [])
})

test('dead letters of an ordered queue are read in order', async () => {
  await using t = testEngine()
  await t.create('q', { ordering: 'ordered', receiveLimit: 1, deadLetters: 'group' })
  await t.send('q', '1', '2', '3')
  for (let i = 0; i < 3; i++) await receiveInVain(t, 'q', 1, { maxMessages: 1 })
  assert.deepEqual(bodies(await t.receive('q', { deadLetters: true, maxMessages: 1 })), ['1'])
  assert.deepEqual(await t.receive('q', { deadLetters: true }), [])
})

test('every way of failing counts, and a receive taken back does not', async () => {
  await using t = testEngine()
  await t.create('q', { receiveLimit: 4 })
  await t.send('q', 'x')
  const next = async () => (await t.receive('q', { visibilityTimeoutMs: second }))[0]!
  await t.settle(await next(), { do: 'release' })
  await t.settle(await next(), { do: 'extend', visibilityTimeoutMs: 0 })
  await next()
  await t.advance(second)
  for (let i = 0; i < 3; i++) await t.settle(await next(), { do: 'release', failed: false })
  const last = await next()
  assert.equal(last.receiveCount, 4)
  const settled = await t.settle(last, { do: 'release', reason: 'no luck' })
  assert.equal(settled.type, null)
  const status = await t.engine.status({ account, id: last.id })
  assert.deepEqual([status?.ended?.outcome, status?.ended?.reason], ['dead-letter', 'no luck'])
})

test('a reprocess never counts towards the limit', async () => {
  await using t = testEngine()
  await t.create('q', { receiveLimit: 2 })
  await t.send('q', 'x')
  for (let i = 1; i <= 50; i++) {
    const [message] = await t.receive('q')
    assert.deepEqual([message?.receiveCount, message?.reprocessCount], [i, i - 1])
    await t.settle(message!, { do: 'reprocess', delayMs: second })
    await t.advance(second)
  }
  await receiveInVain(t, 'q', 1)
  assert.deepEqual(await t.counts('q'), { ready: 1 })
  await receiveInVain(t, 'q', 1)
  assert.deepEqual(await t.counts('q'), { done: 1 }, 'two failures are two')
})

test('claims are receives too: the limit bites when they end', async () => {
  await using t = testEngine()
  await t.create('q', { receiveLimit: 1, deadLetters: 'group' })
  await t.send('q', 'x', 'y')
  const claim = { ...at('q'), maxMessages: 1, ttlMs: second, graceMs: 0 }
  await t.engine.claim(claim)
  const view = await t.engine.claim(claim)
  await t.engine.releaseClaim({ ...at('q'), claim: view!.id })
  await t.advance(second)
  assert.equal((await t.engine.getQueue(at('q'))).groups[0]?.deadLetters?.ready, 2)
})

test('a limit changed later counts from the next event of each message on', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', 'x')
  await receiveInVain(t, 'q', 3)
  await t.engine.updateQueue({ ...at('q'), settings: { receiveLimit: 2 } })
  await t.idle()
  assert.deepEqual(await t.counts('q'), { ready: 1 })
  assert.deepEqual(await t.receive('q'), [])
  assert.deepEqual(await t.counts('q'), { done: 1 })
})

test('a queue cannot be its own dead letter queue', async () => {
  await using t = testEngine()
  await assert.rejects(
    t.create('q', { deadLetterQueue: 'q' }),
    refusal('SettingInvalid', { setting: 'deadLetterQueue' }),
  )
})
