// Steps of messages that a node writes which has not heard yet that their queue keeps none any more.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createEngine } from '../../src/core/engine.ts'
import type { Store } from '../../src/core/store.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { fakeClock, seededRandom } from '../../src/testing/index.ts'
import { isBusy, watched } from './busy.ts'
import { at, bytes } from './node.ts'
import { type Ends, startProxy } from './proxy.ts'
import { freshUrl, withoutPostgres } from './shared.ts'

test('steps that a node wrote too late are gone a minute later', { ...withoutPostgres, timeout: 60_000 }, async (t) => {
  const url = await freshUrl()
  const late = await holdingSteps(t, url)
  const clock = fakeClock()
  const stores = [await open(url), await open(late.url)] as const
  const [store] = stores
  const here = createEngine({ store, clock, random: seededRandom(1) })
  const there = createEngine({ store: stores[1], clock, random: seededRandom(2) })
  t.after(async () => {
    await Promise.all([here.stop(), there.stop()])
    for (const one of stores) await one.close()
  })
  const advance = async (ms: number) => {
    await idle(stores)
    const end = clock.now() + ms
    for (let at = clock.nextCallAt(); at !== undefined && at <= end; at = clock.nextCallAt()) {
      clock.advanceTo(at)
      await idle(stores)
    }
    clock.advanceTo(end)
  }
  const steps = () => store.records?.count('steps')

  await here.createQueue({ ...at, settings: { history: 'steps' } })
  await here.send({ ...at, messages: [{ body: bytes('x') }] })
  const [message] = await there.receive(at)
  assert.ok(message?.receiptHandle)
  const entries = [{ receiptHandle: message.receiptHandle, action: { do: 'release' } as const }]
  const released = there.settle({ ...at, entries })
  await late.isHolding
  await here.updateQueue({ ...at, settings: { history: 'end' } })
  clock.advance(1_000)
  // The other one is held up.
  await idle([store])
  late.letGo()
  await released
  assert.equal(await steps(), 1)

  await here.deleteMessages({ ...at, ids: [message.id], leased: 'anyway' })
  await advance(30_000)
  assert.equal(await steps(), 1)
  await advance(30_000)
  assert.equal(await steps(), 0)
})

const open = async (url: string) => watched(await postgresStore({ url, listen: false }))

const idle = async (stores: readonly Store[]) => {
  for (let quiet = 0; quiet < 3; quiet = stores.some(isBusy) ? 0 : quiet + 1) await new Promise(setImmediate)
}

/** The way to a database on which the first transaction that writes steps does not go on until it is let go. */
const holdingSteps = async (t: TestContext, url: string) => {
  const holding = Promise.withResolvers<void>()
  let held: { readonly server: Ends['server']; readonly pieces: Buffer[] } | 'awaited' | 'over' = 'awaited'
  const proxy = await startProxy(t, url, {
    toServer(piece, { server }) {
      if (held === 'awaited' && piece.includes('.step (queue_id')) {
        held = { server, pieces: [] }
        holding.resolve()
      }
      if (typeof held === 'string' || held.server !== server) return piece
      held.pieces.push(piece)
      return Buffer.alloc(0)
    },
  })
  return {
    url: proxy.url,
    isHolding: holding.promise,
    letGo() {
      assert.ok(typeof held === 'object')
      const { server, pieces } = held
      held = 'over'
      server.write(Buffer.concat(pieces))
    },
  }
}
