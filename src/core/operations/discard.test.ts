import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, at, bodies, refusal, testEngine, text } from '../../testing/test-engine.ts'

const many = (count: number) => Array.from({ length: count }, (_, i) => text(`m${i}`))

test('a purge removes every message in whatever state at once, and the rest follows in slices', async () => {
  await using t = testEngine()
  await t.create('q', { keepFinished: 'message' })
  for (let i = 0; i < 3; i++) await t.engine.send({ ...at('q'), messages: many(600) })
  await t.send('q', text('late', { delayMs: 9_000 }))
  const [leased, done] = await t.receive('q')
  await t.settle(done!, { do: 'finish', as: 'P' })
  const purging = t.engine.purgeQueue(at('q'))
  const sending = t.engine.send({ ...at('q'), messages: [text('new')] })
  assert.deepEqual(await purging, { purged: 1801 })
  await sending
  assert.deepEqual(await t.counts('q'), { ready: 1 })
  assert.equal((await t.engine.getQueue(at('q'))).messages, 1)
  assert.deepEqual(await t.engine.purgeQueue(at('q')), { purged: 1 }, 'what was purged before is not counted again')
  await t.idle()
  const late = await t.engine.settle({
    ...at('q'),
    entries: [
      { receiptHandle: leased!.receiptHandle!, action: { do: 'delete' } },
      { receiptHandle: leased!.receiptHandle!, action: { do: 'extend', visibilityTimeoutMs: 5 } },
    ],
  })
  assert.deepEqual(
    late.map((result) => (result.ok ? result.value.changed : result.refusal.code)),
    [false, 'LeaseLost'],
  )
  assert.equal(t.store.stats().gauges.messages, 0)
  assert.equal(t.store.stats().gauges.deliveries, 0)
  await t.advance(20_000)
  assert.deepEqual(await t.counts('q'), {})
})

test('a purge makes room at once, and ends the duplicate windows', async () => {
  await using t = testEngine()
  await t.create('q', { maxMessages: 2 })
  const message = text('x', { deduplicationId: 'd' })
  const [first] = await t.send('q', message, 'y')
  await assert.rejects(t.send('q', 'z'), refusal('QueueFull', { maxMessages: 2 }))
  await t.engine.purgeQueue(at('q'))
  const [second] = await t.send('q', message, 'z')
  assert.notEqual(second, first)
  assert.deepEqual(await t.counts('q'), { ready: 2 })
})

test('a virtual queue is gone with a purge', async () => {
  await using t = testEngine()
  await t.engine.send({ ...at('v'), messages: many(700) })
  const purging = t.engine.purgeQueue(at('v'))
  const listing = t.engine.listQueues({ account })
  assert.deepEqual(await purging, { purged: 700 })
  assert.deepEqual((await listing).queues, [])
  await t.jump(9 * 86_400_000)
  assert.deepEqual((await t.engine.listQueues({ account, includeEmptyVirtual: true })).queues, [])
})

test('purging or deleting what is not there is no mistake', async () => {
  await using t = testEngine()
  assert.deepEqual(await t.engine.purgeQueue(at('none')), { purged: 0 })
  assert.deepEqual(await t.engine.deleteQueue(at('none')), { deleted: false })
})

test('a deleted queue is gone at once; one of the same name begins anew', async () => {
  await using t = testEngine()
  await t.create('q', { delayMs: 10 })
  await t.engine.send({ ...at('q'), messages: many(1000) })
  await t.engine.send({ ...at('q'), messages: many(1000) })
  const deleting = t.engine.deleteQueue(at('q'))
  const creating = t.engine.createQueue(at('q'))
  assert.deepEqual(await deleting, { deleted: true })
  const { created, queue } = await creating
  assert.deepEqual([created, queue.messages, queue.settings.delayMs], [true, 0, 0])
  await t.send('q', 'new')
  assert.deepEqual(bodies(await t.receive('q')), ['new'])
  await t.idle()
  assert.equal(t.store.stats().gauges.deliveries, 1)
})

test('handles of a deleted queue are refused, or too late in one of the same name', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', 'x')
  const [message] = await t.receive('q')
  await t.engine.deleteQueue(at('q'))
  await assert.rejects(t.settle(message!, { do: 'delete' }), refusal('QueueNotFound'))
  await t.create('q')
  assert.equal((await t.settle(message!, { do: 'delete' })).changed, false)
})

test('deleting a group, purging and deleting its queue in a row leave nothing behind', async () => {
  await using t = testEngine()
  await t.create('q', { consumerGroups: true, receiveLimit: 1, deadLetters: 'group' })
  for (const group of ['g', 'h']) await t.engine.createGroup({ ...at('q'), group })
  await t.engine.send({ ...at('q'), messages: many(1000) })
  for (const group of ['g', 'h']) {
    await t.receive('q', { group, visibilityTimeoutMs: 1_000, maxMessages: 600 })
    await t.advance(1_000)
  }
  const deleting = t.engine.deleteGroup({ ...at('q'), group: 'g' })
  const purging = t.engine.purgeQueue(at('q'))
  const sending = t.engine.send({ ...at('q'), messages: many(10) })
  await Promise.all([deleting, purging, sending])
  await t.idle()
  assert.equal(t.store.stats().gauges.messages, 10)
  assert.equal(t.store.stats().gauges.deliveries, 20)
  await t.engine.deleteQueue(at('q'))
  await t.idle()
  assert.deepEqual(t.store.stats().gauges, { messages: 0, deliveries: 0 })
})

test('messages that a purge ends go after the references that an earlier deletion left', async () => {
  await using t = testEngine()
  await t.create('q', { consumerGroups: true, deadLetters: 'group', receiveLimit: 1 })
  await t.engine.createGroup({ ...at('q'), group: 'g' })
  for (let i = 0; i < 2; i++) await t.engine.send({ ...at('q'), messages: many(1000) })
  await t.receive('q', { group: 'g', visibilityTimeoutMs: 0, maxMessages: 1000 })
  await Promise.all([t.engine.deleteGroup({ ...at('q'), group: 'g' }), t.engine.purgeQueue(at('q'))])
  await t.idle()
  assert.deepEqual(t.store.stats().gauges, { messages: 0, deliveries: 0 })
})

test('slices go on after a restart', async () => {
  const first = testEngine()
  await first.create('q')
  for (let i = 0; i < 3; i++) await first.engine.send({ ...at('q'), messages: many(1000) })
  const deleting = first.engine.deleteQueue(at('q'))
  const stopping = first.engine.stop()
  await deleting
  await stopping
  assert.ok((first.store.stats().gauges.deliveries ?? 0) > 0, 'not all of it is done')
  await using second = testEngine({ store: first.store, clock: first.clock })
  await second.idle()
  assert.deepEqual(second.store.stats().gauges, { messages: 0, deliveries: 0 })
})

test('what a deleted subscriber had stays for those who have got it since, and where it has gone since', async () => {
  await using t = testEngine()
  await t.create('dead')
  await t.create('kept', { deadLetters: 'group' })
  await t.create('moved', { deadLetterQueue: 'dead' })
  await t.create('deleted')
  for (const [queue, action] of [
    ['kept', 'dead-letter'],
    ['moved', 'dead-letter'],
    ['deleted', 'delete'],
  ] as const) {
    await t.engine.createGroup({ ...at(queue), group: 's', subscription: {} })
    await t.send(queue, queue)
    const [message] = await t.receive(queue)
    // The slices that see to the deleted group come after both.
    await Promise.all([t.engine.deleteGroup({ ...at(queue), group: 's' }), t.settle(message!, { do: action })])
  }
  await t.idle()
  assert.deepEqual(bodies(await t.receive('kept', { deadLetters: true })), ['kept'])
  assert.deepEqual(bodies(await t.receive('dead')), ['moved'])
  assert.deepEqual(t.store.stats().gauges, { messages: 2, deliveries: 2 })
})

test('a purge ends dead letters that have come since a subscriber was deleted', async () => {
  await using t = testEngine()
  await t.create('q', { deadLetters: 'group' })
  await t.engine.createGroup({ ...at('q'), group: 's', subscription: {} })
  await t.send('q', 'x')
  const [message] = await t.receive('q')
  const deleting = t.engine.deleteGroup({ ...at('q'), group: 's' })
  const settling = t.settle(message!, { do: 'dead-letter' })
  await Promise.all([deleting, settling, t.engine.purgeQueue(at('q'))])
  await t.idle()
  assert.deepEqual(t.store.stats().gauges, { messages: 0, deliveries: 0 })
})

test('dead letters that go with their group, or are purged, have ended for good, also those that subscribers have still', async () => {
  for (const discard of ['deleteGroup', 'purgeQueue'] as const) {
    await using t = testEngine()
    await t.create('q', { consumerGroups: true, deadLetters: 'group', history: 'steps', retentionMs: 60_000 })
    await t.engine.createGroup({ ...at('q'), group: 'g' })
    // So that there are dead letters before there is a subscriber, which a purge has to end first.
    await t.send('q', 'other')
    await t.settle((await t.receive('q', { group: 'g' }))[0]!, { do: 'dead-letter' })
    await t.engine.createGroup({ ...at('q'), group: 's', subscription: {} })
    const [id = ''] = await t.send('q', 'x')
    await t.settle((await t.receive('q', { group: 'g' }))[0]!, { do: 'dead-letter' })
    await t.engine.deleteMessages({ ...at('q'), ids: [id], leased: 'anyway' })
    assert.equal((await t.engine.status({ account, id }))?.ended, null)
    await t.engine[discard]({ ...at('q'), group: 'g' })
    await t.idle()
    const status = await t.engine.status({ account, id })
    const left = discard === 'deleteGroup' ? ['s'] : []
    assert.deepEqual(
      [status?.ended?.outcome, status?.deliveries.map(({ group }) => group), status?.steps.length],
      ['purged', left, 1],
    )
    await t.advance(60_000)
    const after = await t.engine.status({ account, id })
    assert.deepEqual([after?.ended?.outcome, after?.steps.map(({ group }) => group)], ['purged', ['g', ...left]])
    assert.deepEqual(t.store.stats().gauges, { messages: 0, deliveries: 0 })
  }
})
