import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestEngine } from '../../testing/test-engine.ts'
import { at, bodies, testEngine, text } from '../../testing/test-engine.ts'

const second = 1_000
const many = (count: number, more = {}) => Array.from({ length: count }, (_, i) => text(`${i}`, more))
const stored = async (t: TestEngine) => (await t.engine.getQueue(at('q'))).messages

test('a message lives as long as its own retention says, else as its queue says; without either for ever', async () => {
  await using t = testEngine()
  await t.create('q', { retentionMs: 20 * second })
  await t.create('eternal', { retentionMs: null })
  await t.send('q', text('short', { retentionMs: 10 * second }), 'queue', text('long', { retentionMs: 30 * second }))
  await t.send('eternal', 'x', text('own', { retentionMs: second }))
  const left: string[] = []
  for (let i = 0; i < 3; i++) {
    await t.advance(10 * second - 1)
    left.push(bodies((await t.engine.browse(at('q'))).messages).join(' '))
    await t.advance(1)
  }
  assert.deepEqual(left, ['short queue long', 'queue long', 'long'])
  assert.equal(await stored(t), 0)
  await t.jump(5_000 * 86_400 * second)
  assert.deepEqual(bodies((await t.engine.browse(at('eternal'))).messages), ['x'])
})

test('messages that were sent over time end each at its own time', async () => {
  await using t = testEngine()
  await t.create('q', { retentionMs: 10 * second })
  for (let i = 0; i < 10; i++) {
    await t.send('q', `${i}`)
    await t.advance(second)
  }
  for (let i = 9; i >= 0; i--) {
    assert.equal(await stored(t), i, `${i} are left`)
    await t.advance(second)
  }
  await t.send('q', 'later')
  await t.advance(10 * second - 1)
  assert.equal(await stored(t), 1)
  await t.advance(1)
  assert.equal(await stored(t), 0)
})

test('a changed retention counts at once for the messages that inherit it', async () => {
  await using t = testEngine()
  await t.create('q', { retentionMs: 100 * second })
  await t.send('q', text('own', { retentionMs: 30 * second }), 'old')
  await t.advance(20 * second)
  await t.send('q', 'young')
  const set = (retentionMs: number | null) => t.engine.updateQueue({ ...at('q'), settings: { retentionMs } })
  await set(20 * second)
  await t.idle()
  assert.deepEqual(bodies((await t.engine.browse(at('q'))).messages), ['own', 'young'])
  await set(50 * second)
  await t.advance(20 * second)
  assert.deepEqual(bodies((await t.engine.browse(at('q'))).messages), ['young'], 'its own is not touched')
  await set(null)
  await t.advance(1_000 * second)
  assert.equal(await stored(t), 1)
  await set(2_000 * second)
  await t.advance(979 * second)
  assert.equal(await stored(t), 1)
  await t.advance(second)
  assert.equal(await stored(t), 0)
})

test('leased, delayed and reprocessing messages expire as others do', async () => {
  await using t = testEngine()
  await t.create('q', { retentionMs: 10 * second })
  await t.send('q', 'leased', 'reprocessing', text('delayed', { delayMs: 60 * second }))
  const [, other] = await t.receive('q', { visibilityTimeoutMs: 60 * second })
  await t.settle(other!, { do: 'reprocess', delayMs: 60 * second })
  await t.advance(10 * second)
  assert.equal(await stored(t), 0)
  await t.advance(60 * second)
  assert.deepEqual(await t.receive('q'), [])
})

test('much that ends at one instant ends in slices, and nothing of it is handed out meanwhile', async () => {
  await using t = testEngine()
  await t.create('q', { retentionMs: 10 * second })
  for (let i = 0; i < 3; i++) {
    await t.send('q', ...many(500), ...many(200, { retentionMs: 10 * second }))
  }
  const waiting = t.receive('q', { waitMs: 60 * second, maxMessages: 1 })
  assert.equal((await waiting).length, 1)
  t.clock.advance(10 * second)
  assert.deepEqual(await t.receive('q', { maxMessages: 1000 }), [])
  await t.idle()
  assert.equal(await stored(t), 0)
  assert.deepEqual(t.store.stats().gauges, { messages: 0, deliveries: 0 })
})

test('much that becomes visible at one instant does so in slices while others are served', async () => {
  await using t = testEngine()
  for (let i = 0; i < 3; i++) await t.send('q', ...many(1000, { delayMs: second }))
  t.clock.advance(second)
  await t.send('q', 'new')
  await t.idle()
  assert.deepEqual(await t.counts('q'), { ready: 3001 })
})

test('what is in other queues and far away in time does not keep a message from its time', async () => {
  await using t = testEngine()
  await t.send('far', text('x', { delayMs: 3_000 * 86_400 * second }))
  await t.send('q', text('x', { delayMs: second }))
  const waiting = t.receive('q', { waitMs: 5 * second })
  await t.advance(second)
  assert.equal((await waiting).length, 1)
})

test('a clock that is set back makes things later; they are neither lost nor twice', async () => {
  await using t = testEngine()
  let skew = 0
  const now = t.clock.now
  t.clock.now = () => now() + skew
  await t.send('q', text('x', { delayMs: 10 * second }))
  skew = -60 * second
  await t.advance(10 * second)
  assert.deepEqual(await t.counts('q'), { delayed: 1 })
  skew = 0
  await t.advance(60 * second)
  assert.deepEqual(bodies(await t.receive('q')), ['x'])
})
