import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, bodies, deleteEntries, refusal, testEngine, text } from '../../testing/test-engine.ts'
import type { QueueSettingsPatch, TagRule } from '../queue.ts'

const second = 1_000
const eu: TagRule = { tags: ['eu'], match: 'any' }
const tagged = (body: string, ...tags: string[]) => text(body, { tags })

const withGroup = async (settings: QueueSettingsPatch = {}, tagRule: TagRule | null = null) => {
  const t = testEngine()
  await t.create('q', { consumerGroups: true, ...settings })
  await t.engine.createGroup({ ...at('q'), group: 'g', tagRule })
  const receive = async (rule?: TagRule | null, more: object = {}) => {
    const received = await t.receive('q', { group: 'g', ...(rule === undefined ? {} : { tagRule: rule }), ...more })
    return { received, seen: bodies(received).join(' ') }
  }
  return { t, receive, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() }
}

test('a group with a rule is given what matches, and counts nothing else', async () => {
  for (const [match, expected] of [
    ['any', 'a b ab'],
    ['all', 'ab'],
  ] as const) {
    await using q = await withGroup({}, { tags: ['a', 'b'], match })
    await q.t.send('q', 'none', tagged('a', 'a'), tagged('b', 'b', 'c'), tagged('c', 'c'), tagged('ab', 'b', 'x', 'a'))
    assert.deepEqual(await q.t.counts('q', 'g'), { ready: expected.split(' ').length })
    const { seen, received } = await q.receive()
    assert.equal(seen, expected)
    await q.t.engine.settle({ ...at('q'), entries: deleteEntries(received) })
    assert.equal((await q.t.engine.getQueue(at('q'))).messages, 5, 'all are retained')
    await q.t.engine.createGroup({ ...at('q'), group: 'late', tagRule: { tags: ['c'], match: 'any' } })
    assert.equal(bodies(await q.t.receive('q', { group: 'late' })).join(' '), 'b c')
  }
})

test('the first receive that names tags fixes them, and what does not match is gone from the group', async () => {
  await using q = await withGroup()
  await q.t.send('q', 'leased', '1', tagged('2', 'eu'), '3', tagged('4', 'eu'), text('later', { delayMs: 5 * second }))
  const held = await q.receive(null, { maxMessages: 1 })
  assert.equal(held.seen, 'leased')
  const { seen } = await q.receive(eu)
  assert.equal(seen, '2 4')
  assert.deepEqual(await q.t.counts('q', 'g'), { leased: 3 })
  await q.t.settle(held.received[0]!, { do: 'release' })
  assert.deepEqual(await q.t.counts('q', 'g'), { leased: 2 })
  await q.t.advance(60 * second)
  assert.deepEqual(await q.t.counts('q', 'g'), { ready: 2 })
  assert.deepEqual((await q.t.engine.getQueue(at('q'))).groups[0]?.tagRule, eu)
})

test('another rule, or the word that there is none, is refused; the same in other words is not', async () => {
  await using q = await withGroup()
  const both: TagRule = { tags: ['a', 'b'], match: 'any' }
  await q.receive(both)
  for (const rule of [null, eu, { ...both, match: 'all' }, { tags: ['a', 'b', 'c'], match: 'any' }] as const) {
    await assert.rejects(q.receive(rule), refusal('TagRuleFixed', { group: 'g' }))
  }
  await q.receive({ tags: ['b', 'a', 'b'], match: 'any' })
  await q.receive()
  await q.t.engine.purgeQueue(at('q'))
  await assert.rejects(q.receive(eu), refusal('TagRuleFixed'), 'a purge changes no rule')
  await assert.rejects(
    q.t.engine.createGroup({ ...at('q'), group: 'g', tagRule: eu }),
    refusal('TagRuleFixed', { group: 'g' }),
  )
})

test('in an ordered queue what does not match holds nobody back', async () => {
  await using q = await withGroup({ ordering: 'ordered' })
  await q.t.send('q', text('1', { delayMs: 3_600 * second }), '2', tagged('3', 'eu'), '4', tagged('5', 'eu'))
  assert.equal((await q.receive(eu)).seen, '3 5')
  await q.t.send('q', '6', tagged('7', 'eu'))
  assert.equal((await q.receive()).seen, '', 'behind 3 and 5')
})

test('of a large backlog what does not match goes in slices, and whoever waits is given what is behind it', async () => {
  await using q = await withGroup()
  for (let slice = 0; slice < 6; slice++) await q.t.send('q', ...Array.from({ length: 800 }, () => 'x'))
  await q.t.send('q', tagged('at last', 'eu'))
  const waiting = q.receive(eu, { waitMs: second })
  assert.equal((await waiting).seen, 'at last')
  await q.t.idle()
  assert.deepEqual(await q.t.counts('q', 'g'), { leased: 1 })
})

test('while a new rule is applied to a large backlog, nothing counts that may not match it', async () => {
  for (const ordering of ['unordered', 'ordered'] as const) {
    await using q = await withGroup({ ordering })
    const messages = Array.from({ length: 800 }, (_, index) => (index % 8 === 0 ? tagged('x', 'eu') : text('y')))
    for (let sent = 0; sent < 4; sent++) await q.t.send('q', ...messages)
    await q.t.send('q', text('later', { delayMs: second }), text('later', { delayMs: second, tags: ['eu'] }))
    const [message] = (await q.receive(eu, { maxMessages: 1 })).received
    await q.t.settle(message!, { do: 'release' })
    const looks: { available: number; delayed: number }[] = []
    const look = async () => {
      const { counts } = (await q.t.engine.getQueue(at('q'))).groups[0]!
      looks.push({ available: counts.ready + counts.behind, delayed: counts.delayed })
    }
    await look()
    const [first = 0] = looks.map(({ available }) => available)
    assert.ok(first > 0 && first < 400, 'it is seen on the way')
    for (let turn = 0; turn < 5; turn++) await look()
    await q.t.idle()
    await look()
    assert.deepEqual(looks.at(-1), { available: 400, delayed: 1 })
    for (const { available, delayed } of looks) {
      assert.ok(available <= 400 && delayed <= 1, `${available} available, ${delayed} delayed`)
    }
  }
})

test('a group that is catching up is given what matches, and says how much is to come', async () => {
  await using q = await withGroup()
  for (let slice = 0; slice < 4; slice++) await q.t.send('q', ...Array.from({ length: 500 }, () => tagged('x', 'eu')))
  const { group } = await q.t.engine.createGroup({ ...at('q'), group: 'late', tagRule: eu })
  assert.deepEqual([group.counts.ready, group.pending], [500, 1500])
  await q.t.idle()
  const late = (await q.t.engine.getQueue(at('q'))).groups.find(({ name }) => name === 'late')
  assert.deepEqual([late?.counts.ready, late?.pending], [2000, 0])
})

test('what ends while a group catches up is not to come any more', async () => {
  await using q = await withGroup()
  const ids = await q.t.send('q', ...Array.from({ length: 700 }, (_, index) => `${index}`))
  const making = q.t.engine.createGroup({ ...at('q'), group: 'late' })
  const deleting = q.t.engine.deleteMessages({ ...at('q'), ids: [ids[0]!, ids[699]!], leased: 'anyway' })
  const looking = q.t.engine.getQueue(at('q'))
  await Promise.all([making, deleting])
  const late = (await looking).groups.find(({ name }) => name === 'late')
  assert.deepEqual([late?.counts.ready, late?.pending], [499, 199])
})

test('tags are texts without commas, twenty at most, and each counts once', async () => {
  await using q = await withGroup()
  for (const tags of [
    [''],
    ['a,b'],
    ['\ud800'],
    ['x'.repeat(129)],
    Array.from({ length: 21 }, (_, index) => `${index}`),
  ]) {
    await assert.rejects(q.t.send('q', text('x', { tags })), refusal('ArgumentInvalid', { argument: 'tags' }))
    const wrong = { tags, match: 'any' } as const
    await assert.rejects(q.receive(wrong), refusal('ArgumentInvalid', { argument: 'tagRule' }))
  }
  await assert.rejects(q.receive({ tags: [], match: 'any' }), refusal('ArgumentInvalid', { argument: 'tagRule' }))
  await q.t.send('q', tagged('x', 'a', 'a'), tagged('y'))
  const { received } = await q.receive()
  assert.deepEqual(
    received.map(({ message }) => message.extra?.tags),
    [['a'], undefined],
  )
})

test('a dead letter has no rule to pass', async () => {
  await using q = await withGroup({ receiveLimit: 1, deadLetters: 'group' })
  await q.t.send('q', 'x')
  const [message] = (await q.receive()).received
  await q.t.settle(message!, { do: 'release' })
  await q.receive(eu)
  assert.deepEqual(bodies(await q.t.receive('q', { group: 'g', deadLetters: true, tagRule: null })), ['x'])
})
