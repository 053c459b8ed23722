import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { checkConsistency } from '../../src/testing/check-consistency.ts'
import { seededRandom } from '../../src/testing/index.ts'
import { Ledger } from './ledger.ts'
import { Load } from './load.ts'
import { Connection, ServerProcess } from './server-process.ts'
import { verify } from './verify.ts'

const kills = 36
const clients = 8
const queues = ['plain', 'fifo', 'virtual']

test('whatever was acknowledged before a kill is there after it', { timeout: 240_000 }, async (context) => {
  const seed = Number(process.env.MILLRACE_SEED ?? Date.now() % 2 ** 31)
  context.diagnostic(`MILLRACE_SEED=${seed}; the moments of the kills depend on the machine, too`)
  const random = seededRandom(seed)
  const data = mkdtempSync(join(tmpdir(), 'millrace-crash-'))
  const ledger = new Ledger()
  const load = new Load(ledger, random, queues)
  let server: ServerProcess | undefined
  let kill = 0
  try {
    for (; kill < kills; kill++) {
      server = await ServerProcess.start(data)
      // Some do not live long enough to be asked anything.
      const isShort = kill > 0 && random.chance(1, 8)
      if (!isShort) await cycle(server, ledger, load, random, kill === 0)
      else server.kill()
      await server.ended()
      if (random.chance(1, 4)) await scan(data)
    }
    server = await ServerProcess.start(data)
    const connection = new Connection(server.url)
    await verify(ledger, connection, queues, random)
    connection.close()
    const live = ledger.live().length
    context.diagnostic(`${kills} kills, ${ledger.entries.size} messages sent, ${ledger.entries.size - live} deleted`)
  } catch (error) {
    throw new Error(`after ${kill} kills, MILLRACE_SEED=${seed}`, { cause: error })
  } finally {
    server?.kill()
    await server?.ended()
    rmSync(data, { recursive: true, force: true })
  }
})

/** Looks at everything, and then puts the server under load and kills it. */
const cycle = async (
  server: ServerProcess,
  ledger: Ledger,
  load: Load,
  random: ReturnType<typeof seededRandom>,
  isFirst: boolean,
): Promise<void> => {
  const connections = Array.from({ length: clients }, () => new Connection(server.url))
  const [first] = connections as [Connection]
  if (isFirst) await createQueues(first)
  else {
    load.killed()
    await verify(ledger, first, queues, random)
    load.verified()
  }
  await load.run(connections, 20 + random.below(400), () => server.kill())
  for (const connection of connections) connection.close()
}

const createQueues = async (connection: Connection): Promise<void> => {
  // Long enough for the whole test, so that what is acknowledged stays true.
  const settings = { deduplicationWindowMs: 86_400_000, retentionMs: null }
  for (const [queue, more] of Object.entries({ plain: {}, fifo: { ordering: 'grouped' } })) {
    const { status } = await connection.call('PUT', `/queues/${queue}`, { ...settings, ...more })
    assert.equal(status, 201)
  }
}

/** The data by itself, without a server: counts and indexes agree with a look at everything. */
const scan = async (directory: string): Promise<void> => {
  const store = sqliteStore({ directory })
  try {
    await checkConsistency(store)
  } finally {
    await store.close()
  }
}
