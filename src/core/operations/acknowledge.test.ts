import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, bodies, refusal, testEngine } from '../../testing/test-engine.ts'
import type { QueueSettingsPatch } from '../queue.ts'
import type { ReceivedMessage } from '../requests.ts'

const second = 1_000

const withGroup = async (settings: QueueSettingsPatch = {}) => {
  const t = testEngine()
  await t.create('q', { consumerGroups: true, deadLetters: 'group', ...settings })
  for (const group of ['g', 'h']) await t.engine.createGroup({ ...at('q'), group })
  return {
    t,
    receive: (more: object = {}) => t.receive('q', { group: 'g', batch: true, ...more }),
    acknowledge: async (entries: readonly [ReceivedMessage | undefined, boolean][], more: object = {}) => {
      const { succeeded, failed } = await t.engine.acknowledge({
        ...at('q'),
        group: 'g',
        entries: entries.map(([message, ok]) => ({ receiptHandle: message?.receiptHandle ?? '', ok })),
        ...more,
      })
      return `${succeeded}/${failed}`
    },
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  }
}

for (const ordering of ['unordered', 'ordered'] as const) {
  test(`entries succeed up to the first that does not (${ordering})`, async () => {
    await using q = await withGroup({ ordering })
    await q.t.send('q', '1', '2', '3')
    let [a, b, c] = await q.receive()
    assert.equal(
      await q.acknowledge([
        [a, true],
        [b, false],
        [c, true],
      ]),
      '1/2',
    )
    assert.deepEqual(
      await q.t.counts('q', 'g'),
      ordering === 'ordered' ? { ready: 1, behind: 1, done: 1 } : { ready: 2, done: 1 },
    )

    ;[b, c] = await q.receive()
    assert.deepEqual(bodies([b!, c!]), ['2', '3'], 'in their order')
    assert.equal(b?.receiveCount, 2)
    assert.equal(await q.acknowledge([[c, true]]), '0/1', '2 was passed over')
    assert.equal((await q.t.counts('q', 'g')).leased, 1, 'and stays where it is')
    assert.equal(await q.acknowledge([[b, true]]), '1/0')
    ;[c] = await q.receive()
    assert.equal(await q.acknowledge([[c, true]]), '1/0')
    assert.deepEqual(await q.t.counts('q', 'g'), { done: 3 })
    assert.deepEqual(await q.t.counts('q', 'h'), ordering === 'ordered' ? { ready: 1, behind: 2 } : { ready: 3 })
  })
}

test('a failure releases what follows in its batch, and fails what follows in the request', async () => {
  await using q = await withGroup()
  await q.t.send('q', '1', '2', '3', '4')
  const [a, b, c] = await q.receive({ maxMessages: 3 })
  const [d] = await q.receive()
  assert.equal(
    await q.acknowledge([
      [a, true],
      [b, false],
      [d, true],
    ]),
    '1/2',
  )
  await assert.rejects(q.acknowledge([[c, true]]), refusal('LeaseLost'))
  assert.deepEqual(bodies(await q.receive()), ['2', '3', '4'])
})

test('a batch can be acknowledged in several calls, and several batches in one', async () => {
  await using q = await withGroup()
  await q.t.send('q', '1', '2', '3', '4')
  const [a, b] = await q.receive({ maxMessages: 2 })
  const [c, d] = await q.receive({ maxMessages: 2 })
  assert.equal(await q.acknowledge([[a, true]]), '1/0')
  assert.equal(
    await q.acknowledge([
      [c, true],
      [b, true],
      [d, true],
    ]),
    '3/0',
  )
})

test('every way of failing counts, up to a dead letter of this group alone', async () => {
  await using q = await withGroup({ receiveLimit: 2, ordering: 'ordered', deadLetterRetentionMs: 100 * second })
  await q.t.send('q', '1', '2', '3')
  let [a, b] = await q.receive({ maxMessages: 2, visibilityTimeoutMs: 30 * second })
  assert.equal(
    await q.acknowledge([
      [a, true],
      [b, false],
    ]),
    '1/1',
  )
  ;[b] = await q.receive({ maxMessages: 1, visibilityTimeoutMs: 30 * second })
  await q.t.advance(30 * second)
  const dead = { deadLetters: true }
  assert.deepEqual(bodies(await q.receive({ maxMessages: 1 })), ['3'])
  const [d] = await q.receive(dead)
  assert.equal(d?.message && bodies([d])[0], '2')
  await assert.rejects(q.acknowledge([[d, true]]), refusal('ReceiptHandleInvalid', { of: 'dead-letters' }))
  assert.equal(await q.acknowledge([[d, false]], dead), '0/1')
  const [again] = await q.receive(dead)
  assert.equal(await q.acknowledge([[again, true]], dead), '1/0')
  assert.deepEqual((await q.t.engine.getQueue(at('q'))).groups[0]?.deadLetters?.done, 1)
})

test('what outlives its retention as a dead letter is counted as one that was', async () => {
  await using q = await withGroup({ receiveLimit: 1, deadLetterRetentionMs: 10 * second })
  await q.t.send('q', '1')
  const [a] = await q.receive()
  await q.acknowledge([[a, false]])
  await q.t.advance(11 * second)
  const { deadLetters } = (await q.t.engine.getQueue(at('q'))).groups[0]!
  assert.deepEqual([deadLetters?.ready, deadLetters?.done], [0, 1])
})

test('handles that do not count refuse the request, and change nothing', async () => {
  await using q = await withGroup()
  await q.t.create('other', { consumerGroups: true })
  await q.t.engine.createGroup({ ...at('other'), group: 'g' })
  await q.t.send('other', 'x')
  await q.t.send('q', '1', '2')
  const [a, b] = await q.receive({ visibilityTimeoutMs: 10 * second })
  const [x] = await q.t.receive('other', { group: 'g', batch: true })
  const [ofH] = await q.t.receive('q', { group: 'h', batch: true })
  const madeUp = { ...a!, receiptHandle: a!.receiptHandle!.replace(/.$/, (last) => (last === '0' ? '1' : '0')) }
  const invalid = (of?: 'another-group' | 'live-messages') => refusal('ReceiptHandleInvalid', of ? { of } : {})
  await assert.rejects(
    q.acknowledge([
      [a, true],
      [x, true],
    ]),
    invalid('another-group'),
  )
  await assert.rejects(
    q.acknowledge([
      [a, true],
      [ofH, true],
    ]),
    invalid('another-group'),
  )
  await assert.rejects(q.acknowledge([[a, true]], { deadLetters: true }), invalid('live-messages'))
  await assert.rejects(
    q.acknowledge([
      [a, true],
      [undefined, true],
    ]),
    invalid(),
  )
  await assert.rejects(
    q.acknowledge([
      [a, true],
      [madeUp, true],
    ]),
    refusal('LeaseLost'),
  )
  await assert.rejects(
    q.acknowledge([
      [a, true],
      [a, true],
    ]),
    refusal('LeaseLost'),
  )
  await assert.rejects(q.acknowledge([]), refusal('ArgumentInvalid', { argument: 'entries' }))
  await assert.rejects(q.acknowledge([[a, true]], { group: 'none' }), refusal('GroupNotFound'))
  assert.equal(await q.acknowledge([[a, true]]), '1/0')
  await assert.rejects(
    q.acknowledge([
      [a, true],
      [b, true],
    ]),
    refusal('LeaseLost'),
    'used before',
  )
  await q.t.advance(10 * second)
  await assert.rejects(q.acknowledge([[b, true]]), refusal('LeaseLost'), 'too late')
})

test('a queue or group that is named by its id is not taken for another of its name', async () => {
  await using q = await withGroup()
  const { id, groups } = await q.t.engine.getQueue(at('q'))
  const groupId = groups[0]!.id
  await q.t.engine.deleteGroup({ ...at('q'), group: 'g', groupId })
  await q.t.engine.createGroup({ ...at('q'), group: 'g' })
  await assert.rejects(q.receive({ groupId }), refusal('GroupNotFound'))
  assert.deepEqual(await q.t.engine.deleteGroup({ ...at('q'), group: 'g', groupId }), { deleted: false })
  await q.t.engine.deleteQueue({ ...at('q'), queueId: id })
  await q.t.create('q')
  const messages = [{ body: Buffer.from('x') }]
  await assert.rejects(q.t.engine.send({ ...at('q'), queueId: id, messages }), refusal('QueueNotFound'))
  assert.deepEqual(await q.t.engine.deleteQueue({ ...at('q'), queueId: id }), { deleted: false })
})

test('groups are made together or not at all, and no more than the request allows', async () => {
  await using q = await withGroup()
  const make = (names: readonly string[], maxGroups = 4) =>
    q.t.engine.createGroups({ ...at('q'), groups: names.map((group) => ({ group })), ifExists: 'refuse', maxGroups })
  await assert.rejects(make(['i', 'h']), refusal('GroupExists', { group: 'h' }))
  await assert.rejects(make(['i', 'i']), refusal('GroupExists', { group: 'i' }))
  await assert.rejects(make(['i', 'j', 'k']), refusal('TooManyGroups', { limit: 4 }))
  assert.deepEqual(
    (await make(['j', 'i'])).map(({ name }) => name),
    ['j', 'i'],
  )
  const { groups } = await q.t.engine.getQueue(at('q'))
  assert.deepEqual(
    groups.map(({ name }) => name),
    ['g', 'h', 'j', 'i'],
  )
})

test('an account has no more explicit queues than the request allows', async () => {
  await using q = await withGroup()
  await q.t.send('virtual', 'x')
  await q.t.engine.createQueue({ ...at('r'), maxQueues: 2 })
  await assert.rejects(q.t.engine.createQueue({ ...at('s'), maxQueues: 2 }), refusal('TooManyQueues', { limit: 2 }))
  assert.equal((await q.t.engine.createQueue({ ...at('r'), maxQueues: 2 })).created, false)
})

test('settings can depend on those in force', async () => {
  await using q = await withGroup({ tags: { a: '1' } })
  const add = (name: string) =>
    q.t.engine.updateQueue({ ...at('q'), settings: ({ tags }) => ({ tags: { ...tags, [name]: '2' } }) })
  await Promise.all([add('b'), add('c')])
  assert.deepEqual((await q.t.engine.getQueue(at('q'))).settings.tags, { a: '1', b: '2', c: '2' })
})
