import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestEngine } from '../../testing/test-engine.ts'
import { at, bodies, bodyOf, refusal, testEngine, text } from '../../testing/test-engine.ts'
import { messageIdAsUuid } from '../ids.ts'
import type { MessageFilter, SearchMessages, SearchPage } from '../requests.ts'

const hour = 3_600_000

const search = (t: TestEngine, more: Partial<SearchMessages> = {}) => t.engine.searchMessages({ ...at('q'), ...more })

const found = async (t: TestEngine, filter: MessageFilter) =>
  bodies((await search(t, { filter, newestFirst: false })).messages).join(' ')

/** Every page on the way to the end, or back. */
const pages = async (t: TestEngine, request: Partial<SearchMessages>, way: 'next' | 'previous' = 'next') => {
  const all: SearchPage[] = []
  let page = request.page
  do {
    const answer = await search(t, { ...request, ...(page === undefined ? {} : { page }) })
    all.push(answer)
    page = answer[way] ?? undefined
  } while (page !== undefined)
  return all
}

const keep = { keepFinished: 'message', retentionMs: null } as const

/** One message of each type: D, P, E, F, S, and three of type Q of which one is in work and one delayed by its sender. */
const oneOfEach = async (t: TestEngine) => {
  await t.create('q', keep)
  await t.send('q', 'D', 'P', 'E', 'F', 'S')
  for (const message of await t.receive('q')) {
    const as = bodyOf(message) as 'P' | 'E' | 'F' | 'S' | 'D'
    if (as === 'D') await t.settle(message, { do: 'reprocess', delayMs: hour })
    else await t.settle(message, { do: 'finish', as, reason: `it is ${as}` })
  }
  await t.send('q', 'work')
  await t.receive('q', { holder: 'worker-1' })
  await t.send('q', text('late', { delayMs: hour }), 'ready')
}

test('messages of any type and state are found, the newest first', async () => {
  await using t = testEngine()
  await oneOfEach(t)
  const { messages, next, previous } = await search(t)
  assert.deepEqual(bodies(messages), ['ready', 'late', 'work', 'S', 'F', 'E', 'P', 'D'])
  assert.deepEqual([next, previous], [null, null])
})

test('each part of a filter must hold', async () => {
  await using t = testEngine()
  await oneOfEach(t)
  assert.equal(await found(t, { types: ['D'] }), 'D')
  assert.equal(await found(t, { types: ['S', 'E'] }), 'E S')
  assert.equal(await found(t, { types: ['Q'] }), 'work late ready')
  assert.equal(await found(t, { types: ['Q'], states: ['leased'] }), 'work')
  assert.equal(await found(t, { holder: 'WORKER' }), 'work')
  assert.equal(await found(t, { reason: 'it*e' }), 'E')
  assert.equal(await found(t, { types: ['P', 'E'], reason: 'is p' }), 'P')
  assert.equal(await found(t, { body: 'LAT' }), 'late')
  assert.equal(await found(t, { types: [] }), '')
})

test('texts are looked for in ids of both forms, attributes, content types and message groups', async () => {
  await using t = testEngine()
  await t.create('q', { ordering: 'grouped' })
  const attributes = '{"customer":"Ärzte & Co"}'
  const [id = ''] = await t.send('q', text('a', { attributes, contentType: 'text/x-lab', messageGroup: 'Ward 7' }), 'b')
  assert.equal(await found(t, { id: id.toUpperCase() }), 'a')
  assert.equal(await found(t, { id: messageIdAsUuid(id) }), 'a')
  assert.equal(await found(t, { attributes: 'customer*ärzte' }), 'a')
  assert.equal(await found(t, { contentType: 'lab' }), 'a')
  assert.equal(await found(t, { messageGroup: 'ward' }), 'a')
})

test('times of queueing bound a search, and the newest first it ends where nothing older can match', async () => {
  await using t = testEngine()
  await t.send('q', ...Array.from({ length: 100 }, (_, i) => `old ${i}`))
  await t.advance(3 * hour)
  const from = t.clock.now()
  await t.send('q', 'early')
  await t.advance(hour)
  await t.send('q', 'new')
  assert.equal(await found(t, { sentFrom: from, sentBefore: from + hour }), 'early')
  const { messages, examined, next } = await search(t, { filter: { sentFrom: from } })
  assert.deepEqual([bodies(messages), next], [['new', 'early'], null])
  assert.ok(examined < 100, String(examined))
})

test('pages join in both directions, and every one of them is the same on the way back', async () => {
  await using t = testEngine()
  await t.send('q', ...Array.from({ length: 23 }, (_, i) => `${i}`))
  for (const newestFirst of [true, false]) {
    const there = await pages(t, { limit: 5, newestFirst })
    const seen = there.flatMap(({ messages }) => bodies(messages).map(Number))
    const expected = Array.from({ length: 23 }, (_, i) => (newestFirst ? 22 - i : i))
    assert.deepEqual(seen, expected)
    const last = there.at(-1)
    assert.equal(last?.next, null)
    const back = await pages(t, { limit: 5, newestFirst, page: last?.previous ?? '' }, 'previous')
    assert.deepEqual(
      back.toReversed().flatMap(({ messages }) => bodies(messages).map(Number)),
      expected.slice(0, 20),
    )
    const again = await search(t, { limit: 5, newestFirst, page: back[0]?.next ?? '' })
    assert.deepEqual(bodies(again.messages).map(Number), expected.slice(20))
  }
})

test('a page that is exactly full and the last one offers no other', async () => {
  await using t = testEngine()
  await t.send('q', ...Array.from({ length: 40 }, (_, i) => `${i}`))
  for (const filter of [{}, { types: ['Q'] }, { body: '*' }] satisfies MessageFilter[]) {
    for (const limit of [4, 8, 20, 40]) {
      for (const newestFirst of [true, false]) {
        const there = await pages(t, { limit, newestFirst, filter })
        assert.deepEqual(
          there.map(({ messages }) => messages.length),
          Array.from({ length: 40 / limit }, () => limit),
        )
      }
    }
  }
})

test('a full page offers no other where nothing that follows matches, and what follows is not looked at for long', async () => {
  await using t = testEngine()
  const fill = async (many: number, body: string) => {
    for (let sent = 0; sent < many; sent += 500) {
      await t.send('q', ...Array.from({ length: Math.min(500, many - sent) }, () => body))
    }
  }
  const sizes = async (request: Partial<SearchMessages>) =>
    (await pages(t, request)).map(({ messages }) => messages.length)
  await fill(100, 'hay')
  await fill(16, 'needle')
  await t.advance(3 * hour)
  const from = t.clock.now()
  await fill(100, 'hay')
  const needles = { filter: { body: 'needle' } }
  for (const newestFirst of [true, false]) {
    assert.deepEqual(await sizes({ ...needles, newestFirst, limit: 16 }), [16])
    assert.deepEqual(await sizes({ ...needles, newestFirst, limit: 8 }), [8, 8])
    assert.deepEqual(await sizes({ filter: { sentBefore: from }, newestFirst, limit: 116 }), [116])
    assert.deepEqual(await sizes({ filter: { sentFrom: from }, newestFirst, limit: 50 }), [50, 50])
  }
  await fill(5000, 'hay')
  const { messages, next, examined } = await search(t, { ...needles, newestFirst: false, limit: 16 })
  assert.equal(messages.length, 16)
  assert.ok(next !== null && examined < 3000, `${examined} looked at`)
  assert.deepEqual(await sizes({ ...needles, newestFirst: false, limit: 16, page: next }), [0])
})

test('the first page says where the queue ended, so that what comes later is told from what was there', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  const later = async ({ end }: SearchPage) =>
    bodies((await t.engine.browse({ ...at('q'), marker: end ?? '', types: ['Q', 'P'] })).messages)
  const ofNothing = await search(t)
  await t.send('q', '1', '2')
  for (const message of await t.receive('q')) await t.settle(message, { do: 'finish', as: 'P' })
  const oldestFirst = await search(t, { newestFirst: false, limit: 1, filter: { body: '1' } })
  const newestFirst = await search(t, { limit: 1 })
  await t.send('q', '3')
  assert.deepEqual(await later(ofNothing), ['1', '2', '3'])
  assert.deepEqual(await later(oldestFirst), ['3'])
  assert.deepEqual(await later(newestFirst), ['3'])
  assert.equal((await search(t, { limit: 1, page: newestFirst.next ?? '' })).end, null)
})

test('a page that is empty by now still leads back', async () => {
  await using t = testEngine()
  const ids = await t.send('q', '1', '2', '3', '4')
  const first = await search(t, { limit: 2 })
  await t.engine.deleteMessages({ ...at('q'), ids: ids.slice(0, 2), leased: 'anyway' })
  const empty = await search(t, { limit: 2, page: first.next ?? '' })
  assert.deepEqual(bodies(empty.messages), [])
  assert.deepEqual(bodies((await search(t, { limit: 2, page: empty.previous ?? '' })).messages), ['4', '3'])
})

test('one request looks at so many at most, and the next goes on from there', async () => {
  await using t = testEngine()
  for (let i = 0; i < 45; i++) await t.send('q', ...Array.from({ length: 500 }, () => 'x'))
  await t.send('q', 'needle')
  for (let i = 0; i < 45; i++) await t.send('q', ...Array.from({ length: 500 }, () => 'x'))
  const all = await pages(t, { filter: { body: 'needle' } })
  assert.ok(all.length > 2, `${all.length} pages`)
  assert.deepEqual(
    all.flatMap(({ messages }) => bodies(messages)),
    ['needle'],
  )
  assert.equal(
    all.reduce((sum, { examined }) => sum + examined, 0),
    45_001,
  )
  for (const { examined } of all) assert.ok(examined <= 25_000, String(examined))
})

test('a page ends before too many bytes; bodies that are left out do not count', async () => {
  await using t = testEngine()
  const large = 'x'.repeat(1000)
  await t.send('q', large, large, large)
  assert.equal((await search(t, { maxBytes: 2000 })).messages.length, 2)
  assert.equal((await search(t, { maxBytes: 1 })).messages.length, 1)
  assert.equal((await pages(t, { maxBytes: 1 })).flatMap(({ messages }) => messages).length, 3)
  assert.equal((await search(t, { maxBytes: 1, maxBodyBytes: 999 })).messages.length, 3)
})

test('what is due by now is shown as it is, and what has expired is not', async () => {
  await using t = testEngine()
  await t.create('q', keep)
  await t.send('q', 'D', text('gone', { retentionMs: hour }))
  const [message] = await t.receive('q', { maxMessages: 1 })
  await t.settle(message!, { do: 'reprocess', delayMs: hour })
  assert.equal(await found(t, { types: ['D'] }), 'D')
  await t.jump(hour)
  assert.equal(await found(t, { types: ['D'] }), '')
  assert.equal(await found(t, {}), 'D')
})

test('counting is known for types, and looked for otherwise', async () => {
  await using t = testEngine()
  await oneOfEach(t)
  const count = (filter: MessageFilter = {}) => t.engine.countMessages({ ...at('q'), filter })
  assert.deepEqual(await count(), { types: { Q: 3, D: 1, P: 1, E: 1, F: 1, S: 1 }, count: 8, next: null, examined: 0 })
  assert.deepEqual((await count({ types: ['D', 'Q'] })).count, 4)
  assert.deepEqual(await count({ reason: 'it is' }), {
    types: { Q: 0, D: 0, P: 1, E: 1, F: 1, S: 1 },
    count: 4,
    next: null,
    examined: 8,
  })
})

test('what cannot be is refused', async () => {
  await using t = testEngine()
  await t.send('q', '1')
  await assert.rejects(search(t, { limit: 0 }), refusal('ArgumentInvalid', { argument: 'limit' }))
  await assert.rejects(search(t, { page: 'nonsense' }), refusal('ArgumentInvalid', { argument: 'page' }))
  const { next } = await search(t, { limit: 1 })
  await assert.rejects(
    search(t, { page: next ?? 'nf1', newestFirst: false }),
    refusal('ArgumentInvalid', { argument: 'page' }),
  )
  await assert.rejects(search(t, { queue: 'none' }), refusal('QueueNotFound'))
  await assert.rejects(search(t, { group: 'none' }), refusal('GroupNotFound'))
})
