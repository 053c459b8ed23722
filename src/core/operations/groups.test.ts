import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestEngine } from '../../testing/test-engine.ts'
import { account, at, bodies, deleteEntries, refusal, testEngine, text } from '../../testing/test-engine.ts'
import type { QueueSettingsPatch } from '../queue.ts'

const second = 1_000

const withGroups = async (settings: QueueSettingsPatch = {}, ...groups: string[]) => {
  const t = testEngine()
  await t.create('q', { consumerGroups: true, ...settings })
  for (const group of groups) await t.engine.createGroup({ ...at('q'), group })
  return t
}

const receive = async (t: TestEngine, group: string, maxMessages = 10) => {
  const received = await t.receive('q', { group, maxMessages })
  return { received, seen: bodies(received).join(' ') }
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i + 1}`)

test('each group sees every message, and is done with it on its own', async () => {
  await using t = await withGroups({}, 'g', 'h')
  await t.send('q', '1', '2')
  const g = await receive(t, 'g')
  await t.engine.settle({ ...at('q'), entries: deleteEntries(g.received) })
  assert.equal(g.seen, '1 2')
  assert.equal((await receive(t, 'g')).seen, '')
  const h = await receive(t, 'h')
  assert.equal(h.seen, '1 2')
  assert.equal(h.received[0]?.receiveCount, 1)
  assert.deepEqual([await t.counts('q', 'g'), await t.counts('q', 'h')], [{ done: 2 }, { leased: 2 }])
  assert.equal((await t.engine.getQueue(at('q'))).messages, 2, 'the messages stay')
})

test('a group is made once, shows what its door keeps with it, and is refused where there are none', async () => {
  await using t = await withGroups()
  const request = { ...at('q'), group: 'g', door: { tag: 'x' } }
  const { group, created } = await t.engine.createGroup(request)
  assert.deepEqual([created, group.name, group.kind, group.door], [true, 'g', 'consumer', { tag: 'x' }])
  assert.equal((await t.engine.createGroup({ ...request, door: {} })).created, false)
  await assert.rejects(t.engine.createGroup({ ...request, ifExists: 'refuse' }), refusal('GroupExists', { group: 'g' }))
  for (const name of ['', 'x'.repeat(257)]) {
    const wrong = t.engine.createGroup({ ...at('q'), group: name })
    await assert.rejects(wrong, refusal('ArgumentInvalid', { argument: 'group' }))
  }
  await t.create('plain')
  await assert.rejects(t.engine.createGroup({ ...at('plain'), group: 'g' }), refusal('GroupsNotEnabled'))
  await assert.rejects(t.engine.createGroup({ ...at('none'), group: 'g' }), refusal('QueueNotFound'))
  await assert.rejects(t.receive('q', { group: 'other' }), refusal('GroupNotFound', { group: 'other' }))
  await assert.rejects(t.receive('q'), refusal('GroupNotFound', { group: 'default' }))
  await assert.rejects(t.receive('q', { group: 'retained' }), refusal('GroupNotFound'))
})

test('a group that is made later sees what the queue still has, oldest first, whatever other groups did with it', async () => {
  await using t = await withGroups({}, 'g')
  const ids = await t.send('q', ...numbers(5))
  const g = await receive(t, 'g')
  await t.engine.settle({ ...at('q'), entries: deleteEntries(g.received) })
  await t.engine.deleteMessages({ ...at('q'), ids: [ids[1]!], leased: 'anyway' })
  await t.engine.createGroup({ ...at('q'), group: 'late' })
  await t.send('q', '6')
  assert.equal((await receive(t, 'late')).seen, '1 3 4 5 6')
})

test('a group made over many messages gets them in slices, each once and in order, with those sent meanwhile', async () => {
  await using t = await withGroups({ ordering: 'ordered' })
  const all = numbers(2500)
  for (let i = 0; i < 5; i++) await t.send('q', ...all.slice(i * 500, i * 500 + 500))
  const creating = t.engine.createGroup({ ...at('q'), group: 'late' })
  const waiting = t.receive('q', { group: 'late', maxMessages: 3, waitMs: second })
  await creating
  const seen: string[] = bodies(await waiting)
  for (let sent = 2500; seen.length < 3000; ) {
    const { received } = await receive(t, 'late', 700)
    seen.push(...bodies(received))
    const held = received.length === 0 ? await held3(t) : received
    if (sent < 3000) await t.send('q', `${++sent}`, ...Array.from({ length: 99 }, () => `${++sent}`))
    await t.engine.settle({ ...at('q'), entries: deleteEntries(held) })
  }
  assert.deepEqual(seen, numbers(3000))
  assert.deepEqual(await t.counts('q', 'late'), { done: 3000 })
})

/** The handles of the first receive of the test above, which nobody kept. */
const held3 = async (t: TestEngine) => {
  await t.advance(30 * second)
  return t.receive('q', { group: 'late', maxMessages: 3 })
}

test('a message that was delayed by its sender or its queue is delayed for a later group too', async () => {
  await using t = await withGroups({ delayMs: 10 * second }, 'g')
  await t.send('q', 'queue', text('own', { delayMs: 20 * second }), text('none', { delayMs: 0 }))
  await t.advance(5 * second)
  await t.engine.createGroup({ ...at('q'), group: 'late' })
  for (const group of ['g', 'late']) assert.equal((await receive(t, group)).seen, 'none', group)
  await t.advance(5 * second)
  for (const group of ['g', 'late']) assert.equal((await receive(t, group)).seen, 'queue', group)
  await t.advance(10 * second)
  for (const group of ['g', 'late']) assert.equal((await receive(t, group)).seen, 'own', group)
})

test('retention ends a message for all groups, consumed or not, in work or not', async () => {
  await using t = await withGroups({ retentionMs: 60 * second }, 'g', 'h')
  await t.send('q', 'inherits', text('own', { retentionMs: 30 * second }))
  await t.receive('q', { group: 'g', visibilityTimeoutMs: 3_600 * second })
  await t.advance(30 * second)
  assert.deepEqual(await t.counts('q', 'g'), { leased: 1 })
  assert.deepEqual(await t.counts('q', 'h'), { ready: 1 })
  await t.advance(30 * second)
  for (const group of ['g', 'h']) assert.deepEqual(await t.counts('q', group), {}, group)
  assert.deepEqual(t.store.stats().gauges, { messages: 0, deliveries: 0 })
})

test('messages of a queue without any group yet are retained, and expire', async () => {
  await using t = await withGroups({ retentionMs: 60 * second })
  await t.send('q', '1')
  await t.advance(59 * second)
  assert.equal((await t.engine.getQueue(at('q'))).messages, 1)
  assert.deepEqual(bodies((await t.engine.browse({ ...at('q') })).messages), ['1'])
  await t.advance(second)
  assert.equal((await t.engine.getQueue(at('q'))).messages, 0)
})

test('dead letters are of one group, others go on', async () => {
  await using t = await withGroups({ receiveLimit: 1, deadLetters: 'group' }, 'g', 'h')
  await t.send('q', '1')
  const { received } = await receive(t, 'g')
  await t.settle(received[0]!, { do: 'release' })
  assert.deepEqual(bodies(await t.receive('q', { group: 'g', deadLetters: true })), ['1'])
  assert.deepEqual(await t.receive('q', { group: 'h', deadLetters: true }), [])
  assert.equal((await receive(t, 'h')).seen, '1')
  const { groups } = await t.engine.getQueue(at('q'))
  assert.deepEqual(
    groups.map(({ name, counts, deadLetters }) => [name, counts.done, deadLetters?.leased]),
    [
      ['g', 1, 1],
      ['h', 0, undefined],
    ],
  )
})

test('a dead letter outlives the retention of its queue where it has one of its own', async () => {
  await using t = await withGroups(
    { receiveLimit: 1, deadLetters: 'group', retentionMs: 60 * second, deadLetterRetentionMs: 100 * second },
    'g',
  )
  const [id] = await t.send('q', '1')
  const { received } = await receive(t, 'g')
  await t.settle(received[0]!, { do: 'release' })
  await t.advance(99 * second)
  assert.equal((await t.engine.getQueue(at('q'))).messages, 0)
  const dead = await t.receive('q', { group: 'g', deadLetters: true, visibilityTimeoutMs: 0 })
  assert.deepEqual(bodies(dead), ['1'])
  await t.advance(second)
  assert.deepEqual(await t.receive('q', { group: 'g', deadLetters: true }), [])
  assert.deepEqual(t.store.stats().gauges, { messages: 0, deliveries: 0 })
  assert.equal((await t.engine.status({ account, id: id! }))?.ended?.outcome, 'expired')
})

test('a dead letter that goes to another queue is a copy; the group is done, and the others still have it', async () => {
  await using t = await withGroups({ receiveLimit: 1, deadLetterQueue: 'dead' }, 'g', 'h')
  await t.create('dead')
  const [id] = await t.send('q', text('1', { priority: 3 }))
  const { received } = await receive(t, 'g')
  await t.settle(received[0]!, { do: 'release' })
  const [dead] = await t.receive('dead')
  assert.notEqual(dead?.id, id)
  assert.deepEqual(dead?.deadLetterSource, { queue: 'q', group: 'g', reason: 'receive limit', at: t.clock.now() })
  assert.equal(dead?.message.priority, 3)
  assert.equal((await receive(t, 'h')).seen, '1')
  assert.equal((await t.engine.status({ account, id: id! }))?.ended, null)
})

test('a deleted group is gone with its dead letters; its messages and the other groups stay', async () => {
  await using t = await withGroups({ receiveLimit: 1, deadLetters: 'group' }, 'g', 'h')
  await t.send('q', '1', '2')
  const g = await receive(t, 'g', 1)
  await t.settle(g.received[0]!, { do: 'release' })
  const waiting = t.receive('q', { group: 'h2', waitMs: second }).catch((error: { code: string }) => error.code)
  assert.deepEqual(await t.engine.deleteGroup({ ...at('q'), group: 'g' }), { deleted: true })
  assert.deepEqual(await t.engine.deleteGroup({ ...at('q'), group: 'g' }), { deleted: false })
  assert.equal(await waiting, 'GroupNotFound')
  await assert.rejects(receive(t, 'g'), refusal('GroupNotFound'))
  await t.idle()
  assert.equal((await receive(t, 'h')).seen, '1 2')
  assert.deepEqual(t.store.stats().gauges, { messages: 2, deliveries: 4 })
  const again = await t.engine.createGroup({ ...at('q'), group: 'g' })
  assert.equal(again.created, true)
  assert.equal((await receive(t, 'g')).seen, '1 2', 'a new group of that name begins anew')
})

test('a receive that waits for a group ends when the group is deleted', async () => {
  await using t = await withGroups({}, 'g')
  const waiting = t.receive('q', { group: 'g', waitMs: 60 * second })
  assert.ok(await t.isWaiting(waiting))
  await t.engine.deleteGroup({ ...at('q'), group: 'g' })
  await assert.rejects(waiting, refusal('GroupNotFound'))
})

test('a purge empties all groups and keeps them', async () => {
  await using t = await withGroups({ receiveLimit: 1, deadLetters: 'group' }, 'g', 'h')
  await t.send('q', '1', '2')
  const g = await receive(t, 'g', 1)
  await t.settle(g.received[0]!, { do: 'release' })
  await t.engine.purgeQueue(at('q'))
  for (const group of ['g', 'h']) assert.equal((await receive(t, group)).seen, '')
  await t.send('q', '3')
  for (const group of ['g', 'h']) assert.equal((await receive(t, group)).seen, '3')
  assert.deepEqual(await t.receive('q', { group: 'g', deadLetters: true }), [])
})

test('groups finish, pop and reprocess on their own', async () => {
  await using t = await withGroups({ keepFinished: 'message' }, 'g', 'h')
  await t.send('q', '1', '2', '3')
  const [one, two] = (await receive(t, 'g', 2)).received
  await t.settle(one!, { do: 'finish', as: 'F' })
  await t.settle(two!, { do: 'reprocess', delayMs: second })
  assert.deepEqual(bodies(await t.engine.pop({ ...at('q'), group: 'g' })), ['3'])
  assert.deepEqual(await t.counts('q', 'g'), { filtered: 1, reprocessing: 1, done: 2 })
  assert.deepEqual(await t.counts('q', 'h'), { ready: 3 })
  await t.advance(second)
  assert.equal((await receive(t, 'g')).seen, '2')
})
