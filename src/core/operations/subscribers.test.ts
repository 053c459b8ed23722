import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { memoryStore } from '../../testing/index.ts'
import type { TestEngine } from '../../testing/test-engine.ts'
import { account, at, bodies, refusal, testEngine, text } from '../../testing/test-engine.ts'

const second = 1000
const subscribe = (t: TestEngine, group: string, subscription = {}, queue = 'q') =>
  t.engine.createGroup({ ...at(queue), group, subscription })
const seenBy = async (t: TestEngine, group: string) => bodies(await t.receive('q', { group }))
const stored = (t: TestEngine) => t.store.stats().gauges.messages

suite('a subscriber', () => {
  test('sees what is sent from then on, in a queue that knows no consumer groups', async () => {
    await using t = testEngine()
    await t.create('q')
    await t.send('q', 'before')
    const { group, created } = await subscribe(t, 's')
    assert.deepEqual([created, group.kind, group.subscription], [true, 'subscriber', { push: null, expiresAt: null }])
    await t.send('q', 'after')
    assert.deepEqual(await seenBy(t, 's'), ['after'])
    assert.deepEqual(await seenBy(t, 'default'), ['before', 'after'])
    assert.equal((await t.engine.getQueue(at('q'))).messages, 2)
  })

  test('is refused in place of another group, and found again under its name', async () => {
    await using t = testEngine()
    await t.create('q', { consumerGroups: true })
    await t.engine.createGroup({ ...at('q'), group: 'c' })
    await assert.rejects(subscribe(t, 'c'), refusal('GroupExists'))
    await assert.rejects(subscribe(t, 'retained'), refusal('ArgumentInvalid'))
    await subscribe(t, 's')
    assert.equal((await subscribe(t, 's')).created, false)
    await assert.rejects(t.engine.createGroup({ ...at('q'), group: 's' }), refusal('GroupExists'))
  })

  test('is changed after what it is, each of two changes seeing the other', async () => {
    await using t = testEngine()
    await t.create('q')
    await t.engine.createGroup({ ...at('q'), group: 's', subscription: {}, door: { a: 1 } })
    const add = (name: string) =>
      t.engine.updateGroup({
        ...at('q'),
        group: 's',
        change: ({ groups }) => ({ door: { ...groups.find((group) => group.name === 's')?.door, [name]: 2 } }),
      })
    await Promise.all([add('b'), add('c')])
    const own = new RangeError('not like this')
    const change = () => {
      throw own
    }
    await assert.rejects(t.engine.updateGroup({ ...at('q'), group: 's', change }), (error) => error === own)
    const { groups } = await t.engine.getQueue(at('q'))
    assert.deepEqual(groups.find(({ name }) => name === 's')?.door, { a: 1, b: 2, c: 2 })
  })

  test('has a message until its retention ends, though its owner keeps it longer: as a dead letter, or finished', async () => {
    for (const action of [{ do: 'dead-letter' }, { do: 'finish', as: 'P' }] as const) {
      await using t = testEngine()
      const kept = { deadLetters: 'group', deadLetterRetentionMs: 100 * second, keepFinished: 'message' } as const
      await t.create('q', { ...kept, keepProcessedMs: 100 * second, retentionMs: 10 * second })
      await subscribe(t, 's')
      await t.send('q', 'x', text('y', { retentionMs: 10 * second }))
      for (const message of await t.receive('q')) await t.settle(message, action)
      await t.advance(10 * second - 1)
      assert.deepEqual(await t.counts('q', 's'), { ready: 2 })
      await t.advance(1)
      assert.deepEqual(await t.counts('q', 's'), {})
      assert.equal(stored(t), 2)
      await t.advance(100 * second)
      assert.equal(stored(t), 0)
    }
  })

  test('has a message until its retention ends, though a consumer group keeps it as a dead letter after it was deleted', async () => {
    await using t = testEngine()
    const kept = { deadLetters: 'group', deadLetterRetentionMs: 100 * second } as const
    await t.create('q', { consumerGroups: true, ...kept, retentionMs: 10 * second })
    await t.engine.createGroup({ ...at('q'), group: 'g' })
    await subscribe(t, 's')
    const ids = await t.send('q', 'x')
    for (const message of await t.receive('q', { group: 'g' })) await t.settle(message, { do: 'dead-letter' })
    await t.engine.deleteMessages({ ...at('q'), ids, leased: 'anyway' })
    await t.advance(10 * second)
    assert.deepEqual(await t.counts('q', 's'), {})
    assert.equal(stored(t), 1)
  })

  test('has a message until its retention ends, though its lease ends the moment the message becomes a dead letter', async () => {
    await using t = testEngine()
    const kept = { deadLetters: 'group', deadLetterRetentionMs: 100 * second } as const
    await t.create('q', { ...kept, receiveLimit: 1, retentionMs: 10 * second })
    await subscribe(t, 's')
    await t.send('q', 'x')
    for (const group of ['default', 's']) await t.receive('q', { group, visibilityTimeoutMs: second })
    await t.advance(second)
    assert.deepEqual(await t.counts('q', 's'), { ready: 1 })
    await t.advance(9 * second)
    assert.deepEqual([await t.counts('q', 's'), stored(t)], [{}, 1])
  })

  test('leaves the end of a message to its owner, who has it still when a dead letter of another group is finished', async () => {
    await using t = testEngine()
    const kept = { deadLetters: 'group', keepFinished: 'message', keepProcessedMs: 100 * second } as const
    await t.create('q', { ...kept, consumerGroups: true, retentionMs: 10 * second })
    await t.engine.createGroup({ ...at('q'), group: 'g' })
    await subscribe(t, 's')
    await t.send('q', 'x')
    for (const message of await t.receive('q', { group: 'g' })) await t.settle(message, { do: 'dead-letter' })
    const dead = await t.receive('q', { group: 'g', deadLetters: true })
    for (const message of dead) await t.settle(message, { do: 'finish', as: 'P' })
    for (const message of await t.receive('q', { group: 's' })) await t.settle(message, { do: 'delete' })
    assert.equal((await t.engine.getQueue(at('q'))).messages, 1)
    await t.advance(10 * second)
    assert.equal((await t.engine.getQueue(at('q'))).messages, 0)
    await t.advance(90 * second)
    assert.equal(stored(t), 0)
  })

  test('keeps a message for itself that its queue has deleted, until it is done with it', async () => {
    await using t = testEngine()
    await t.create('q')
    await subscribe(t, 's')
    const [id = ''] = await t.send('q', 'x')
    const [message] = await t.receive('q')
    assert.ok(message)
    await t.settle(message, { do: 'delete' })
    const after = await t.engine.status({ account, id })
    assert.deepEqual(
      [after?.ended?.outcome, after?.deliveries.map(({ group, state }) => [group, state])],
      ['deleted', [['s', 'ready']]],
    )
    assert.equal((await t.engine.getQueue(at('q'))).messages, 0)
    const [late] = await t.receive('q', { group: 's' })
    assert.ok(late)
    await t.settle(late, { do: 'finish', as: 'P' })
    assert.equal(stored(t), 0)
    const ended = await t.engine.status({ account, id })
    assert.deepEqual([ended?.ended?.outcome, ended?.deliveries], ['deleted', []])
  })

  test('does not keep messages in the queue that it is done with', async () => {
    await using t = testEngine()
    await t.create('q', { keepFinished: 'message' })
    await subscribe(t, 's')
    await t.send('q', 'x')
    const [message] = await t.receive('q', { group: 's' })
    assert.ok(message)
    assert.equal((await t.settle(message, { do: 'fail', reason: 'no' })).type, null)
    assert.deepEqual(await t.counts('q', 's'), { done: 1 })
    assert.deepEqual(await t.counts('q'), { ready: 1 })
  })

  test('gives up a message when that expires, by its own retention or the queue’s', async () => {
    await using t = testEngine()
    await t.create('q', { retentionMs: 60 * second })
    await subscribe(t, 's')
    await t.send('q', 'inherits', text('own', { retentionMs: 30 * second }))
    for (const message of await t.receive('q')) await t.settle(message, { do: 'delete' })
    assert.deepEqual(await t.counts('q', 's'), { ready: 2 })
    await t.advance(30 * second)
    assert.deepEqual(await t.counts('q', 's'), { ready: 1 })
    await t.advance(30 * second)
    assert.deepEqual(await t.counts('q', 's'), {})
    assert.equal(stored(t), 0)
  })

  test('goes the way of the queue: purged with it, deleted with it', async () => {
    await using t = testEngine()
    await t.create('q')
    await subscribe(t, 's', { expiresAt: t.clock.now() + 1000 * second })
    await t.send('q', 'x', 'y')
    await t.engine.purgeQueue(at('q'))
    await t.advance(second)
    assert.deepEqual([await t.counts('q', 's'), stored(t)], [{}, 0])
    await t.send('q', 'z')
    assert.deepEqual(await seenBy(t, 's'), ['z'])
    await t.engine.deleteQueue(at('q'))
    await t.advance(2000 * second)
    assert.equal(stored(t), 0)
  })

  test('leaves with what it had, in slices, and the messages of the others stay', async () => {
    await using t = testEngine()
    await t.create('q')
    await subscribe(t, 's')
    await subscribe(t, 'other')
    for (let i = 0; i < 3; i++) await t.send('q', ...Array.from({ length: 400 }, (_, n) => `${i} ${n}`))
    const [first] = await t.receive('q', { maxMessages: 1 })
    assert.ok(first)
    await t.settle(first, { do: 'delete' })
    assert.deepEqual(await t.engine.deleteGroup({ ...at('q'), group: 's' }), { deleted: true })
    await assert.rejects(t.receive('q', { group: 's' }), refusal('GroupNotFound'))
    await t.advance(second)
    assert.deepEqual([await t.counts('q'), stored(t)], [{ ready: 1199, done: 1 }, 1200])
    await t.engine.deleteGroup({ ...at('q'), group: 'other' })
    await t.advance(second)
    assert.equal(stored(t), 1199)
  })

  test('ends at its time, which can be put off', async () => {
    await using t = testEngine()
    await t.create('q')
    await subscribe(t, 's', { expiresAt: t.clock.now() + 60 * second })
    await t.send('q', 'x')
    await t.engine.updateGroup({ ...at('q'), group: 's', subscription: { expiresAt: t.clock.now() + 90 * second } })
    await t.advance(89 * second)
    await t.send('q', 'y')
    assert.deepEqual(await t.counts('q', 's'), { ready: 2 })
    await t.advance(second)
    await t.send('q', 'z')
    assert.equal((await t.engine.getQueue(at('q'))).groups.length, 1)
    await assert.rejects(t.engine.updateGroup({ ...at('q'), group: 's', subscription: {} }), refusal('GroupNotFound'))
  })

  test('of a dead lettered message keeps its own, and the message goes on as a copy', async () => {
    await using t = testEngine()
    await t.create('dead')
    await t.create('q', { receiveLimit: 1, deadLetterQueue: 'dead' })
    await subscribe(t, 's')
    const [id = ''] = await t.send('q', 'x')
    await t.receive('q', { visibilityTimeoutMs: second })
    const [held] = await t.receive('q', { group: 's', visibilityTimeoutMs: second })
    assert.ok(held)
    await t.advance(second)
    assert.deepEqual([await t.counts('dead'), await t.counts('q', 's')], [{ ready: 1 }, { ready: 1 }])
    const [again] = await t.receive('q', { group: 's' })
    assert.ok(again)
    await t.settle(again, { do: 'delete' })
    assert.equal(again.id, id)
    const dead = await t.receive('dead')
    assert.deepEqual(bodies(dead), ['x'])
    const status = await t.engine.status({ account, id })
    assert.deepEqual(
      [status?.ended?.outcome, status?.ended?.reason],
      ['dead-letter', `receive limit; moved to dead, where it is ${dead[0]?.id}`],
    )
  })

  test('outlives a restart, units run twice or not', async () => {
    await using t = testEngine({ store: memoryStore({ runTwice: true }) })
    await t.create('q', { history: 'steps' })
    await subscribe(t, 's')
    await t.engine.send({ ...at('virtual'), messages: [text('v')] })
    await subscribe(t, 's', {}, 'virtual')
    assert.equal((await t.engine.getQueue(at('virtual'))).explicit, true)
    await t.send('q', 'x')
    for (const group of ['default', 's']) {
      const [message] = await t.receive('q', { group, holder: `holder of ${group}` })
      assert.ok(message)
      await t.settle(message, { do: 'delete' })
    }
    assert.equal(stored(t), 1)
  })
})
