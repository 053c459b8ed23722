import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { at, bodies, testEngine, text } from '../../testing/test-engine.ts'
import type { NewMessage } from '../message.ts'

const minute = 60_000
const named = (id: string, more: Omit<NewMessage, 'body'> = {}) => text('x', { deduplicationId: id, ...more })

test('a message whose id is taken is answered as the first and not stored', async () => {
  await using t = testEngine()
  const [first] = await t.engine.send({ ...at('q'), messages: [named('d')] })
  await t.advance(1_000)
  const [second] = await t.engine.send({ ...at('q'), messages: [named('d', { priority: 9 })] })
  assert.deepEqual(second, { ...first, duplicate: true })
  assert.deepEqual(await t.counts('q'), { ready: 1 })
  await t.send('q', named('e'))
  await t.send('other', named('d'))
  assert.deepEqual([await t.counts('q'), await t.counts('other')], [{ ready: 2 }, { ready: 1 }])
})

test('the window lasts from the first send, whatever becomes of the message, and duplicates do not prolong it', async () => {
  await using t = testEngine()
  const [first] = await t.send('q', named('d'))
  await t.engine.pop(at('q'))
  await t.advance(5 * minute - 1)
  assert.deepEqual(await t.send('q', named('d')), [first])
  await t.advance(1)
  const [second] = await t.send('q', named('d'))
  assert.notEqual(second, first)
  assert.deepEqual(await t.counts('q'), { ready: 1, done: 1 })
})

test('after the window the id is free though the first message is still there', async () => {
  await using t = testEngine()
  await t.send('q', named('d'))
  await t.advance(5 * minute)
  await t.send('q', named('d'))
  assert.deepEqual(await t.counts('q'), { ready: 2 })
})

test("a message's own window counts, else its queue's; 0 reserves nothing", async () => {
  await using t = testEngine()
  await t.create('q', { deduplicationWindowMs: 1_000 })
  await t.send('q', named('short'), named('long', { deduplicationWindowMs: 3_000 }))
  await t.send('q', named('none', { deduplicationWindowMs: 0 }), named('none'))
  await t.advance(1_000)
  await t.send('q', named('short'), named('long'))
  assert.deepEqual(await t.counts('q'), { ready: 5 })
  await t.create('off', { deduplicationWindowMs: 0 })
  await t.send('off', named('d'), named('d'))
  assert.deepEqual(await t.counts('off'), { ready: 2 })
})

test('the window of a taken id counts, not the one that a duplicate names', async () => {
  await using t = testEngine()
  const [first] = await t.send('q', named('d', { deduplicationWindowMs: 1_000 }))
  assert.deepEqual(await t.send('q', named('d', { deduplicationWindowMs: 0 })), [first])
  await t.send('q', named('d', { deduplicationWindowMs: 60_000 }))
  await t.advance(1_000)
  assert.notDeepEqual(await t.send('q', named('d')), [first])
})

test('of two simultaneous sends, and of two in one request, one is stored', async () => {
  await using t = testEngine()
  const [[a], [b]] = await Promise.all([t.send('q', named('d')), t.send('q', named('d'))])
  assert.equal(a, b)
  const [c, d, e] = await t.send('q', named('e'), named('f'), named('e'))
  assert.ok(c === e && c !== d)
  assert.deepEqual(await t.counts('q'), { ready: 3 })
})

test('ids may be of the whole queue or of a message group', async () => {
  await using t = testEngine()
  await t.create('queue', { ordering: 'grouped' })
  await t.create('group', { ordering: 'grouped', deduplicationScope: 'message-group' })
  for (const queue of ['queue', 'group']) {
    await t.send(queue, named('d', { messageGroup: 'g' }), named('d', { messageGroup: 'h' }))
    await t.send(queue, named('d', { messageGroup: 'g' }), named('d'))
  }
  assert.equal((await t.engine.getQueue(at('queue'))).messages, 1)
  assert.equal((await t.engine.getQueue(at('group'))).messages, 3)
})

test('with content deduplication the SHA-256 of the body is the id of those that have none', async () => {
  await using t = testEngine()
  await t.create('q', { contentDeduplication: true })
  const sha = createHash('sha256').update('hello').digest('hex')
  const [first] = await t.send('q', text('hello', { attributes: '{"a":1}' }))
  assert.deepEqual(await t.send('q', 'hello', text('other', { deduplicationId: sha })), [first, first])
  await t.send('q', text('hello', { deduplicationId: 'own' }), 'hello!')
  assert.deepEqual(await t.counts('q'), { ready: 3 })
})

test('a dead letter that went where its message said has freed its id', async () => {
  await using t = testEngine()
  await t.send('q', named('d', { receiveLimit: 1, deadLetterQueue: 'dead' }))
  await t.receive('q', { visibilityTimeoutMs: 1_000 })
  await t.advance(1_000)
  assert.deepEqual(await t.counts('dead'), { ready: 1 })
  const [again] = await t.send('q', named('d'))
  assert.deepEqual(
    (await t.receive('q')).map(({ id }) => id),
    [again],
  )
})

test('a dead letter frees its own id only, not one that a later message has taken', async () => {
  await using t = testEngine()
  await t.create('q', { contentDeduplication: true, deduplicationWindowMs: 1_000 })
  await t.send('q', named('d', { receiveLimit: 1, deadLetterQueue: 'dead' }))
  await t.receive('q', { visibilityTimeoutMs: 1_500 })
  await t.advance(1_200)
  const [later] = await t.send('q', named('d'))
  await t.advance(300)
  assert.deepEqual(await t.counts('dead'), { ready: 1 })
  assert.deepEqual(await t.send('q', named('d')), [later])
})

test('a dead letter of content deduplication frees the id that its body made', async () => {
  await using t = testEngine()
  await t.create('q', { contentDeduplication: true })
  await t.send('q', text('hello', { receiveLimit: 1, deadLetterQueue: 'dead' }))
  await t.receive('q', { visibilityTimeoutMs: 1_000 })
  await t.advance(1_000)
  await t.send('q', 'hello')
  assert.deepEqual(bodies(await t.receive('q')), ['hello'])
})

test("a dead letter of the queue's setting keeps its id taken", async () => {
  await using t = testEngine()
  await t.create('dead', { contentDeduplication: true })
  await t.create('q', { receiveLimit: 1, deadLetterQueue: 'dead' })
  const [first] = await t.send('q', named('d'))
  await t.send('dead', named('d'))
  await t.receive('q', { visibilityTimeoutMs: 1_000 })
  await t.advance(1_000)
  assert.deepEqual(await t.send('q', named('d')), [first])
  assert.deepEqual(await t.counts('dead'), { ready: 2 }, 'a move is not a send: it is no duplicate')
})

test('windows survive a restart', async () => {
  const t = testEngine()
  const [first] = await t.send('q', named('d'))
  await t.engine.stop()
  await using restarted = testEngine({ store: t.store, clock: t.clock })
  assert.deepEqual(await restarted.send('q', named('d')), [first])
})
