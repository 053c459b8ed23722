import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type SeededRandom, seededRandom } from '../../src/testing/index.ts'
import { call, everything, type Sent } from './api.ts'
import { Ledger } from './ledger.ts'
import { Load } from './load.ts'
import { CrashingServer } from './server.ts'

const kills = 32
const queue = 'crash'

test(`nothing acknowledged is lost or undone by ${kills} kills`, { timeout: 280_000 }, async (t) => {
  const seed = Date.now() % 2 ** 31
  t.diagnostic(`seed ${seed}`)
  const random = seededRandom(seed)
  const directory = await mkdtemp(join(tmpdir(), 'millrace-crash-'))
  const server = new CrashingServer(directory)
  t.after(async () => {
    await server.kill()
    await rm(directory, { recursive: true })
  })
  const ledger = new Ledger()
  let checked = 0
  let open = 0

  await server.start()
  for (let round = 0; round < kills; round++) {
    await loadAndKill(server, ledger, random)
    await server.start()
    const found = await everything(server.url, queue)
    const result = ledger.settle(leaveOpenReceives(ledger, found))
    ledger.adopt(found)
    checked += result.checked
    open += result.open
    await checkCounts(server.url, found)
    await checkDuplicates(server.url, ledger, random)
    await thin(server.url, ledger)
  }
  t.diagnostic(`${checked} messages held against what was acknowledged, ${open} left open by a kill`)
  assert.ok(checked > 1000, 'the load was too small to show anything')
})

/** Clients at work, and a kill at a random moment: after so many answers, in the middle of other requests. */
const loadAndKill = async (server: CrashingServer, ledger: Ledger, random: SeededRandom): Promise<void> => {
  let left = 20 + random.below(300)
  let killed: Promise<void> | undefined
  const acknowledged = () => {
    if (--left === 0) killed = server.kill()
  }
  await new Load(server.url, queue, { ledger, random, acknowledged }).run()
  await killed
}

/**
 * A receive whose answer was lost has leased what it took: of messages that were ready, that cannot be told from here. All else about them is
 * certain, and so is everything about the others.
 */
const leaveOpenReceives = (ledger: Ledger, found: Awaited<ReturnType<typeof everything>>): typeof found => {
  for (const entry of ledger.entries.values()) {
    const stored = found.get(entry.id)
    const taken =
      entry.state === 'ready' && stored?.state === 'leased' && stored.receiveCount === entry.receiveCount + 1
    if (taken) entry.uncertain = true
  }
  return found
}

const checkCounts = async (url: string, found: Awaited<ReturnType<typeof everything>>): Promise<void> => {
  const { counts, messages } = await call<{ counts: Record<string, number>; messages: number }>(
    url,
    'GET',
    `/queues/${queue}`,
  )
  const scanned = { ready: 0, leased: 0, delayed: 0, reprocessing: 0 }
  for (const { state, type } of found.values()) {
    if (state === 'ready' || state === 'leased') scanned[state]++
    else scanned[type === 'D' ? 'reprocessing' : 'delayed']++
  }
  const { ready, leased, delayed, reprocessing } = counts
  assert.deepEqual({ ready, leased, delayed, reprocessing }, scanned)
  assert.equal(messages, found.size)
}

/** A deduplication id that was acknowledged is still taken, whatever became of its message. */
const checkDuplicates = async (url: string, ledger: Ledger, random: SeededRandom): Promise<void> => {
  const taken = [...ledger.entries.values()].filter(({ content }) => content.deduplicationId !== undefined)
  for (let sample = 0; sample < 5 && taken.length > 0; sample++) {
    const { id, content } = random.pick(taken)
    const message = { text: 'again', deduplicationId: content.deduplicationId }
    const { messages } = await call<{ messages: Sent[] }>(url, 'POST', `/queues/${queue}/messages/batch`, {
      messages: [message],
    })
    assert.deepEqual([messages[0]?.id, messages[0]?.duplicate], [id, true])
  }
}

/** Keeps the queue at a size that can be read whole each time. */
const thin = async (url: string, ledger: Ledger): Promise<void> => {
  const ids = [...ledger.entries.keys()].slice(0, Math.max(0, ledger.entries.size - 1500))
  for (let from = 0; from < ids.length; from += 1000) {
    const some = ids.slice(from, from + 1000)
    await call(url, 'POST', `/queues/${queue}/messages/delete`, { ids: some, leased: 'anyway' })
    for (const id of some) ledger.entries.delete(id)
  }
}
