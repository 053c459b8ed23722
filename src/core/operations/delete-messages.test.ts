import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestEngine } from '../../testing/test-engine.ts'
import { account, at, bodies, refusal, testEngine, text } from '../../testing/test-engine.ts'
import { messageIdAsUuid } from '../ids.ts'

const second = 1_000

/** What became of each id: deleted, nothing, or the refusal. */
const remove = async (
  t: TestEngine,
  ids: readonly string[],
  more: { claim?: string; group?: string; leased?: 'anyway' | 'refuse' } = {},
) => {
  const results = await t.engine.deleteMessages({ ...at('q'), ids, leased: 'anyway', ...more })
  return results.map((result) => (result.ok ? (result.value.changed ? 'deleted' : 'nothing') : result.refusal.code))
}

test('messages are deleted by any form of their id; what is malformed, unknown or gone changes nothing', async () => {
  await using t = testEngine()
  await t.create('q', { keepFinished: 'message' })
  await t.create('other')
  const [a, b, c, d, e] = await t.send('q', '1', '2', text('3', { delayMs: second }), '4', '5')
  const [foreign] = await t.send('other', 'x')
  const [leased] = await t.receive('q', { maxMessages: 1 })
  assert.equal(leased?.id, a)
  const [finished] = await t.receive('q', { maxMessages: 1 })
  await t.settle(finished!, { do: 'finish', as: 'E' })
  const ids = [a!, messageIdAsUuid(b!), c!.toUpperCase(), d!, d!, foreign!, 'nonsense', '', 'f'.repeat(24)]
  const expected = ['deleted', 'deleted', 'deleted', 'deleted', ...Array<string>(5).fill('nothing')]
  assert.deepEqual(await remove(t, ids), expected)
  assert.deepEqual(
    (await t.receive('q')).map(({ id }) => id),
    [e],
  )
  assert.equal((await t.receive('other')).length, 1)
  assert.deepEqual(await t.engine.deleteMessages({ ...at('none'), ids: [a!], leased: 'refuse' }), [
    { ok: true, value: { id: a, type: null, reprocessCount: 0, visibleAt: null, changed: false } },
  ])
})

test('where leased messages are refused, the claim that they are under opens them, and nothing else', async () => {
  await using t = testEngine()
  const [free, mine, theirs, received] = await t.send('q', '1', '2', '3', '4')
  const terms = { ...at('q'), maxMessages: 1, ttlMs: 10 * second, graceMs: 0 }
  const [first] = await t.receive('q', { maxMessages: 1 })
  const claim = (await t.engine.claim(terms))!.id
  await t.engine.claim(terms)
  await t.receive('q', { maxMessages: 1 })
  await t.settle(first!, { do: 'release' })
  const ids = [free!, mine!, theirs!, received!]
  assert.deepEqual(await remove(t, ids.slice(1), { leased: 'refuse' }), Array(3).fill('MessageLeased'))
  const withClaim = await remove(t, ids, { claim, leased: 'refuse' })
  assert.deepEqual(withClaim, ['MessageNotClaimed', 'deleted', 'MessageLeased', 'MessageLeased'])
  assert.deepEqual(await remove(t, [free!, 'unknown'], { leased: 'refuse' }), ['deleted', 'nothing'])
  assert.deepEqual(await remove(t, [theirs!], { leased: 'anyway' }), ['deleted'])
})

test('a late worker gets an error: its claim has ended, and the message may be under another', async () => {
  await using t = testEngine()
  const [id] = await t.send('q', 'x')
  const terms = { ...at('q'), maxMessages: 1, ttlMs: second, graceMs: 0 }
  const claim = (await t.engine.claim(terms))!.id
  await t.advance(second)
  assert.deepEqual(await remove(t, [id!], { claim, leased: 'refuse' }), ['MessageNotClaimed'])
  await t.engine.claim(terms)
  assert.deepEqual(await remove(t, [id!], { claim, leased: 'refuse' }), ['MessageLeased'])
})

test('a message of a queue with groups is deleted for all of them, or for the one named', async () => {
  await using t = testEngine()
  await t.create('q', { consumerGroups: true })
  for (const group of ['g', 'h']) await t.engine.createGroup({ ...at('q'), group })
  const [one, all] = await t.send('q', '1', '2')
  assert.deepEqual(await remove(t, [one!], { group: 'g' }), ['deleted'])
  assert.deepEqual(await remove(t, [all!]), ['deleted'])
  assert.deepEqual(await t.receive('q', { group: 'g' }), [])
  assert.deepEqual(bodies(await t.receive('q', { group: 'h' })), ['1'])
  assert.equal((await t.engine.status({ account, id: all! }))?.ended?.outcome, 'deleted')
  assert.equal((await t.engine.status({ account, id: one! }))?.ended, null)
  await assert.rejects(remove(t, [one!], { group: 'none' }), refusal('GroupNotFound'))
})

test('1 to 1,000 ids go into one request', async () => {
  await using t = testEngine()
  const ids = await t.send('q', ...Array.from({ length: 1000 }, (_, i) => `m${i}`))
  await assert.rejects(remove(t, []), refusal('ArgumentInvalid', { argument: 'ids' }))
  await assert.rejects(remove(t, [...ids, 'x']), refusal('ArgumentInvalid', { argument: 'ids' }))
  assert.deepEqual(new Set(await remove(t, ids)), new Set(['deleted']))
})
