import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultyStore, memoryStore } from '../testing/index.ts'
import { at, testEngine, text } from '../testing/test-engine.ts'
import type { EngineObserver } from './observer.ts'

const second = 1_000

const observe = (broken: () => boolean = () => false) => {
  const verbs: string[] = []
  const commits = { units: 0, failed: 0, why: [] as string[] }
  let waiting = 0
  const observer: EngineObserver = {
    committed({ units, failed, durationMs }) {
      assert.ok(durationMs >= 0)
      commits.units += units
      if (failed) commits.failed++
    },
    storeFailed: ({ message }) => commits.why.push(message),
    verb: ({ verb, queue, messages, outcome }) => verbs.push(`${verb} ${queue} ${messages} ${outcome}`),
    waiting(change) {
      waiting += change
    },
  }
  const store = faultyStore(memoryStore(), () => (broken() ? 'before-commit' : undefined))
  return { t: testEngine({ observer, store }), commits, waiting: () => waiting, news: () => verbs.splice(0) }
}

test('an observer is told what was done to how many messages, and what was refused', async () => {
  const { t: engine, news } = observe()
  await using t = engine
  await t.create('q', { maxMessageBytes: 5 })
  await t.send('q', '1', '2', text('3', { deduplicationId: 'd' }))
  await t.send('q', '4', text('3', { deduplicationId: 'd' }))
  await t.send('q', text('3', { deduplicationId: 'd' }))
  await t.send('q', 'too long').catch(() => {})
  const sent = ['send q 3 ok', 'send q 1 ok', 'send q 0 duplicate', 'send q 0 MessageTooLarge']
  assert.deepEqual(news(), sent)

  const [a, b, c] = await t.receive('q', { maxMessages: 3 })
  const entry = (message: typeof a, action: 'delete' | 'release') => ({
    receiptHandle: message?.receiptHandle ?? '',
    action: { do: action },
  })
  await t.engine.settle({ ...at('q'), entries: [entry(a, 'delete'), entry(b, 'delete'), entry(c, 'release')] })
  await t.settle(a!, { do: 'extend', visibilityTimeoutMs: 5 }).catch(() => {})
  await t.engine.pop({ ...at('q'), maxMessages: 9 })
  await t.engine.deleteMessages({ ...at('q'), ids: ['unknown'], leased: 'anyway' })
  await t.engine.purgeQueue(at('q'))
  assert.deepEqual(news(), [
    'receive q 3 ok',
    'delete q 2 ok',
    'release q 1 ok',
    'extend q 1 LeaseLost',
    'receive q 2 ok',
    'delete q 0 ok',
    'purge q 0 ok',
  ])
})

test('an observer is told what happens by itself', async () => {
  const { t: engine, news } = observe()
  await using t = engine
  await t.create('q', { receiveLimit: 2, deadLetters: 'group' })
  await t.send('q', 'x', text('short', { retentionMs: second }))
  for (let i = 0; i < 2; i++) {
    await t.receive('q', { visibilityTimeoutMs: 2 * second })
    await t.advance(2 * second)
  }
  assert.deepEqual(news(), [
    'send q 2 ok',
    'receive q 2 ok',
    'expire q 1 ok',
    'lease-end q 1 ok',
    'receive q 1 ok',
    'lease-end q 1 ok',
    'dead-letter q 1 ok',
  ])
})

test('what a store that runs its units twice does is told once', async () => {
  const verbs: string[] = []
  const observer: EngineObserver = {
    committed: () => {},
    verb: ({ verb, messages }) => verbs.push(`${verb} ${messages}`),
    waiting: () => {},
  }
  await using t = testEngine({ observer, store: memoryStore({ runTwice: true }) })
  await t.send('q', 'x', text('short', { retentionMs: second }))
  await t.advance(second)
  assert.deepEqual(verbs, ['send 2', 'expire 1'])
})

test('an observer is told of commits, of those that failed, and of who waits', async () => {
  let isBroken = false
  const { t: engine, commits, waiting, news } = observe(() => isBroken)
  await using t = engine
  await t.idle()
  const { units } = commits
  await Promise.all([t.send('q', '1'), t.send('q', '2')])
  assert.deepEqual([commits.units - units, commits.failed], [2, 0])
  isBroken = true
  await t.send('q', '3').catch(() => {})
  isBroken = false
  assert.equal(commits.failed, 1)
  assert.deepEqual(commits.why, ['made to fail before-commit'])
  assert.equal(news().at(-1), 'send q 0 StoreUnavailable')
  const receiving = t.receive('empty', { waitMs: second })
  await t.idle()
  assert.equal(waiting(), 1)
  await t.advance(second)
  await receiving
  assert.equal(waiting(), 0)
})
