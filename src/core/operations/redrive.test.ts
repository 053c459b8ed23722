import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { TestEngine } from '../../testing/test-engine.ts'
import { account, at, bodies, refusal, testEngine, text } from '../../testing/test-engine.ts'
import type { SettleAction, StartRedrive } from '../requests.ts'

const second = 1_000
const many = (count: number) => Array.from({ length: count }, (_, i) => text(`${i}`))

/** `q` dead letters into `dead`. */
const withDeadLetters = async (...messages: Parameters<TestEngine['send']>[1][]) => {
  const t = testEngine()
  await t.create('dead')
  await t.create('q', { deadLetterQueue: 'dead' })
  await t.send('q', ...messages)
  for (const message of await t.receive('q', { maxMessages: 1000 })) await t.settle(message, { do: 'dead-letter' })
  return t
}

const redrive = (t: TestEngine, more: Partial<StartRedrive> = {}) => t.engine.startRedrive({ ...at('dead'), ...more })
const taskOf = (t: TestEngine, { id }: { id: string }) => t.engine.getTask({ account, task: id })

test('each dead letter goes back to where it came from, with its receives counted anew; those sent directly stay', async () => {
  await using t = await withDeadLetters(text('1', { deduplicationId: 'd', priority: 2 }), '2')
  await t.create('other', { deadLetterQueue: 'dead', receiveLimit: 1 })
  await t.send('other', '3')
  await t.receive('other', { visibilityTimeoutMs: second })
  await t.advance(second)
  await t.send('dead', 'direct')
  const before = (await t.engine.browse(at('dead'))).messages.map(({ id }) => id)
  const task = await redrive(t)
  assert.deepEqual(
    [task.kind, task.queue, task.group, task.to, task.state, task.changed, task.total, task.startedAt],
    ['redrive', 'dead', null, null, 'running', 0, 4, t.clock.now()],
  )
  await t.idle()
  const done = await taskOf(t, task)
  assert.deepEqual([done.state, done.changed, done.endedAt, done.failure], ['completed', 3, t.clock.now(), null])
  assert.deepEqual(bodies((await t.engine.browse(at('dead'))).messages), ['direct'])
  const received = [...(await t.receive('q')), ...(await t.receive('other', { visibilityTimeoutMs: 0 }))]
  assert.deepEqual(bodies(received), ['1', '2', '3'])
  assert.deepEqual(
    received.map(({ id, receiveCount, deadLetterSource }) => [before.includes(id), receiveCount, deadLetterSource]),
    Array(3).fill([true, 1, null]),
  )
  assert.deepEqual([received[0]?.message.priority, received[0]?.message.extra?.deduplicationId], [2, 'd'])
})

test('all go to one queue where one is named, also those that were sent directly', async () => {
  await using t = await withDeadLetters('1', '2')
  await t.create('elsewhere')
  await t.send('dead', 'direct')
  const task = await redrive(t, { to: 'elsewhere' })
  await t.idle()
  assert.deepEqual([(await taskOf(t, task)).changed, task.to], [3, 'elsewhere'])
  assert.deepEqual(bodies(await t.receive('elsewhere')), ['1', '2', 'direct'])
  assert.deepEqual(await t.counts('dead'), { done: 3 })
})

test('only what was visible at the start moves', async () => {
  await using t = await withDeadLetters('leased', '2')
  await t.create('to')
  await t.receive('dead', { maxMessages: 1, visibilityTimeoutMs: 60 * second })
  await t.send('dead', text('delayed', { delayMs: 60 * second }))
  const starting = redrive(t, { to: 'to' })
  await t.send('dead', 'later')
  await starting
  await t.idle()
  assert.deepEqual(bodies(await t.receive('to')), ['2'])
  assert.deepEqual(await t.counts('dead'), { leased: 1, delayed: 1, ready: 1, done: 1 })
})

test('much is moved in slices, with progress, while others are served', async () => {
  await using t = testEngine()
  await t.create('to')
  for (let i = 0; i < 3; i++) await t.engine.send({ ...at('dead'), messages: many(1000) })
  const task = await redrive(t, { to: 'to' })
  const progress: number[] = []
  for (let view = await taskOf(t, task); view.state === 'running'; view = await taskOf(t, task))
    progress.push(view.changed)
  assert.ok(progress.length > 3 && progress.every((moved, i) => i === 0 || moved >= progress[i - 1]!), String(progress))
  assert.deepEqual([(await taskOf(t, task)).changed, (await t.counts('to')).ready], [3000, 3000])
})

test('a rate is kept', async () => {
  await using t = testEngine()
  await t.create('to')
  await t.engine.send({ ...at('dead'), messages: many(12) })
  const task = await redrive(t, { to: 'to', maxPerSecond: 4 })
  const moved = async () => (await t.engine.getQueue(at('to'))).messages
  await t.idle()
  assert.equal(await moved(), 1)
  await t.advance(500)
  assert.equal(await moved(), 3)
  await t.advance(1_500)
  assert.equal(await moved(), 9)
  await t.advance(second)
  assert.deepEqual([await moved(), (await taskOf(t, task)).state], [12, 'completed'])
  for (const maxPerSecond of [0, 1.5, Number.NaN]) {
    await assert.rejects(
      redrive(t, { to: 'to', maxPerSecond }),
      refusal('ArgumentInvalid', { argument: 'maxPerSecond' }),
    )
  }
})

test('one that is cancelled stops; what was moved stays moved', async () => {
  await using t = testEngine()
  await t.create('to')
  await t.engine.send({ ...at('dead'), messages: many(10) })
  const task = await redrive(t, { to: 'to', maxPerSecond: 1 })
  await t.advance(2 * second)
  const cancelled = await t.engine.cancelTask({ account, task: task.id })
  assert.deepEqual([cancelled.state, cancelled.changed], ['cancelled', 3])
  await t.advance(10 * second)
  assert.deepEqual([(await t.counts('to')).ready, (await t.counts('dead')).ready], [3, 7])
  await assert.rejects(t.engine.cancelTask({ account, task: task.id }), refusal('TaskNotRunning', { task: task.id }))
  assert.equal((await redrive(t, { to: 'to' })).state, 'running', 'another may begin')
})

test('there is one at a time out of a queue', async () => {
  await using t = await withDeadLetters('1', '2', '3')
  await t.create('to')
  await redrive(t, { maxPerSecond: 1 })
  await t.idle()
  await assert.rejects(redrive(t, { to: 'to' }), refusal('TaskAlreadyRunning', { queue: 'dead' }))
  assert.equal((await t.engine.startRedrive({ ...at('q'), to: 'to' })).state, 'running', 'another queue has its own')
  await t.advance(3 * second)
  assert.equal((await redrive(t, { to: 'to' })).state, 'running', 'the first has ended')
})

test('when the destination is gone the task fails and says so, and the rest stays', async () => {
  await using t = await withDeadLetters('1', '2')
  await t.engine.deleteQueue(at('q'))
  const task = await redrive(t)
  await t.idle()
  const failed = await taskOf(t, task)
  assert.equal(failed.state, 'failed')
  assert.match(failed.failure ?? '', /'q'/)
  assert.deepEqual(await t.counts('dead'), { ready: 2 })
})

test('what makes no sense is refused', async () => {
  await using t = await withDeadLetters('1')
  await assert.rejects(redrive(t, { to: 'dead' }), refusal('ArgumentInvalid', { argument: 'to' }))
  await assert.rejects(redrive(t, { to: 'none' }), refusal('QueueNotFound', { queue: 'none' }))
  await assert.rejects(redrive(t, { queue: 'none' }), refusal('QueueNotFound'))
  await assert.rejects(redrive(t, { group: 'g' }), refusal('GroupNotFound'))
  await assert.rejects(t.engine.getTask({ account, task: 'x' }), refusal('TaskNotFound', { task: 'x' }))
  await assert.rejects(t.engine.cancelTask({ account, task: 'x' }), refusal('TaskNotFound'))
})

test('tasks are listed, the newest first, by account and queue', async () => {
  await using t = await withDeadLetters('1')
  const first = await redrive(t)
  await t.advance(5)
  await t.create('to')
  const second = await t.engine.startRedrive({ ...at('q'), to: 'to' })
  const list = async (query: { account: string; queue?: string }) =>
    (await t.engine.listTasks(query)).map(({ id }) => id)
  assert.deepEqual(await list({ account }), [second.id, first.id])
  assert.deepEqual(await list({ account, queue: 'dead' }), [first.id])
  assert.deepEqual(await list({ account: 'b' }), [])
  await assert.rejects(t.engine.getTask({ account: 'b', task: first.id }), refusal('TaskNotFound'))
})

test('a task goes on after a restart', async () => {
  const t = testEngine()
  await t.create('to')
  for (let i = 0; i < 3; i++) await t.engine.send({ ...at('dead'), messages: many(1000) })
  const starting = redrive(t, { to: 'to' })
  const stopping = t.engine.stop()
  const task = await starting
  await stopping
  await using restarted = testEngine({ store: t.store, clock: t.clock })
  await restarted.idle()
  const done = await taskOf(restarted, task)
  assert.deepEqual([done.state, done.changed], ['completed', 3000])
  const moved = await restarted.receive('to', { maxMessages: 1000 })
  assert.equal(new Set(moved.map(({ id }) => id)).size, 1000)
})

test('expired ones are not moved', async () => {
  await using t = await withDeadLetters(text('short', { retentionMs: second }), 'long')
  let now = t.clock.now()
  t.clock.now = () => now
  const starting = redrive(t)
  now += second
  await starting
  await t.idle()
  assert.deepEqual(bodies(await t.receive('q')), ['long'])
})

test('what is moved lives as long as what is sent now, however old it is', async () => {
  await using t = testEngine()
  await t.create('dead', { retentionMs: null })
  await t.create('q', { deadLetterQueue: 'dead', retentionMs: 10 * second })
  await t.send('q', 'old')
  const [message] = await t.receive('q')
  await t.settle(message!, { do: 'dead-letter' })
  await t.advance(100 * second)
  await redrive(t)
  await t.advance(10 * second - 1)
  assert.equal((await t.engine.getQueue(at('q'))).messages, 1)
  await t.advance(1)
  assert.equal((await t.engine.getQueue(at('q'))).messages, 0)
})

test('a dead letter of a group that is moved to a queue lives there no shorter than it would have here', async () => {
  await using t = testEngine()
  await t.create('other')
  await t.create('q', { deadLetters: 'group', deadLetterRetentionMs: 100 * second })
  await t.send('q', text('short', { retentionMs: 10 * second }))
  const [message] = await t.receive('q')
  await t.settle(message!, { do: 'dead-letter' })
  await t.advance(50 * second)
  await t.engine.startRedrive({ ...at('q'), group: 'default', to: 'other' })
  await t.advance(50 * second - 1)
  assert.equal((await t.engine.getQueue(at('other'))).messages, 1)
  await t.advance(1)
  assert.equal((await t.engine.getQueue(at('other'))).messages, 0)
})

test('a move into an ordered queue keeps the order', async () => {
  await using t = testEngine()
  await t.create('dead')
  await t.create('q', { ordering: 'grouped', deadLetterQueue: 'dead' })
  for (const name of ['a1', 'a2', 'b1']) await t.send('q', text(name, { messageGroup: name[0]! }))
  for (const message of await t.receive('q')) await t.settle(message, { do: 'dead-letter' })
  await t.send('q', text('a3', { messageGroup: 'a' }))
  await redrive(t)
  await t.idle()
  assert.deepEqual(bodies(await t.receive('q', { maxMessages: 1 })), ['a3'])
  assert.deepEqual(bodies(await t.receive('q')), ['b1'])
})

// ---- within groups ------------------------------------------------------------------------------------------------

test('dead letters kept within a group go back into the group', async () => {
  await using t = testEngine()
  await t.create('q', { consumerGroups: true, receiveLimit: 1, deadLetters: 'group' })
  for (const group of ['g', 'h']) await t.engine.createGroup({ ...at('q'), group })
  await t.send('q', '1', '2')
  for (const message of await t.receive('q', { group: 'g' })) await t.settle(message, { do: 'release' })
  const task = await t.engine.startRedrive({ ...at('q'), group: 'g' })
  await t.idle()
  assert.deepEqual([task.group, (await taskOf(t, task)).changed], ['g', 2])
  const received = await t.receive('q', { group: 'g' })
  assert.deepEqual(bodies(received), ['1', '2'])
  assert.equal(received[0]?.receiveCount, 1)
  assert.deepEqual(await t.counts('q', 'h'), { ready: 2 })
  assert.deepEqual(await t.receive('q', { group: 'g', deadLetters: true }), [])
})

test('dead letters that come back into an ordered group come before the younger ones, and one at a time', async () => {
  await using t = testEngine()
  await t.create('q', { ordering: 'ordered', deadLetters: 'group' })
  await t.send('q', '1', '2', '3', '4')
  for (const message of await t.receive('q', { maxMessages: 2 })) await t.settle(message, { do: 'dead-letter' })
  const [third] = await t.receive('q', { maxMessages: 1, visibilityTimeoutMs: 0 })
  assert.deepEqual(bodies([third!]), ['3'])
  await t.engine.startRedrive({ ...at('q'), group: 'default' })
  await t.idle()
  assert.deepEqual(bodies(await t.receive('q', { maxMessages: 1 })), ['1'])
  assert.deepEqual(await t.receive('q', { maxMessages: 1 }), [])
})

test('a dead letter that comes back lives on although its time was over for all others', async () => {
  await using t = testEngine()
  const settings = { retentionMs: 10 * second, deadLetters: 'group', deadLetterRetentionMs: 100 * second } as const
  await t.create('plain', settings)
  await t.create('topic', { ...settings, consumerGroups: true })
  for (const group of ['g', 'h']) await t.engine.createGroup({ ...at('topic'), group })
  for (const [queue, group] of [
    ['plain', 'default'],
    ['topic', 'g'],
  ] as const) {
    await t.send(queue, 'x')
    const [message] = await t.receive(queue, { group })
    await t.settle(message!, { do: 'dead-letter' })
    await t.advance(50 * second)
    await t.engine.startRedrive({ ...at(queue), group })
    await t.idle()
    assert.deepEqual(bodies(await t.receive(queue, { group, visibilityTimeoutMs: 0 })), ['x'])
    await t.advance(50 * second - 1)
    assert.equal((await t.engine.getQueue(at(queue))).messages, 1)
    await t.advance(1)
    assert.equal((await t.engine.getQueue(at(queue))).messages, 0)
  }
  assert.deepEqual(await t.receive('topic', { group: 'h' }), [], 'nobody else gets it')
  assert.deepEqual(t.store.stats().gauges, { messages: 0, deliveries: 0 })
})

suite('a dead letter of a subscriber', () => {
  const start = async (t: TestEngine) => {
    await t.create('q', { deadLetters: 'group', history: 'steps' })
    await t.engine.createGroup({ ...at('q'), group: 's', subscription: {} })
    return t.send('q', 'x')
  }
  const settleOf = async (t: TestEngine, group: string, action: SettleAction) => {
    for (const message of await t.receive('q', { group })) await t.settle(message, action)
  }
  const everywhere = async (t: TestEngine) => [
    await t.counts('q'),
    await t.counts('q', 's'),
    (await t.receive('q', { group: 's', deadLetters: true, visibilityTimeoutMs: 0 })).length,
  ]

  test('comes back to it alone where its queue has deleted the message, which ends once', async () => {
    await using t = testEngine()
    const [id = ''] = await start(t)
    await settleOf(t, 'default', { do: 'delete' })
    await settleOf(t, 's', { do: 'dead-letter' })
    await t.engine.startRedrive({ ...at('q'), group: 's' })
    await t.idle()
    assert.deepEqual(await everywhere(t), [{ done: 1 }, { ready: 1, done: 1 }, 0])
    await settleOf(t, 's', { do: 'delete' })
    assert.equal((await t.engine.status({ account, id }))?.ended?.outcome, 'deleted')
  })

  test('comes back to it alone where the message is a dead letter of its queue, too, which comes back by itself', async () => {
    await using t = testEngine()
    await start(t)
    for (const group of ['default', 's']) await settleOf(t, group, { do: 'dead-letter' })
    await t.engine.startRedrive({ ...at('q'), group: 's' })
    await t.idle()
    assert.deepEqual(await everywhere(t), [{ done: 1 }, { ready: 1, done: 1 }, 0])
    await t.engine.startRedrive({ ...at('q'), group: 'default' })
    await t.idle()
    assert.deepEqual(bodies(await t.receive('q')), ['x'])
  })

  test('stays where it is when its queue moves the message, which goes on as a copy', async () => {
    await using t = testEngine()
    const [id] = await start(t)
    await t.create('dead')
    await settleOf(t, 's', { do: 'dead-letter' })
    await t.engine.updateQueue({ ...at('q'), settings: { deadLetterQueue: 'dead' } })
    await settleOf(t, 'default', { do: 'dead-letter' })
    assert.notEqual((await t.receive('dead'))[0]?.id, id)
    assert.equal((await t.receive('q', { group: 's', deadLetters: true }))[0]?.id, id)
  })

  test('goes to another queue as a copy where its queue still has the message', async () => {
    await using t = testEngine()
    const [id] = await start(t)
    await t.create('to')
    await settleOf(t, 's', { do: 'dead-letter' })
    await t.engine.startRedrive({ ...at('q'), group: 's', to: 'to' })
    await t.idle()
    assert.equal((await t.receive('q'))[0]?.id, id)
    assert.notEqual((await t.receive('to'))[0]?.id, id)
  })
})

test('dead letters of a group that has none yet are a task that is done', async () => {
  await using t = testEngine()
  await t.create('q', { deadLetters: 'group' })
  const task = await t.engine.startRedrive({ ...at('q'), group: 'default' })
  assert.deepEqual([task.state, task.total, task.changed], ['completed', 0, 0])
})

test('a dead letter that left a group for a queue goes back to that group only', async () => {
  await using t = testEngine()
  await t.create('dead')
  await t.create('q', { consumerGroups: true, deadLetterQueue: 'dead' })
  for (const group of ['g', 'h']) await t.engine.createGroup({ ...at('q'), group })
  await t.send('q', '1')
  const [message] = await t.receive('q', { group: 'g' })
  await t.settle(message!, { do: 'dead-letter' })
  await redrive(t)
  await t.idle()
  assert.deepEqual(bodies(await t.receive('q', { group: 'g' })), ['1'])
  assert.deepEqual(bodies(await t.receive('q', { group: 'h' })), ['1'], 'its own, and no second')
})

test('messages of a queue with groups leave it for all of them', async () => {
  await using t = testEngine()
  await t.create('q', { consumerGroups: true })
  await t.create('to')
  for (const group of ['g', 'h']) await t.engine.createGroup({ ...at('q'), group })
  await t.send('q', '1', '2')
  await t.receive('q', { group: 'h', maxMessages: 1 })
  await t.engine.startRedrive({ ...at('q'), to: 'to' })
  await t.idle()
  assert.deepEqual(bodies(await t.receive('to')), ['1', '2'])
  for (const group of ['g', 'h']) assert.deepEqual(await t.receive('q', { group }), [])
  assert.equal(t.store.stats().gauges.messages, 2)
})
