import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, bodies, bodyOf, deleteEntries, refusal, testEngine, text } from '../../testing/test-engine.ts'
import { parseReceiptHandle } from '../ids.ts'

const second = 1_000

test('higher priority goes first, then age', async () => {
  await using t = testEngine()
  await t.send(
    'q',
    text('low', { priority: -1 }),
    'a',
    text('high', { priority: 5 }),
    'b',
    text('high2', { priority: 5 }),
  )
  await t.send('q', text('highest', { priority: 1000 }))
  assert.deepEqual(bodies(await t.receive('q')), ['highest', 'high', 'high2', 'a', 'b', 'low'])
})

test('newest first, where the queue wants that, and priority before it', async () => {
  await using t = testEngine()
  await t.create('q', { newestFirst: true })
  await t.send('q', '1', text('p1', { priority: 1 }), '2')
  await t.send('q', '3', text('p2', { priority: 1 }))
  assert.deepEqual(bodies(await t.receive('q')), ['p2', 'p1', '3', '2', '1'])
})

test('a message that returns takes its old place', async () => {
  await using t = testEngine()
  await t.create('lifo', { newestFirst: true })
  for (const queue of ['q', 'lifo']) {
    await t.send(queue, '1', '2', '3')
    const [first] = await t.receive(queue, { maxMessages: 1, visibilityTimeoutMs: second })
    await t.advance(second)
    assert.equal(bodyOf((await t.receive(queue, { maxMessages: 1 }))[0]!), bodyOf(first!), queue)
  }
})

test('delayed and leased messages are passed over, however high their priority', async () => {
  await using t = testEngine()
  await t.send('q', text('leased', { priority: 9 }))
  await t.receive('q')
  await t.send('q', text('delayed', { priority: 8, delayMs: second }), 'plain')
  assert.deepEqual(bodies(await t.receive('q')), ['plain'])
})

test('up to as many messages as asked for are taken, one when nothing is said', async () => {
  await using t = testEngine()
  await t.send('q', '1', '2', '3', '4')
  assert.deepEqual(bodies(await t.engine.receive({ ...at('q'), waitMs: 0 })), ['1'])
  assert.deepEqual(bodies(await t.receive('q', { maxMessages: 2 })), ['2', '3'])
  assert.deepEqual(bodies(await t.receive('q', { maxMessages: 1000 })), ['4'])
  for (const maxMessages of [0, 1001, 1.5, Number.NaN]) {
    await assert.rejects(t.receive('q', { maxMessages }), refusal('ArgumentInvalid', { argument: 'maxMessages' }))
    await assert.rejects(t.engine.pop({ ...at('q'), maxMessages }), refusal('ArgumentInvalid'))
  }
})

test('bodies and attributes stay below the bytes asked for, but one message is always handed out', async () => {
  await using t = testEngine()
  await t.send('q', text('12345', { attributes: '{"a":1}' }), '67890', '1', '2')
  assert.deepEqual(bodies(await t.receive('q', { maxBytes: 3 })), ['12345'])
  assert.deepEqual(bodies(await t.receive('q', { maxBytes: 6 })), ['67890', '1'])
  assert.deepEqual(bodies(await t.receive('q', { maxBytes: 0 })), ['2'])
})

test('a pop and a claim may be bounded in bytes, too', async () => {
  await using t = testEngine()
  await t.send('q', '12345', '6', '7', '8')
  assert.deepEqual(bodies(await t.engine.pop({ ...at('q'), maxMessages: 9, maxBytes: 5 })), ['12345'])
  const terms = { ...at('q'), maxMessages: 9, ttlMs: second, graceMs: 0 }
  assert.deepEqual(bodies((await t.engine.claim({ ...terms, maxBytes: 2 }))?.messages ?? []), ['6', '7'])
  assert.deepEqual(bodies(await t.receive('q')), ['8'], 'what did not fit was not taken')
})

test('a receive counts, hides for the visibility timeout, and hands out a new handle each time', async () => {
  await using t = testEngine()
  await t.create('q', { visibilityTimeoutMs: 2 * second })
  await t.send('q', 'x')
  const start = t.clock.now()
  const [first] = await t.receive('q')
  assert.deepEqual(
    [first?.receiveCount, first?.firstReceivedAt, first?.leasedUntil, first?.type, first?.reprocessCount],
    [1, start, start + 2 * second, 'Q', 0],
  )
  await t.advance(2 * second - 1)
  assert.deepEqual(await t.receive('q'), [])
  await t.advance(1)
  const [again] = await t.receive('q', { visibilityTimeoutMs: second })
  assert.deepEqual(
    [again?.id, again?.receiveCount, again?.firstReceivedAt, again?.leasedUntil],
    [first?.id, 2, start, start + 3 * second],
  )
  assert.notEqual(again?.receiptHandle, first?.receiptHandle)
  assert.ok(parseReceiptHandle(again?.receiptHandle ?? ''))
})

test('a visibility timeout of 0 hands out, counts, and leaves the message visible', async () => {
  await using t = testEngine()
  await t.send('q', 'x', 'y')
  for (const count of [1, 2, 3]) {
    const received = await t.receive('q', { visibilityTimeoutMs: 0 })
    assert.deepEqual(bodies(received), ['x', 'y'])
    assert.deepEqual([received[0]?.receiveCount, received[1]?.receiveCount], [count, count])
  }
  assert.deepEqual(await t.counts('q'), { ready: 2 })
})

test('what a receive asks for is checked', async () => {
  await using t = testEngine()
  await t.send('q', 'x')
  const wrong: [string, Record<string, unknown>][] = [
    ['visibilityTimeoutMs', { visibilityTimeoutMs: -1 }],
    ['visibilityTimeoutMs', { visibilityTimeoutMs: Number.POSITIVE_INFINITY }],
    ['maxBytes', { maxBytes: Number.NaN }],
    ['receiveLimit', { receiveLimit: 0 }],
    ['deadLetterQueue', { deadLetterQueue: 'q' }],
    ['deadLetterQueue', { deadLetterQueue: '' }],
    ['deadLetterQueue', { deadLetterQueue: 'x'.repeat(1025) }],
  ]
  for (const [argument, more] of wrong) {
    await assert.rejects(t.receive('q', more), refusal('ArgumentInvalid', { argument }), argument)
  }
  await assert.rejects(t.receive('q', { group: 'g' }), refusal('GroupNotFound', { group: 'g' }))
  assert.deepEqual(await t.counts('q'), { ready: 1 })
})

test('each message goes to one of many receives at once', async () => {
  await using t = testEngine()
  await t.engine.send({ ...at('q'), messages: Array.from({ length: 40 }, (_, i) => text(`m${i}`)) })
  const all = await Promise.all(Array.from({ length: 15 }, () => t.receive('q', { maxMessages: 3 })))
  const received = all.flatMap(bodies)
  assert.deepEqual([received.length, new Set(received).size], [40, 40])
})

test('a paused queue hands out nothing, and everything else goes on', async () => {
  await using t = testEngine()
  await t.create('q', { paused: true })
  await t.send('q', 'x', text('y', { delayMs: second }))
  assert.deepEqual(await t.receive('q'), [])
  assert.deepEqual(await t.engine.pop({ ...at('q'), maxMessages: 5 }), [])
  assert.equal(await t.engine.claim({ ...at('q'), maxMessages: 5, ttlMs: second, graceMs: 0 }), null)
  await t.advance(second)
  assert.deepEqual(await t.counts('q'), { ready: 2 })
  await t.engine.updateQueue({ ...at('q'), settings: { paused: false } })
  assert.deepEqual(bodies(await t.receive('q')), ['x', 'y'])
})

test('beyond the most that may be leased a receive is refused', async () => {
  await using t = testEngine()
  await t.create('q', { maxLeased: 3 })
  await t.send('q', '1', '2', '3', '4', '5')
  await t.receive('q', { maxMessages: 2 })
  const [third] = await t.receive('q')
  assert.equal(bodyOf(third!), '3')
  await assert.rejects(t.receive('q'), refusal('TooManyLeased', { maxLeased: 3 }))
  await assert.rejects(
    t.engine.claim({ ...at('q'), maxMessages: 1, ttlMs: second, graceMs: 0 }),
    refusal('TooManyLeased'),
  )
  assert.deepEqual(bodies(await t.engine.pop(at('q'))), ['4'], 'a pop leases nothing')
  await t.settle(third!, { do: 'delete' })
  assert.deepEqual(bodies(await t.receive('q')), ['5'])
})

test('nothing is handed out at or after its expiry, and it is gone then by itself', async () => {
  await using t = testEngine()
  await t.send('q', text('x', { retentionMs: second }), text('y', { retentionMs: second + 1 }))
  let now = t.clock.now()
  t.clock.now = () => now
  now += second
  assert.deepEqual(bodies(await t.receive('q', { visibilityTimeoutMs: 0 })), ['y'])
  now += 1
  assert.deepEqual(await t.receive('q'), [])
  await assert.rejects(t.engine.getQueue(at('q')), refusal('QueueNotFound'))
})

test('a message expires though it is leased or delayed, and its handle is good for nothing then', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send(
    'q',
    text('leased', { retentionMs: second }),
    text('delayed', { retentionMs: second, delayMs: 5 * second }),
  )
  const [message] = await t.receive('q', { visibilityTimeoutMs: 10 * second })
  assert.equal(message?.expiresAt, t.clock.now() + second)
  await t.advance(second)
  assert.deepEqual(await t.counts('q'), {})
  assert.equal((await t.settle(message!, { do: 'delete' })).changed, false)
  await assert.rejects(t.settle(message!, { do: 'extend', visibilityTimeoutMs: 5 }), refusal('LeaseLost'))
})

test('a pop hands out and deletes in one step', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', '1', '2', '3')
  const popped = await t.engine.pop({ ...at('q'), maxMessages: 2 })
  assert.deepEqual(bodies(popped), ['1', '2'])
  assert.deepEqual(
    popped.map(({ receiptHandle, leasedUntil, receiveCount }) => [receiptHandle, leasedUntil, receiveCount]),
    [
      [null, null, 1],
      [null, null, 1],
    ],
  )
  assert.deepEqual(await t.counts('q'), { ready: 1, done: 2 })
  const gone = await t.engine.status({ account: 'a', id: popped[0]!.id })
  assert.deepEqual([gone?.ended?.outcome, gone?.ended?.receiveCount], ['deleted', 1])
})

test('a pop passes leased messages over', async () => {
  await using t = testEngine()
  await t.send('q', '1', '2')
  await t.receive('q', { maxMessages: 1 })
  assert.deepEqual(bodies(await t.engine.pop({ ...at('q'), maxMessages: 9 })), ['2'])
  assert.deepEqual(await t.engine.pop({ ...at('none'), maxMessages: 9 }), [])
  await assert.rejects(t.engine.pop({ ...at('none'), ifMissing: 'refuse' }), refusal('QueueNotFound'))
})

test('many that have expired do not hide one that has not', async () => {
  await using t = testEngine()
  const shortLived = Array.from({ length: 900 }, (_, i) => text(`short ${i}`, { retentionMs: second }))
  await t.engine.send({ ...at('q'), messages: [...shortLived, text('long')] })
  let now = t.clock.now()
  t.clock.now = () => now
  now += second
  const [received] = await t.receive('q')
  assert.equal(received && bodyOf(received), 'long')
})

test('settlements of a turn are seen by the receives of the same turn', async () => {
  await using t = testEngine()
  await t.create('q', { ordering: 'ordered' })
  await t.send('q', '1', '2')
  const received = await t.receive('q', { maxMessages: 1 })
  const next = t.receive('q')
  const deleting = t.engine.settle({ ...at('q'), entries: deleteEntries(received) })
  await deleting
  assert.deepEqual(bodies(await next), ['2'])
})
