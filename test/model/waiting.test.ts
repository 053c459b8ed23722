import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReceivedMessage } from '../../src/core/requests.ts'
import type { Store } from '../../src/core/store.ts'
import { memoryStore, seededRandom } from '../../src/testing/index.ts'
import { at, testEngine } from '../../src/testing/test-engine.ts'

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A store that takes a while for each transaction, and does several at once. */
const slowStore = (concurrentTransactions: number, turns: () => number): { store: Store; isBusy: () => boolean } => {
  const inner = memoryStore()
  let busy = 0
  const store: Store = {
    ...inner,
    concurrentTransactions,
    async transact(units) {
      busy++
      try {
        for (let left = turns(); left > 0; left--) await nextTurn()
        await inner.transact(units)
        for (let left = turns(); left > 0; left--) await nextTurn()
      } finally {
        busy--
      }
    },
  }
  return { store, isBusy: () => busy > 0 }
}

/** Receives come, go away and are answered while messages come, are taken, given back and deleted, all at once. */
const run = async (seed: number, concurrentTransactions: number): Promise<void> => {
  const random = seededRandom(seed)
  const { below, chance } = random
  const { store, isBusy } = slowStore(concurrentTransactions, () => below(3))
  await using t = testEngine({ store })
  const waiting = new Map<Promise<unknown>, AbortController>()
  const held: ReceivedMessage[] = []
  const asked: Promise<unknown>[] = []
  let received = 0
  let sent = 0

  const receive = () => {
    const aborting = new AbortController()
    const waitMs = chance(1, 3) ? 1 + below(50) : 100_000
    const terms = { maxMessages: 1 + below(3), waitMs, visibilityTimeoutMs: 600_000, signal: aborting.signal }
    const receiving = t.engine.receive({ ...at('q'), ...terms }).then((messages) => {
      waiting.delete(receiving)
      if (aborting.signal.aborted) assert.deepEqual(messages, [])
      held.push(...messages)
      received += messages.length
    })
    waiting.set(receiving, aborting)
  }
  const abort = () => {
    for (const aborting of waiting.values()) if (chance(1, 4)) aborting.abort()
  }
  const send = () => {
    const count = 1 + below(4)
    sent += count
    asked.push(t.send('q', ...Array.from({ length: count }, () => 'x')))
  }
  const settle = () => {
    const message = held.pop()
    if (!message) return
    asked.push(t.settle(message, chance(1, 2) ? { do: 'delete' } : { do: 'release', to: 'back' }))
  }
  const idle = async () => {
    for (let quiet = 0; quiet < 4; quiet = isBusy() ? 0 : quiet + 1) await t.idle()
  }

  for (let step = 0; step < 60; step++) {
    for (let left = below(8); left > 0; left--) random.pick([receive, receive, receive, abort, send, settle, settle])()
    if (chance(1, 3)) t.clock.advance(below(20))
    if (chance(1, 2)) await nextTurn()
    if (!chance(1, 4)) continue
    await idle()
    await Promise.all(asked.splice(0))
    const { ready = 0, leased = 0 } = sent === 0 ? {} : await t.counts('q').catch(() => ({ ready: 0, leased: 0 }))
    assert.ok(ready === 0 || waiting.size === 0, `${waiting.size} wait, though ${ready} messages are to be had`)
    assert.equal(leased, held.length, 'leased messages that nobody was given')
  }
  for (const aborting of waiting.values()) aborting.abort()
  await idle()
  assert.ok(received > 0)
}

test('at rest nobody waits while there is something to be had, and nothing is leased to nobody', async (context) => {
  const given = process.env.MILLRACE_SEED
  const first = given === undefined ? Date.now() % 2 ** 31 : Number(given)
  const last = given === undefined ? first + 300 : first
  for (let seed = first; seed <= last; seed++) {
    for (const concurrentTransactions of [1, 3]) {
      await run(seed, concurrentTransactions).catch((cause: unknown) => {
        const replay = `MILLRACE_SEED=${seed} node --test test/model/waiting.test.ts`
        throw new Error(`${concurrentTransactions} transactions at once. Again with: ${replay}`, { cause })
      })
    }
  }
  context.diagnostic(`seeds ${first} to ${last}`)
})
