import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryStore } from '../../testing/index.ts'
import type { TestEngine } from '../../testing/test-engine.ts'
import { at, bodies, bodyOf, refusal, testEngine, text } from '../../testing/test-engine.ts'
import { messageIdAsUuid } from '../ids.ts'
import type { ActOnMessages, MessageFilter, OperatorAction, StartAction, TaskView } from '../requests.ts'

const hour = 3_600_000
const day = 24 * hour
const keep = { keepFinished: 'message', retentionMs: null } as const
const reprocess: OperatorAction = { do: 'reprocess' }

const act = (t: TestEngine, ids: readonly string[], action: OperatorAction, more: Partial<ActOnMessages> = {}) =>
  t.engine.actOnMessages({ ...at('q'), ids, action, by: 'ada', ...more })

const outcomes = async (t: TestEngine, ids: readonly string[], action: OperatorAction) =>
  (await act(t, ids, action)).map(({ type, skipped }) => [type, skipped])

/** Sends a message for each type and makes it so; in the order P, E, F, S, D. */
const oneOfEach = async (t: TestEngine) => {
  const ids = await t.send('q', 'P', 'E', 'F', 'S', 'D')
  for (const message of await t.receive('q')) {
    const as = bodyOf(message) as 'P' | 'E' | 'F' | 'S' | 'D'
    if (as === 'D') await t.settle(message, { do: 'reprocess', delayMs: hour })
    else await t.settle(message, { do: 'finish', as, outbound: 'made' })
  }
  return ids
}

const stored = async (t: TestEngine, id: string) => {
  const [message] = await t.engine.getMessages({ ...at('q'), ids: [id] })
  assert.ok(message)
  return message
}

test('reprocess now: D, P, E, F and S are Q at once, and the counter stays', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  const ids = await oneOfEach(t)
  await t.advance(1000)
  assert.deepEqual(
    await outcomes(t, ids, reprocess),
    ids.map(() => ['Q', null]),
  )
  const delayed = await stored(t, ids[4] ?? '')
  assert.deepEqual([delayed.type, delayed.reprocessCount, delayed.visibleAt], ['Q', 1, null])
  assert.equal(delayed.modifiedAt, t.clock.now())
  assert.equal((await stored(t, ids[0] ?? '')).outbound, null)
  assert.deepEqual(bodies(await t.receive('q')), ['P', 'E', 'F', 'S', 'D'], 'in the order of their arrival')
  assert.deepEqual(
    await outcomes(t, ids, reprocess),
    ids.map(() => ['Q', 'in-work']),
  )
})

test('a worker that waits gets what is reprocessed at once', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  const [, , , , id = ''] = await oneOfEach(t)
  const waiting = t.receive('q', { waitMs: hour })
  assert.ok(await t.isWaiting(waiting))
  await act(t, [id], reprocess)
  assert.deepEqual(bodies(await waiting), ['D'])
})

test('by hand or by time, one of them does it, and the message is handled once', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  const ids = await oneOfEach(t)
  t.clock.advance(hour)
  const [result] = await act(t, [ids[4] ?? ''], reprocess)
  assert.equal(result?.type, 'Q')
  await t.idle()
  const [message] = await t.receive('q')
  assert.equal(message?.reprocessCount, 1)
  await t.settle(message!, { do: 'finish', as: 'P' })
  await t.advance(2 * hour)
  assert.deepEqual(await t.receive('q'), [])
})

test('what is reprocessed begins anew: it neither expires nor meets its receive limit at once', async () => {
  await using t = testEngine()
  await t.create('q', { keepFinished: 'message', retentionMs: 2 * day, receiveLimit: 2, deadLetters: 'delete' })
  const [id = ''] = await t.send('q', 'x')
  for (let tries = 0; tries < 2; tries++) {
    const [message] = await t.receive('q')
    assert.ok(message)
    await (tries === 0 ? t.settle(message, { do: 'release' }) : t.settle(message, { do: 'finish', as: 'E' }))
  }
  await t.jump(5 * day)
  assert.deepEqual(await outcomes(t, [id], reprocess), [['Q', null]])
  const again = await stored(t, id)
  assert.equal(again.expiresAt, t.clock.now() + 2 * day)
  const [message] = await t.receive('q')
  assert.equal(message?.receiveCount, 3)
  await t.settle(message!, { do: 'release' })
  assert.equal((await t.receive('q')).length, 1)
  await t.jump(3 * day)
  assert.deepEqual(await t.receive('q'), [])
})

test('in an ordered queue what is reprocessed comes before the younger ones', async () => {
  await using t = testEngine()
  await t.create('q', { ...keep, ordering: 'ordered' })
  const [id = ''] = await t.send('q', '1', '2', '3')
  const [first] = await t.receive('q', { maxMessages: 1 })
  await t.settle(first!, { do: 'finish', as: 'E' })
  await act(t, [id], reprocess)
  assert.deepEqual(bodies(await t.receive('q')), ['1', '2', '3'])
})

test('moving sets the type of whatever is not in work, and nothing later brings it back', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  const ids = await oneOfEach(t)
  const [waiting = '', delayed = '', work = ''] = await t.send('q', 'ready', text('late', { delayMs: hour }), 'work')
  const taken = await t.receive('q')
  for (const message of taken) if (bodyOf(message) === 'ready') await t.settle(message, { do: 'release' })
  assert.deepEqual(await outcomes(t, [...ids, waiting, delayed, work, 'nonsense'], { do: 'move', to: 'S' }), [
    ['S', null],
    ['S', null],
    ['S', null],
    ['S', 'nothing-to-do'],
    ['S', null],
    ['S', null],
    ['S', null],
    ['Q', 'in-work'],
    [null, 'gone'],
  ])
  await t.advance(2 * hour)
  assert.deepEqual(bodies(await t.receive('q')), ['work'], 'its lease has ended')
  assert.deepEqual(await t.counts('q'), { shelved: 7, leased: 1, done: 7 })
})

test('a queue that keeps nothing keeps what is moved by hand, for as long as its settings say', async () => {
  await using t = testEngine()
  const [id = ''] = await t.send('q', 'x')
  await act(t, [id], { do: 'move', to: 'F' })
  assert.equal((await stored(t, id)).type, 'F')
  await t.jump(7 * day)
  assert.equal((await t.engine.getMessages({ ...at('q'), ids: [id] })).length, 0)
})

test('a copy is a new message of type Q with all that was sent', async () => {
  await using t = testEngine()
  await t.create('q', { ...keep, contentDeduplication: true })
  await t.create('other', { contentDeduplication: true })
  await t.create('small', { maxMessageBytes: 1 })
  const attributes = '{"a": 1}'
  const [id = ''] = await t.send('q', text('body', { attributes, priority: 3, contentType: 'text/x' }))
  const [taken] = await t.receive('q')
  await t.settle(taken!, { do: 'reprocess', delayMs: hour })
  const [first] = await act(t, [id], { do: 'copy', to: 'other' })
  const [second] = await act(t, [messageIdAsUuid(id)], { do: 'copy', to: 'other' })
  const copies = await t.receive('other')
  assert.deepEqual(
    copies.map((copy) => copy.id),
    [first?.copy, second?.copy],
  )
  const { message, reprocessCount, type } = copies[0]!
  assert.deepEqual([bodyOf({ message }), message.attributes, message.priority], ['body', attributes, 3])
  assert.deepEqual([message.contentType, reprocessCount, type], ['text/x', 0, 'Q'])
  assert.equal((await stored(t, id)).type, 'D')
  assert.deepEqual(await outcomes(t, [id], { do: 'copy', to: 'small' }), [['D', 'refused']])
})

test('deleting is for good, for every group, in work or not', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  const ids = await oneOfEach(t)
  const [work = ''] = await t.send('q', 'work')
  const [held] = await t.receive('q')
  assert.deepEqual(
    await outcomes(t, [...ids, work], { do: 'delete' }),
    [...ids, work].map(() => [null, null]),
  )
  await assert.rejects(t.settle(held!, { do: 'extend', visibilityTimeoutMs: 1000 }), refusal('LeaseLost'))
  await t.advance(2 * hour)
  assert.deepEqual(await t.receive('q'), [])
  const status = await t.engine.status({ account: 'a', id: ids[0] ?? '' })
  assert.deepEqual([status?.ended?.outcome, status?.ended?.reason], ['deleted', 'deleted by ada'])
})

test('each consumer group has types of its own; the messages they share have none to change', async () => {
  await using t = testEngine()
  await t.create('q', { keepFinished: 'message', consumerGroups: true })
  for (const group of ['g', 'h']) await t.engine.createGroup({ ...at('q'), group })
  const [id = ''] = await t.send('q', 'x')
  await assert.rejects(act(t, [id], { do: 'move', to: 'S' }), refusal('ArgumentInvalid', { argument: 'group' }))
  const [moved] = await act(t, [id], { do: 'move', to: 'S' }, { group: 'g' })
  assert.equal(moved?.type, 'S')
  assert.deepEqual(bodies(await t.receive('q', { group: 'h' })), ['x'])
  const details = await t.engine.messageDetails({ account: 'a', id })
  assert.deepEqual(
    details?.deliveries.map(({ group, type, state }) => [group, type, state]),
    [
      ['retained', 'Q', 'behind'],
      ['g', 'S', 'finished'],
      ['h', 'Q', 'leased'],
    ],
  )
  await act(t, [id], { do: 'delete' })
  assert.deepEqual(await t.counts('q', 'g'), { done: 1 })
})

test('all is known of a message by its id in any form, or by a receipt handle', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  const [id = ''] = await t.send('q', 'x')
  const [message] = await t.receive('q', { holder: 'me' })
  for (const name of [id, id.toUpperCase(), messageIdAsUuid(id), message?.receiptHandle ?? '']) {
    const details = await t.engine.messageDetails({ account: 'a', id: name })
    assert.deepEqual([details?.id, details?.queue, details?.deliveries[0]?.holder], [id, 'q', 'me'], name)
    assert.equal(bodyOf(details!.deliveries[0]!), 'x')
    assert.equal(await t.engine.messageDetails({ account: 'other', id: name }), null)
  }
  await act(t, [id], { do: 'delete' })
  const gone = await t.engine.messageDetails({ account: 'a', id })
  assert.deepEqual([gone?.deliveries, gone?.ended?.outcome], [[], 'deleted'])
  assert.equal(await t.engine.messageDetails({ account: 'a', id: 'nonsense' }), null)
})

// ---- all that match --------------------------------------------------------------------------------------------------

const start = (t: TestEngine, action: OperatorAction, filter?: MessageFilter, more: Partial<StartAction> = {}) =>
  t.engine.startAction({ ...at('q'), action, by: 'ada', ...(filter ? { filter } : {}), ...more })

const ended = async (t: TestEngine, task: TaskView): Promise<TaskView> => {
  await t.idle()
  await t.advance(0)
  return t.engine.getTask({ account: 'a', task: task.id })
}

test('an action on all that match leaves the others, and says how many', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  await oneOfEach(t)
  await t.send('q', 'work', 'ready')
  await t.receive('q', { maxMessages: 1 })
  const task = await start(t, { do: 'move', to: 'S' }, { body: 'r' })
  assert.deepEqual([task.kind, task.to, task.by, task.state, task.total], ['move', 'S', 'ada', 'running', 7])
  const { state, changed, skipped, examined } = await ended(t, task)
  assert.deepEqual({ state, changed, skipped, examined }, { state: 'completed', changed: 1, skipped: 1, examined: 7 })
  assert.equal((await t.engine.countMessages({ ...at('q'), filter: { types: ['S'] } })).count, 2)
})

test('very many are done in slices, with progress, while others are served; later ones stay', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  for (let i = 0; i < 4; i++) await t.send('q', ...Array.from({ length: 500 }, (_, n) => `${n}`))
  const task = await start(t, { do: 'move', to: 'E' })
  const progress: number[] = []
  const [late] = await t.send('q', 'late')
  for (let view = task; view.state === 'running'; view = await t.engine.getTask({ account: 'a', task: task.id })) {
    progress.push(view.changed)
  }
  assert.ok(
    progress.length > 3 && progress.every((changed, i) => i === 0 || changed >= progress[i - 1]!),
    `${progress}`,
  )
  assert.equal((await ended(t, task)).changed, 2000)
  assert.equal((await stored(t, late ?? '')).type, 'Q')
})

test('one that is cancelled stops, and what was done stays done', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  for (let i = 0; i < 4; i++) await t.send('q', ...Array.from({ length: 500 }, () => 'x'))
  const task = await start(t, { do: 'delete' })
  await t.engine.getTask({ account: 'a', task: task.id })
  const cancelled = await t.engine.cancelTask({ account: 'a', task: task.id })
  assert.equal(cancelled.state, 'cancelled')
  const { changed } = await ended(t, task)
  assert.ok(changed < 2000)
  assert.equal((await t.engine.getQueue(at('q'))).messages, 2000 - changed)
})

test('it goes on after a restart', async () => {
  const store = memoryStore()
  const first = testEngine({ store })
  await first.create('q', keep)
  for (let i = 0; i < 4; i++) await first.send('q', ...Array.from({ length: 500 }, () => 'x'))
  const task = await start(first, { do: 'move', to: 'P' })
  await first.engine.stop()
  await using t = testEngine({ store, clock: first.clock })
  const { state, changed } = await ended(t, task)
  assert.deepEqual([state, changed], ['completed', 2000])
})

test('reprocessing all that are delayed brings back just these', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  await oneOfEach(t)
  const task = await start(t, reprocess, { types: ['D'] })
  assert.equal(task.total, 1)
  assert.equal((await ended(t, task)).changed, 1)
  assert.deepEqual(bodies(await t.receive('q')), ['D'])
})

test('the copies into its own queue are not copied again', async () => {
  await using t = testEngine()
  await t.send('q', '1', '2')
  assert.equal((await ended(t, await start(t, { do: 'copy', to: 'q' }))).changed, 2)
  assert.equal((await t.engine.getQueue(at('q'))).messages, 4)
})

test('counts of today go back to nothing at midnight, and shelving an error does not take it from them', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  const ids = await oneOfEach(t)
  await t.send('q', 'acknowledged', 'popped')
  await t.settle((await t.receive('q', { maxMessages: 1 }))[0]!, { do: 'delete' })
  await t.engine.pop(at('q'))
  const overview = async () => (await t.engine.getQueue({ ...at('q'), overview: true })).overview
  assert.deepEqual(await overview(), {
    types: { Q: 0, D: 1, P: 1, E: 1, F: 1, S: 1 },
    today: { P: 3, E: 1, F: 1 },
    oldestWaitingAt: null,
    workers: 0,
  })
  await act(t, ids, { do: 'move', to: 'S' })
  assert.deepEqual((await overview())?.types, { Q: 0, D: 0, P: 0, E: 0, F: 0, S: 5 })
  assert.deepEqual((await overview())?.today, { P: 3, E: 1, F: 1 })
  await t.jump(day)
  assert.deepEqual((await overview())?.today, { P: 0, E: 0, F: 0 })
  const sentAt = t.clock.now()
  await t.send('q', 'next')
  await t.jump(hour)
  await t.send('q', 'later')
  assert.equal((await overview())?.oldestWaitingAt, sentAt)
})

test('workers are known by the names that they receive with', async () => {
  await using t = testEngine()
  await t.send('q', '1', '2')
  const waiting = t.engine.receive({ ...at('idle'), holder: 'w2', waitMs: hour })
  await t.create('idle')
  const [message] = await t.receive('q', { holder: 'w1', maxMessages: 2 })
  const workers = async (queue: string) =>
    (await t.engine.queueWorkers(at(queue))).map(({ name, waiting, inWork }) => [name, waiting, inWork])
  assert.deepEqual(await workers('q'), [['w1', 0, 2]])
  assert.deepEqual(await workers('idle'), [['w2', 1, 0]])
  await t.settle(message!, { do: 'delete' })
  assert.deepEqual(await workers('q'), [['w1', 0, 1]])
  await t.advance(30_000)
  assert.deepEqual(await workers('q'), [['w1', 0, 0]], 'its lease has ended')
  await t.engine.stop()
  assert.deepEqual(await waiting, [])
})

test('what cannot be is refused', async () => {
  await using t = testEngine()
  const [id = ''] = await t.send('q', '1')
  await assert.rejects(act(t, [], reprocess), refusal('ArgumentInvalid', { argument: 'ids' }))
  await assert.rejects(act(t, [id], reprocess, { queue: 'none' }), refusal('QueueNotFound'))
  await assert.rejects(act(t, [id], { do: 'copy', to: '' }), refusal('ArgumentInvalid', { argument: 'to' }))
  await assert.rejects(start(t, reprocess, {}, { group: 'none' }), refusal('GroupNotFound'))
})
