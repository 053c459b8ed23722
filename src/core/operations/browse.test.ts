import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestEngine } from '../../testing/test-engine.ts'
import { at, bodies, deleteEntries, refusal, testEngine, text } from '../../testing/test-engine.ts'
import { messageIdAsUuid } from '../ids.ts'
import type { Browse } from '../requests.ts'

const second = 1_000

const browse = async (t: TestEngine, more: Partial<Browse> = {}) => {
  const { messages, marker } = await t.engine.browse({ ...at('q'), ...more })
  return { seen: bodies(messages).join(' '), messages, marker: marker ?? '' }
}

test('looking takes nothing: oldest first, ten unless told, delayed ones too', async () => {
  await using t = testEngine()
  await t.send('q', '1', text('2', { delayMs: second, priority: 9 }), '3')
  await t.send('q', ...Array.from({ length: 9 }, (_, i) => `${i + 4}`))
  assert.equal((await browse(t)).seen, '1 2 3 4 5 6 7 8 9 10')
  const { messages } = await browse(t, { limit: 2 })
  assert.deepEqual(
    messages.map(({ state, type, receiveCount, visibleAt, modifiedAt, firstReceivedAt }) => [
      state,
      type,
      receiveCount,
      visibleAt,
      modifiedAt,
      firstReceivedAt,
    ]),
    [
      ['ready', 'Q', 0, null, t.clock.now(), null],
      ['delayed', 'Q', 0, t.clock.now() + second, t.clock.now(), null],
    ],
  )
  assert.deepEqual(await t.counts('q'), { ready: 11, delayed: 1 })
})

test('a marker says where the next page begins', async () => {
  await using t = testEngine()
  await t.send('q', '1', '2', '3', '4', '5')
  const first = await browse(t, { limit: 2 })
  const second = await browse(t, { limit: 2, marker: first.marker })
  const third = await browse(t, { limit: 2, marker: second.marker })
  assert.deepEqual([first.seen, second.seen, third.seen], ['1 2', '3 4', '5'])
  const none = await browse(t, { marker: third.marker })
  assert.equal(none.seen, '')
  await t.send('q', '6')
  assert.equal((await browse(t, { marker: none.marker })).seen, '6', 'what comes later comes behind it')
})

test('a marker stays good whatever becomes of the messages', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.send('q', '1', '2', '3', text('4', { retentionMs: second }), '5')
  const { marker } = await browse(t, { limit: 2 })
  await t.engine.settle({ ...at('q'), entries: deleteEntries(await t.receive('q', { maxMessages: 3 })) })
  await t.advance(second)
  assert.equal((await browse(t, { marker })).seen, '5')
})

test('a watcher sees every later message once, also dead letters and reprocessed ones that come back', async () => {
  await using t = testEngine()
  await t.create('q')
  await t.create('source', { deadLetterQueue: 'q' })
  await t.send('source', 'dead')
  await t.send('q', '1')
  let { marker } = await browse(t)
  const [message] = await t.receive('source')
  await t.settle(message!, { do: 'dead-letter' })
  await t.send('q', '2')
  const seen: string[] = []
  for (let i = 0; i < 3; i++) {
    const page = await browse(t, { limit: 1, marker })
    seen.push(page.seen)
    ;({ marker } = page)
  }
  assert.deepEqual(seen, ['dead', '2', ''])
})

test('the id of a message is a marker too, in both forms, also when the message is gone', async () => {
  await using t = testEngine()
  const [first, second] = await t.send('q', '1', '2', '3')
  assert.equal((await browse(t, { marker: first! })).seen, '2 3')
  assert.equal((await browse(t, { marker: messageIdAsUuid(second!) })).seen, '3')
  await t.engine.pop(at('q'))
  assert.equal((await browse(t, { marker: first! })).seen, '2 3')
})

test('what is no marker gives nothing, and no marker', async () => {
  await using t = testEngine()
  const [foreign] = await t.send('other', 'x')
  await t.send('q', '1')
  for (const marker of ['', 'x', 'p', 'p!', 'P1', `p${'z'.repeat(11)}`, foreign!]) {
    assert.deepEqual(await t.engine.browse({ ...at('q'), marker }), { messages: [], marker: null }, marker)
  }
  assert.deepEqual(await t.engine.browse(at('none')), { messages: [], marker: null })
})

test('newest first goes the other way', async () => {
  await using t = testEngine()
  await t.send('q', '1', '2', '3')
  const first = await browse(t, { limit: 2, newestFirst: true })
  assert.equal(first.seen, '3 2')
  await t.send('q', '4')
  assert.equal((await browse(t, { newestFirst: true, marker: first.marker })).seen, '1')
})

test('leased and finished ones are seen on request, by state or by type', async () => {
  await using t = testEngine()
  await t.create('q', { keepFinished: 'message' })
  await t.send('q', 'leased', 'done', 'failed', 'again', 'ready')
  const [, done, failed, again] = await t.receive('q', { maxMessages: 4 })
  await t.settle(done!, { do: 'finish', as: 'P' })
  await t.settle(failed!, { do: 'finish', as: 'E' })
  await t.settle(again!, { do: 'reprocess', delayMs: second })
  assert.equal((await browse(t)).seen, 'again ready')
  assert.equal((await browse(t, { states: ['ready', 'leased'] })).seen, 'leased ready')
  assert.equal((await browse(t, { states: ['finished'] })).seen, 'done failed')
  assert.equal((await browse(t, { types: ['E', 'D'] })).seen, 'failed again')
  assert.equal((await browse(t, { types: ['Q'] })).seen, 'leased ready')
  assert.equal((await browse(t, { types: ['Q'], states: ['ready'] })).seen, 'ready')
})

test("a client's own messages are left out on request, and a page is as full as it can be", async () => {
  await using t = testEngine()
  const names = Array.from({ length: 30 }, (_, i) => i)
  await t.send('q', ...names.map((i) => text(`${i}`, { clientId: i % 10 === 0 ? 'you' : 'me' })), 'nobody')
  const page = await browse(t, { exceptClientId: 'me', limit: 3 })
  assert.equal(page.seen, '0 10 20')
  assert.equal((await browse(t, { exceptClientId: 'me', marker: page.marker })).seen, 'nobody')
})

test('what is read is exact though timers are late, and what has expired is not seen', async () => {
  await using t = testEngine()
  const ids = await t.send('q', text('1', { retentionMs: second }), text('2', { delayMs: second }), '3')
  await t.receive('q', { maxMessages: 1, visibilityTimeoutMs: second })
  let now = t.clock.now()
  t.clock.now = () => now
  now += second
  const { messages, seen } = await browse(t)
  assert.equal(seen, '2 3')
  assert.deepEqual(
    messages.map(({ state, visibleAt }) => [state, visibleAt]),
    [
      ['ready', null],
      ['ready', null],
    ],
  )
  assert.equal((await t.engine.getMessages({ ...at('q'), ids })).length, 2)
})

test('messages are got by their ids in the order asked for, in any state; others are left out', async () => {
  await using t = testEngine()
  const [a, b, c] = await t.send('q', '1', text('2', { delayMs: second }), '3')
  const [foreign] = await t.send('other', 'x')
  await t.receive('q', { maxMessages: 1 })
  const get = async (...ids: string[]) => bodies(await t.engine.getMessages({ ...at('q'), ids })).join(' ')
  assert.equal(await get(c!, 'nonsense', a!, foreign!, messageIdAsUuid(b!), a!), '3 1 2')
  assert.deepEqual(await t.engine.getMessages({ ...at('none'), ids: [a!] }), [])
  await assert.rejects(get(...Array<string>(1001).fill(a!)), refusal('ArgumentInvalid', { argument: 'ids' }))
})

test('a page may be bounded in bytes, and the next one begins where it ended', async () => {
  await using t = testEngine()
  await t.send('q', '12345', text('6', { attributes: '{"a":1}' }), '7', '8')
  const pages: string[] = []
  for (let marker = ''; pages.length < 4; ) {
    const page = await browse(t, { maxBytes: 6, ...(marker === '' ? {} : { marker }) })
    pages.push(page.seen)
    ;({ marker } = page)
  }
  assert.deepEqual(pages, ['12345', '6', '7 8', ''])
})

test('a page over many messages is as full as asked for', async () => {
  await using t = testEngine()
  await t.send('q', ...Array.from({ length: 350 }, (_, i) => `${i}`))
  const first = await browse(t, { limit: 250 })
  const second = await browse(t, { limit: 250, marker: first.marker })
  assert.deepEqual([first.messages.length, second.messages.length], [250, 100])
  assert.equal(new Set([...first.messages, ...second.messages].map(({ id }) => id)).size, 350)
})

test('limits of a page are checked', async () => {
  await using t = testEngine()
  await t.send('q', '1')
  for (const limit of [0, 1001, 1.5]) {
    await assert.rejects(browse(t, { limit }), refusal('ArgumentInvalid', { argument: 'limit' }))
  }
  await assert.rejects(browse(t, { group: 'g' }), refusal('GroupNotFound'))
})

test('dead letters within a group can be looked at', async () => {
  await using t = testEngine()
  await t.create('q', { receiveLimit: 1, deadLetters: 'group' })
  await t.send('q', '1')
  assert.equal((await browse(t, { deadLetters: true })).seen, '')
  await t.receive('q', { visibilityTimeoutMs: second })
  await t.advance(second)
  const { messages } = await browse(t, { deadLetters: true })
  assert.equal(messages[0]?.deadLetterSource?.reason, 'receive limit')
  assert.equal((await browse(t)).seen, '')
})
