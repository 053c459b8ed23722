import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, at, bodies, deleteEntries, refusal, testEngine, text } from '../../testing/test-engine.ts'
import { defaultSettings } from '../settings.ts'

const day = 86_400_000

test('a queue is created with its settings and the defaults of the others', async () => {
  await using t = testEngine()
  const { queue, created } = await t.engine.createQueue({ ...at('q'), settings: { visibilityTimeoutMs: 5_000 } })
  assert.equal(created, true)
  assert.deepEqual(queue.settings, { ...defaultSettings, visibilityTimeoutMs: 5_000 })
  assert.deepEqual([queue.name, queue.account, queue.explicit, queue.messages], ['q', account, true, 0])
  assert.equal(queue.createdAt, t.clock.now())
  assert.deepEqual(await t.engine.getQueue(at('q')), queue)
})

test('creating a queue that is there keeps it, refuses it, or refuses a setting that differs', async () => {
  await using t = testEngine()
  await t.create('q', { delayMs: 100, tags: { team: 'x' } })
  const kept = await t.engine.createQueue({ ...at('q'), settings: { delayMs: 5 } })
  assert.deepEqual([kept.created, kept.queue.settings.delayMs], [false, 100])
  await assert.rejects(t.engine.createQueue({ ...at('q'), ifExists: 'refuse' }), refusal('QueueExists'))
  const match = { ...at('q'), ifExists: 'match' } as const
  assert.equal((await t.engine.createQueue(match)).created, false)
  const same = { delayMs: 100, tags: { team: 'x' }, receiveLimit: null }
  assert.equal((await t.engine.createQueue({ ...match, settings: same })).created, false)
  await assert.rejects(
    t.engine.createQueue({ ...match, settings: { delayMs: 100, receiveLimit: 3 } }),
    refusal('QueueExists', { setting: 'receiveLimit' }),
  )
})

test('a setting that cannot be is refused by name, and nothing is created or changed', async () => {
  await using t = testEngine()
  await assert.rejects(
    t.engine.createQueue({ ...at('q'), settings: { delayMs: -1 } }),
    refusal('SettingInvalid', { setting: 'delayMs' }),
  )
  await assert.rejects(t.engine.getQueue(at('q')), refusal('QueueNotFound', { queue: 'q' }))
  await t.create('q')
  await assert.rejects(
    t.engine.updateQueue({ ...at('q'), settings: { delayMs: 7, newestFirst: true, ordering: 'ordered' } }),
    refusal('SettingInvalid', { setting: 'newestFirst' }),
  )
  assert.equal((await t.engine.getQueue(at('q'))).settings.delayMs, 0)
})

test('names of queues are any text of 1 to 1,024 bytes', async () => {
  await using t = testEngine()
  for (const name of [
    'a b/c',
    'é',
    '日本語',
    '%2F',
    'x'.repeat(1024),
    '€'.repeat(341),
    'Q',
    'q',
    'a\u0000b',
    '\u0000',
  ]) {
    assert.equal((await t.engine.createQueue(at(name))).created, true, name)
    assert.equal((await t.engine.getQueue(at(name))).name, name)
  }
  for (const name of ['', 'x'.repeat(1025), '€'.repeat(342), '\ud800']) {
    await assert.rejects(t.engine.createQueue(at(name)), refusal('ArgumentInvalid', { argument: 'queue' }))
    await assert.rejects(
      t.engine.send({ ...at(name), messages: [text('x')] }),
      refusal('ArgumentInvalid', { argument: 'queue' }),
    )
  }
})

test('accounts do not see each other', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', 'mine')
  const other = { account: 'b', queue: 'q' }
  await assert.rejects(t.engine.getQueue(other), refusal('QueueNotFound'))
  assert.deepEqual(await t.engine.receive(other), [])
  assert.deepEqual(await t.engine.deleteQueue(other), { deleted: false })
  assert.deepEqual((await t.engine.listQueues({ account: 'b' })).queues, [])
  assert.equal((await t.engine.listQueues({ account })).queues.length, 1)
})

test('queues are listed by name in pages', async () => {
  await using t = testEngine()
  for (const name of ['b', 'a', 'ab', 'ac', 'c', 'B']) await t.create(name)
  const names = async (query: { prefix?: string; after?: string; limit?: number }) => {
    const { queues, next } = await t.engine.listQueues({ account, ...query })
    return [queues.map(({ name }) => name).join(' '), next]
  }
  assert.deepEqual(await names({}), ['B a ab ac b c', null])
  assert.deepEqual(await names({ limit: 4 }), ['B a ab ac', 'ac'])
  assert.deepEqual(await names({ limit: 4, after: 'ac' }), ['b c', null])
  assert.deepEqual(await names({ prefix: 'a', limit: 2 }), ['a ab', 'ab'])
  assert.deepEqual(await names({ prefix: 'a', after: 'ab' }), ['ac', null])
  assert.deepEqual(await names({ after: 'aab' }), ['ab ac b c', null])
  await assert.rejects(names({ limit: 0 }), refusal('ArgumentInvalid', { argument: 'limit' }))
})

test('a virtual queue comes with its first message and is there while it has messages', async () => {
  await using t = testEngine()
  const seen = async () => (await t.engine.listQueues({ account })).queues.map(({ name }) => name)
  await t.send('v', text('x', { delayMs: 1_000 }))
  assert.equal((await t.engine.getQueue(at('v'))).explicit, false)
  assert.deepEqual(await seen(), ['v'])
  await t.advance(1_000)
  const received = await t.receive('v')
  assert.deepEqual(await seen(), ['v'], 'a leased message keeps it')
  await t.engine.settle({ ...at('v'), entries: deleteEntries(received) })
  assert.deepEqual(await seen(), [])
  assert.deepEqual((await t.engine.listQueues({ account, includeEmptyVirtual: true })).queues.length, 1)
  await assert.rejects(t.engine.getQueue(at('v')), refusal('QueueNotFound'))
  await assert.rejects(t.engine.updateQueue({ ...at('v'), settings: { delayMs: 1 } }), refusal('QueueNotFound'))
  await assert.rejects(t.engine.receive({ ...at('v'), ifMissing: 'refuse' }), refusal('QueueNotFound'))
  await assert.rejects(
    t.engine.send({ ...at('v'), messages: [text('x')], ifMissing: 'refuse' }),
    refusal('QueueNotFound'),
  )
  assert.deepEqual(await t.engine.deleteQueue(at('v')), { deleted: false })
  await t.send('v', 'again')
  assert.deepEqual(await seen(), ['v'])
})

test('a virtual queue that was not used for eight days is forgotten altogether', async () => {
  await using t = testEngine()
  const records = async () => (await t.engine.listQueues({ account, includeEmptyVirtual: true })).queues.length
  await t.send('v', 'x')
  await t.engine.pop(at('v'))
  await t.jump(6 * day)
  await t.send('v', 'y')
  await t.engine.pop(at('v'))
  await t.jump(3 * day)
  assert.equal(await records(), 1, 'it was used meanwhile')
  await t.jump(7 * day)
  assert.equal(await records(), 0)
})

test('a virtual queue becomes an explicit one that keeps its messages', async () => {
  await using t = testEngine()
  await t.send('v', 'x')
  const { queue, created } = await t.engine.createQueue({ ...at('v'), settings: { delayMs: 50 }, ifExists: 'refuse' })
  assert.deepEqual([created, queue.explicit, queue.messages, queue.settings.delayMs], [true, true, 1, 50])
  assert.deepEqual(bodies(await t.engine.pop(at('v'))), ['x'])
  assert.equal((await t.engine.listQueues({ account })).queues.length, 1, 'an explicit queue stays when it is empty')
})

test('the retention of an explicit queue counts for what it takes over from a virtual one, and for what comes later', async () => {
  await using t = testEngine()
  const messages = async () => (await t.engine.getQueue(at('v'))).messages
  await t.send('v', 'x')
  await t.engine.createQueue({ ...at('v'), settings: { retentionMs: 60_000 } })
  await t.advance(59_000)
  assert.equal(await messages(), 1)
  await t.send('v', 'y')
  await t.advance(1_000)
  assert.equal(await messages(), 1)
  await t.advance(59_000)
  assert.equal(await messages(), 0)
})

test('where only the record of a virtual queue is left, a queue of any kind can be created', async () => {
  await using t = testEngine()
  await t.send('v', 'x')
  await t.engine.pop(at('v'))
  const { created, queue } = await t.engine.createQueue({ ...at('v'), settings: { consumerGroups: true } })
  assert.deepEqual([created, queue.settings.consumerGroups], [true, true])
  await t.engine.createGroup({ ...at('v'), group: 'g' })
  await t.send('v', 'y')
  assert.deepEqual(bodies(await t.receive('v', { group: 'g' })), ['y'])
})

test('changing a queue touches it and its settings only', async () => {
  await using t = testEngine()
  await t.create('q', { delayMs: 5, metadata: { a: 1 } })
  const before = await t.engine.getQueue(at('q'))
  await t.advance(10)
  const after = await t.engine.updateQueue({ ...at('q'), settings: { metadata: { b: [2] }, delayMs: undefined } })
  assert.deepEqual(after, {
    ...before,
    settings: { ...before.settings, metadata: { b: [2] } },
    modifiedAt: before.createdAt + 10,
  })
  await assert.rejects(t.engine.updateQueue({ ...at('none'), settings: {} }), refusal('QueueNotFound'))
})

test('what makes settings of those in force may refuse in its own words, and then nothing has changed', async () => {
  await using t = testEngine()
  await t.send('v', 'x')
  const before = await t.engine.getQueue(at('v'))
  await t.advance(10)
  const own = new RangeError('not like this')
  const refused = assert.rejects(
    t.engine.updateQueue({
      ...at('v'),
      settings() {
        throw own
      },
    }),
    (error) => error === own,
  )
  await t.send('other', 'y')
  await refused
  assert.deepEqual(await t.engine.getQueue(at('v')), before)
})

test('the ordering changes only while there are no messages, and says how many are in the way', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', 'x', 'y')
  const toOrdered = () => t.engine.updateQueue({ ...at('q'), settings: { ordering: 'ordered' } })
  await assert.rejects(toOrdered(), (error) => refusal('QueueNotEmpty')(error) && /2/.test(String(error)))
  const [message] = await t.receive('q', { maxMessages: 1 })
  await t.settle(message!, { do: 'reprocess', delayMs: 1_000 })
  await assert.rejects(toOrdered(), /1 messages .* delayed for reprocessing/)
  await t.engine.purgeQueue(at('q'))
  assert.equal((await toOrdered()).settings.ordering, 'ordered')
})

test('whether a queue has consumer groups is fixed', async () => {
  await using t = testEngine()
  await t.create('q')
  await assert.rejects(
    t.engine.updateQueue({ ...at('q'), settings: { consumerGroups: true } }),
    refusal('SettingInvalid', { setting: 'consumerGroups' }),
  )
})

test('counts are told by state', async () => {
  await using t = testEngine()
  await t.create('q', { keepFinished: 'message' })
  await t.send('q', '1', '2', '3', '4', '5', '6', '7', text('late', { delayMs: 9_000 }))
  const received = await t.receive('q', { maxMessages: 6 })
  const [a, b, c, d, e] = received
  await t.settle(a!, { do: 'finish', as: 'P' })
  await t.settle(b!, { do: 'finish', as: 'E' })
  await t.settle(c!, { do: 'finish', as: 'F' })
  await t.settle(d!, { do: 'finish', as: 'S' })
  await t.settle(e!, { do: 'reprocess', delayMs: 5_000 })
  const states = { ready: 1, delayed: 1, leased: 1, reprocessing: 1, processed: 1, errored: 1, filtered: 1, shelved: 1 }
  assert.deepEqual(await t.counts('q'), { ...states, done: 4 })
  assert.equal((await t.engine.getQueue(at('q'))).messages, 8)
})

test('the span of a queue goes from its oldest to its newest message, leased and delayed ones included', async () => {
  await using t = testEngine()
  await t.create('q')
  assert.deepEqual(await t.engine.queueSpan(at('q')), { oldest: null, newest: null })
  const sentAt = t.clock.now()
  const [first] = await t.send('q', '1')
  await t.receive('q')
  await t.advance(500)
  await t.send('q', '2')
  const [last] = await t.send('q', text('3', { delayMs: 1_000 }))
  assert.deepEqual(await t.engine.queueSpan(at('q')), {
    oldest: { id: first, sentAt },
    newest: { id: last, sentAt: sentAt + 500 },
  })
  await assert.rejects(t.engine.queueSpan(at('none')), refusal('QueueNotFound'))
})

test('the span of a queue leaves out what is finished, however much of it is kept at its ends', async () => {
  await using t = testEngine()
  await t.create('q', { keepFinished: 'message' })
  const finish = async () => {
    await t.send('q', ...Array.from({ length: 150 }, (_, i) => `${i}`))
    for (const message of await t.receive('q', { maxMessages: 150 })) {
      await t.settle(message, { do: 'finish', as: 'P' })
    }
  }
  await finish()
  const [first, last] = await t.send('q', 'first', 'last')
  await t.receive('q', { maxMessages: 2, visibilityTimeoutMs: 3_600_000 })
  await finish()
  const { oldest, newest } = await t.engine.queueSpan(at('q'))
  assert.deepEqual([oldest?.id, newest?.id], [first, last])
})
