import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Store } from '../../src/core/store.ts'
import { type PostgresStoreOptions, postgresStore } from '../../src/stores/postgres/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { faultyStore, type MemoryStore, memoryStore } from '../../src/testing/index.ts'
import { watched } from '../postgres/busy.ts'
import { freshUrl, withoutPostgres } from '../postgres/shared.ts'
import { type Subject, World } from './world.ts'

const stepsEach = 400
const compareEvery = 8

/** Worlds from random seeds until the time is over; `MILLRACE_SEED=n` repeats the one with that seed, and says what it does. */
const explore = async (subject: Subject, seconds: number, say: (text: string) => void): Promise<void> => {
  const given = process.env.MILLRACE_SEED
  const first = given === undefined ? Date.now() % 2 ** 31 : Number(given)
  const end = performance.now() + seconds * 1_000
  let steps = 0
  let seed = first
  for (; seed === first || (given === undefined && performance.now() < end); seed++) {
    steps += await runWorld(subject, seed, given === undefined ? end : Number.POSITIVE_INFINITY)
  }
  say(`${subject.name}: ${steps} steps in ${seed - first} worlds, seeds ${first} to ${seed - 1}`)
}

const runWorld = async (subject: Subject, seed: number, end: number): Promise<number> => {
  const world = new World(subject, seed)
  let step = 0
  try {
    await world.open()
    for (; step < stepsEach && performance.now() < end; step++) {
      await world.step()
      if (step % compareEvery === 0) await world.compare()
    }
    await world.compare()
    await world.close()
    return step
  } catch (error) {
    const log = world.log.slice(process.env.MILLRACE_SEED === undefined ? -12 : 0).join('\n')
    const replay = `MILLRACE_SEED=${seed} node --test test/model/model.test.ts`
    throw new Error(`${subject.name}, seed ${seed}, step ${step}. Again with: ${replay}\n${log}`, { cause: error })
  }
}

test('on the memory store the engine does what the model does', { timeout: 100_000 }, async (context) => {
  let isFailing = false
  let memory: MemoryStore
  const faulty = () => faultyStore(memory, () => (isFailing ? 'before-commit' : undefined))
  const subject: Subject = {
    name: 'memory',
    open(seed) {
      memory = memoryStore({ runTwice: seed % 2 === 0 })
      return faulty()
    },
    async reopen() {
      memory = await memory.reopen()
      return faulty()
    },
    fail(failing) {
      isFailing = failing
    },
  }
  await explore(subject, 20, (text) => context.diagnostic(text))
})

test('on the SQLite store the engine does what the model does', { timeout: 100_000 }, async (context) => {
  const directories: string[] = []
  const open = (directory: string, itemCacheBytes: number) => sqliteStore({ directory, itemCacheBytes })
  const subject: Subject = {
    name: 'SQLite',
    open(seed) {
      const directory = mkdtempSync(join(tmpdir(), 'millrace-model-'))
      directories.push(directory)
      return open(directory, seed % 2 === 0 ? 0 : 2 ** 20)
    },
    async reopen(store) {
      await store.close()
      return open(directories.at(-1)!, 2 ** 16)
    },
  }
  try {
    await explore(subject, 30, (text) => context.diagnostic(text))
  } finally {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true })
  }
})

test('on the PostgreSQL store the engine does what the model does', {
  timeout: 180_000,
  ...withoutPostgres,
}, async (context) => {
  const options = new WeakMap<Store, PostgresStoreOptions>()
  const open = async (given: PostgresStoreOptions) => {
    const store = watched(await postgresStore(given))
    options.set(store, given)
    return store
  }
  const subject: Subject = {
    name: 'PostgreSQL',
    // The model says what one transaction after the other does.
    open: async () => open({ url: await freshUrl(), connections: 1, listen: false }),
    async reopen(store) {
      await store.close()
      return open(options.get(store) as PostgresStoreOptions)
    },
  }
  await explore(subject, 60, (text) => context.diagnostic(text))
})
