import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestEngine } from '../../testing/test-engine.ts'
import { account, at, testEngine, text } from '../../testing/test-engine.ts'
import { messageIdAsUuid } from '../ids.ts'
import type { ReceivedMessage } from '../requests.ts'

const second = 1_000
const day = 86_400 * second

const status = (t: TestEngine, id: string | undefined) => t.engine.status({ account, id: id ?? '' })

test('of a message that is there, its state is told per group', async () => {
  await using t = testEngine()
  await t.create('q')
  const sentAt = t.clock.now()
  const { publicId: queuePublicId } = await t.engine.getQueue(at('q'))
  const [id] = await t.send('q', text('x', { delayMs: second }))
  const first = await status(t, id)
  assert.deepEqual(first, {
    id,
    queue: 'q',
    queuePublicId,
    sentAt,
    delayMs: second,
    groupsDone: 0,
    ended: null,
    deliveries: [
      {
        group: 'default',
        subscriber: false,
        type: 'Q',
        state: 'delayed',
        visibleAt: sentAt + second,
        receiveCount: 0,
        reprocessCount: 0,
        firstReceivedAt: null,
        modifiedAt: sentAt,
        holder: null,
        reason: null,
        failure: null,
        deadLetterSource: null,
      },
    ],
    steps: [],
    stepsOmitted: 0,
  })
  assert.deepEqual(await status(t, messageIdAsUuid(id!)), first)
  await t.advance(second)
  await t.receive('q', { holder: 'w' })
  const [delivery] = (await status(t, id))!.deliveries
  assert.deepEqual(
    [delivery?.state, delivery?.receiveCount, delivery?.firstReceivedAt, delivery?.holder],
    ['leased', 1, sentAt + second, 'w'],
  )
})

test('of a message that has ended, it is told how', async () => {
  const ends: Record<string, (t: TestEngine, message: ReceivedMessage) => Promise<unknown>> = {
    deleted: (t, message) => t.settle(message, { do: 'delete' }),
    processed: (t, message) => t.settle(message, { do: 'finish', as: 'P' }),
    filtered: (t, message) => t.settle(message, { do: 'finish', as: 'F' }),
    errored: (t, message) => t.settle(message, { do: 'finish', as: 'E' }),
    shelved: (t, message) => t.settle(message, { do: 'finish', as: 'S' }),
    expired: (t) => t.advance(600 * second),
    purged: (t) => t.engine.purgeQueue(at('q')),
    'dead-letter': (t, message) => t.settle(message, { do: 'dead-letter' }),
  }
  for (const [outcome, make] of Object.entries(ends)) {
    await using t = testEngine()
    await t.create('q')
    const sentAt = t.clock.now()
    const { publicId: queuePublicId } = await t.engine.getQueue(at('q'))
    const [id] = await t.send('q', text('x', { retentionMs: 602 * second, delayMs: second }))
    await t.advance(second)
    const [message] = await t.receive('q')
    await t.settle(message!, { do: 'reprocess', delayMs: second })
    await t.advance(second)
    const [again] = await t.receive('q')
    await make(t, again!)
    await t.idle()
    assert.deepEqual(
      await status(t, id),
      {
        id,
        queue: 'q',
        queuePublicId,
        sentAt,
        delayMs: second,
        groupsDone: 0,
        deliveries: [],
        ended: {
          outcome,
          at: t.clock.now(),
          receiveCount: 2,
          reprocessCount: 1,
          firstReceivedAt: sentAt + second,
          reason: outcome === 'dead-letter' ? 'by its receiver' : null,
          failure: null,
        },
        steps: [],
        stepsOmitted: 0,
      },
      outcome,
    )
  }
})

test('it is told for seven days from the send exactly, whatever happened to the message', async () => {
  await using t = testEngine()
  await t.create('q', { keepFinished: 'message', keepProcessedMs: null, retentionMs: null })
  const ids = await t.send('q', 'deleted', 'kept', 'waiting', text('delayed', { delayMs: 30 * day }))
  const [deleted, kept] = await t.receive('q')
  await t.settle(deleted!, { do: 'delete' })
  await t.settle(kept!, { do: 'finish', as: 'P' })
  await t.jump(7 * day - 1)
  for (const id of ids) assert.equal((await status(t, id))?.id, id)
  t.clock.now = (
    (now) => () =>
      now + 1
  )(t.clock.now())
  for (const id of ids) assert.equal(await status(t, id), null, 'the boundary is checked when reading')
  assert.deepEqual(await t.counts('q'), { ready: 1, processed: 1, delayed: 1, done: 2 })
})

test('what is no longer told is forgotten', async () => {
  await using t = testEngine()
  await t.send('q', 'x')
  const [{ id }] = (await t.engine.pop(at('q'))) as [ReceivedMessage]
  await t.jump(7 * day)
  await t.advance(120 * second)
  let left: unknown
  const serial = Number.parseInt(id.slice(12), 16)
  await t.store.transact([
    {
      run(transaction) {
        left = transaction.history(serial)
      },
    },
  ])
  assert.equal(left, undefined)
})

test('a message keeps its id and its status when it moves', async () => {
  await using t = testEngine()
  await t.create('dead')
  await t.create('q', { deadLetterQueue: 'dead' })
  const [id] = await t.send('q', 'x')
  const [message] = await t.receive('q')
  await t.settle(message!, { do: 'dead-letter' })
  assert.deepEqual([(await status(t, id))?.queue, (await status(t, id))?.ended], ['dead', null])
  await t.engine.pop(at('dead'))
  assert.deepEqual([(await status(t, id))?.queue, (await status(t, id))?.ended?.outcome], ['dead', 'deleted'])
})

test('it is told although the queue is gone', async () => {
  await using t = testEngine()
  await t.create('q')
  const [popped, waiting] = await t.send('q', '1', '2')
  await t.engine.pop(at('q'))
  const deleting = t.engine.deleteQueue(at('q'))
  const asking = status(t, waiting)
  await deleting
  assert.deepEqual([(await asking)?.queue, (await asking)?.ended?.outcome], ['q', 'purged'])
  await t.idle()
  await t.create('q')
  assert.deepEqual([(await status(t, popped))?.queue, (await status(t, popped))?.ended?.outcome], ['q', 'deleted'])
  assert.deepEqual([(await status(t, waiting))?.queue, (await status(t, waiting))?.ended?.outcome], ['q', 'purged'])
})

test('unknown and malformed ids, and messages of others, are nothing', async () => {
  await using t = testEngine()
  const [id] = await t.send('q', 'x')
  for (const wrong of ['', 'x', 'f'.repeat(24), `${id!.slice(0, -1)}${id!.endsWith('0') ? 1 : 0}`]) {
    assert.equal(await status(t, wrong), null, wrong)
  }
  assert.equal(await t.engine.status({ account: 'b', id: id! }), null)
  await t.engine.pop(at('q'))
  assert.equal(await t.engine.status({ account: 'b', id: id! }), null)
})

test('a queue may remember nothing', async () => {
  await using t = testEngine()
  await t.create('q', { history: 'none' })
  const [id] = await t.send('q', 'x')
  assert.equal((await status(t, id))?.id, id, 'while it is there it can be seen')
  await t.engine.pop(at('q'))
  assert.equal(await status(t, id), null)
})

test('each group has its part in the status', async () => {
  await using t = testEngine()
  await t.create('q', { consumerGroups: true })
  for (const group of ['g', 'h']) await t.engine.createGroup({ ...at('q'), group })
  const [id] = await t.send('q', 'x')
  await t.receive('q', { group: 'g' })
  const { deliveries } = (await status(t, id))!
  assert.deepEqual(
    deliveries.map(({ group, state }) => `${group} ${state}`),
    ['g leased', 'h ready'],
  )
  await t.create('unread', { consumerGroups: true })
  const [unread] = await t.send('unread', 'y')
  const { deliveries: none, ended } = (await status(t, unread))!
  assert.deepEqual([none, ended], [[], null], 'nobody reads it yet, but it is there')
})

test('a message that has expired is told so also before it is removed', async () => {
  await using t = testEngine()
  await t.create('q')
  const others = Array.from({ length: 900 }, () => text('x', { retentionMs: second }))
  await t.send('q', ...others)
  const ids = await t.send('q', text('x', { retentionMs: second }))
  let now = t.clock.now()
  const expiry = now + second
  t.clock.now = () => now
  now += second + 5
  const { ended } = (await status(t, ids[0]))!
  assert.deepEqual([ended?.outcome, (ended?.at ?? 0) >= expiry], ['expired', true])
})
