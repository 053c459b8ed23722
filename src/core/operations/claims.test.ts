import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestEngine } from '../../testing/test-engine.ts'
import { at, bodies, refusal, testEngine, text } from '../../testing/test-engine.ts'
import type { Claim } from '../requests.ts'

const second = 1_000

type Terms = Partial<Pick<Claim, 'maxMessages' | 'ttlMs' | 'graceMs' | 'maxLifetimeMs' | 'holder'>>

const claim = (t: TestEngine, more: Terms = {}) =>
  t.engine.claim({ ...at('q'), maxMessages: 10, ttlMs: 10 * second, graceMs: 5 * second, ...more })

/** As `claim`, where there is something to claim. */
const claimed = async (...args: Parameters<typeof claim>) => {
  const view = await claim(...args)
  assert.ok(view, 'there is something to claim')
  return view
}

test('a claim leases several messages under one id, oldest first, and none that another has', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', '1', '2', '3')
  const first = await claimed(t, { maxMessages: 2, holder: 'w' })
  assert.deepEqual(bodies(first.messages), ['1', '2'])
  assert.deepEqual(
    [first.ttlMs, first.graceMs, first.renewedAt, first.expiresAt],
    [10 * second, 5 * second, t.clock.now(), t.clock.now() + 10 * second],
  )
  const [message] = first.messages
  assert.deepEqual(
    [message?.state, message?.claim, message?.holder, message?.receiveCount, message?.visibleAt],
    ['leased', first.id, 'w', 1, first.expiresAt],
  )
  assert.match(first.id, /^\w+$/)
  const other = await claimed(t)
  assert.deepEqual(bodies(other.messages), ['3'])
  assert.notEqual(other.id, first.id)
  assert.equal(await claim(t), null, 'nothing is left')
  assert.equal(await t.engine.claim({ ...at('none'), maxMessages: 1, ttlMs: 1, graceMs: 0 }), null)
  assert.deepEqual(await t.receive('q'), [], 'a receive gets none of them either')
})

test('a claim is read while it lasts; what was deleted since is missing', async () => {
  await using t = testEngine()
  const ids = await t.send('q', '1', '2')
  const view = await claimed(t)
  const read = () => t.engine.getClaim({ ...at('q'), claim: view.id })
  assert.deepEqual(await read(), view)
  await t.engine.deleteMessages({ ...at('q'), ids: [ids[0]!], claim: view.id, leased: 'refuse' })
  assert.deepEqual(bodies((await read()).messages), ['2'])
  await t.advance(10 * second)
  await assert.rejects(read(), refusal('ClaimNotFound', { claim: view.id }))
  for (const id of ['', 'nonsense', ids[0]!]) {
    await assert.rejects(t.engine.getClaim({ ...at('q'), claim: id }), refusal('ClaimNotFound'))
  }
  await t.create('other')
  await assert.rejects(t.engine.getClaim({ ...at('other'), claim: view.id }), refusal('ClaimNotFound'))
})

test('at its end a claim is gone and its messages can be claimed, with no call from anyone', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', '1', '2')
  await claim(t)
  await t.advance(10 * second - 1)
  assert.equal(await claim(t), null)
  await t.advance(1)
  assert.deepEqual(await t.counts('q'), { ready: 2 })
  const [message] = (await claimed(t)).messages
  assert.equal(message?.receiveCount, 2)
})

test('a renewal begins the claim anew', async () => {
  await using t = testEngine()
  await t.send('q', '1')
  const view = await claimed(t)
  await t.advance(9 * second)
  const renewed = await t.engine.renewClaim({ ...at('q'), claim: view.id, ttlMs: 20 * second, graceMs: 0 })
  const start = t.clock.now()
  assert.deepEqual([renewed.renewedAt, renewed.ttlMs, renewed.expiresAt], [start, 20 * second, start + 20 * second])
  assert.equal(renewed.messages[0]?.visibleAt, start + 20 * second)
  await t.advance(20 * second - 1)
  assert.deepEqual(await t.engine.getClaim({ ...at('q'), claim: view.id }), renewed)
  await t.advance(1)
  const late = t.engine.renewClaim({ ...at('q'), claim: view.id, ttlMs: second, graceMs: 0 })
  await assert.rejects(late, refusal('ClaimNotFound'))
  assert.deepEqual(bodies(await t.receive('q')), ['1'])
})

test('a claim released frees its messages at once, in their old places', async () => {
  await using t = testEngine()
  await t.send('q', '1', '2')
  const view = await claimed(t)
  await t.send('q', '3')
  assert.deepEqual(await t.engine.releaseClaim({ ...at('q'), claim: view.id }), { released: true })
  assert.deepEqual(await t.engine.releaseClaim({ ...at('q'), claim: view.id }), { released: false })
  await assert.rejects(t.engine.getClaim({ ...at('q'), claim: view.id }), refusal('ClaimNotFound'))
  assert.deepEqual(bodies(await t.receive('q')), ['1', '2', '3'])
})

test('a claimed message lives until the claim ends and a grace longer, unless it would anyway', async () => {
  await using t = testEngine()
  await t.create('q', { retentionMs: 12 * second })
  const start = t.clock.now()
  await t.send('q', text('short', { retentionMs: 3 * second }), 'inherits', text('long', { retentionMs: 100 * second }))
  const view = await claimed(t)
  const lives = (messages: readonly { expiresAt: number | null }[]) =>
    messages.map(({ expiresAt }) => ((expiresAt ?? 0) - start) / second)
  assert.deepEqual(lives(view.messages), [15, 15, 100])
  await t.advance(9 * second)
  const renewed = await t.engine.renewClaim({ ...at('q'), claim: view.id, ttlMs: 10 * second, graceMs: 2 * second })
  assert.deepEqual(lives(renewed.messages), [21, 21, 100])
  await t.engine.releaseClaim({ ...at('q'), claim: view.id })
  assert.deepEqual(lives((await t.engine.browse(at('q'))).messages), [21, 21, 100])
  await t.advance(12 * second - 1)
  assert.deepEqual(await t.counts('q'), { ready: 3 })
  await t.advance(1)
  assert.deepEqual(bodies(await t.receive('q')), ['long'])
})

test('a message that one group claimed lives on for all groups, and ends for all', async () => {
  await using t = testEngine()
  await t.create('q', { consumerGroups: true, retentionMs: 5 * second })
  for (const group of ['g', 'h']) await t.engine.createGroup({ ...at('q'), group })
  await t.send('q', 'inherits', text('own', { retentionMs: 4 * second }))
  const held = await t.receive('q', { group: 'h', maxMessages: 1, visibilityTimeoutMs: 8 * second })
  await t.engine.claim({ ...at('q'), group: 'g', maxMessages: 5, ttlMs: 6 * second, graceMs: 4 * second })
  await t.advance(7 * second)
  assert.deepEqual(bodies(await t.receive('q', { group: 'h', visibilityTimeoutMs: 0 })), ['own'], 'the lease goes on')
  await t.settle(held[0]!, { do: 'release' })
  assert.deepEqual(bodies(await t.receive('q', { group: 'h', visibilityTimeoutMs: 0 })), ['inherits', 'own'])
  await t.advance(3 * second)
  assert.deepEqual(await t.receive('q', { group: 'h' }), [])
  assert.equal((await t.engine.getQueue(at('q'))).messages, 0)
  assert.equal(t.store.stats().gauges.deliveries, 0)
})

test('the terms of a claim are checked', async () => {
  await using t = testEngine()
  await t.send('q', '1')
  for (const [argument, more] of [
    ['maxMessages', { maxMessages: 0 }],
    ['maxMessages', { maxMessages: 1001 }],
    ['ttlMs', { ttlMs: 0 }],
    ['ttlMs', { ttlMs: 1.5 }],
    ['graceMs', { graceMs: -1 }],
    ['graceMs', { graceMs: Number.POSITIVE_INFINITY }],
  ] as const) {
    await assert.rejects(claim(t, more), refusal('ArgumentInvalid', { argument }))
  }
  const view = await claimed(t)
  const renew = t.engine.renewClaim({ ...at('q'), claim: view.id, ttlMs: 0, graceMs: 0 })
  await assert.rejects(renew, refusal('ArgumentInvalid', { argument: 'ttlMs' }))
})

test('no message outlives the lifetime that its claim allows', async () => {
  await using t = testEngine()
  await t.engine.send({ ...at('q'), messages: [{ body: Buffer.from('1'), retentionMs: 10 * second }] })
  const terms = { ttlMs: 30 * second, graceMs: 30 * second, maxLifetimeMs: 40 * second }
  const view = await claimed(t, terms)
  assert.equal(view.messages[0]?.expiresAt, t.clock.now() + 40 * second)
  await t.advance(20 * second)
  const renewed = await t.engine.renewClaim({ ...at('q'), claim: view.id, ...terms })
  assert.equal(renewed.messages[0]?.expiresAt, t.clock.now() + 20 * second)
  await t.advance(20 * second)
  assert.deepEqual((await t.engine.getClaim({ ...at('q'), claim: view.id })).messages, [])
})

test('claims survive a restart', async () => {
  const t = testEngine()
  await t.send('q', '1')
  const view = await claimed(t)
  await t.engine.stop()
  await using restarted = testEngine({ store: t.store, clock: t.clock })
  assert.deepEqual(await restarted.engine.getClaim({ ...at('q'), claim: view.id }), view)
  await restarted.engine.releaseClaim({ ...at('q'), claim: view.id })
  assert.deepEqual(bodies(await restarted.receive('q')), ['1'])
})
