// `millrace store copy`, as a user runs it, between SQLite and PostgreSQL: everything goes along, killed or not, and works there as before.

import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { createEngine } from '../../src/core/engine.ts'
import type { QueueEngine } from '../../src/core/engine-api.ts'
import type { ReceivedMessage, SettleAction } from '../../src/core/requests.ts'
import type { Store } from '../../src/core/store.ts'
import { systemClock, systemRandom } from '../../src/core/system.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { millrace, Running, startServer, temporaryDirectory } from '../cli/harness.ts'
import { bytes, startServerProcess, textOf } from './node.ts'
import { freshUrl, withoutPostgres } from './shared.ts'

const account = 'acme'
const minute = 60_000
const hour = 60 * minute

const open = (place: string): Promise<Store> | Store =>
  place.startsWith('sqlite:')
    ? sqliteStore({ directory: place.slice('sqlite:'.length) })
    : postgresStore({ url: place, listen: false })

const withEngine = async <Value>(place: string, work: (engine: QueueEngine, store: Store) => Promise<Value>) => {
  const store = await open(place)
  const engine = createEngine({ store, clock: systemClock(), random: systemRandom() })
  try {
    return await work(engine, store)
  } finally {
    await engine.stop()
    await store.close()
  }
}

const to = (queue: string) => ({ account, queue })
const send = (engine: QueueEngine, queue: string, ...texts: string[]) =>
  engine.send({ ...to(queue), messages: texts.map((text) => ({ body: bytes(text) })) })
const settle = (engine: QueueEngine, queue: string, { receiptHandle }: ReceivedMessage, action: SettleAction) =>
  engine.settle({ ...to(queue), entries: [{ receiptHandle: receiptHandle ?? '', action }] })

/** What was handed out and taken before the copy, to try it afterwards. */
interface Before {
  readonly token: string
  readonly leased: ReceivedMessage
  readonly claim: string
  readonly ids: ReadonlySet<string>
}

/** A store with something of every kind, made by a server and by an engine. */
const fill = async (t: TestContext, directory: string): Promise<Before> => {
  const server = await startServer(t, ['--data', directory])
  await server.run(['account', 'create', account])
  const scopes = ['--scope', 'admin', 'send', 'receive', 'manage']
  const created = await server.run(['key', 'create', account, '--quiet', ...scopes])
  await server.running.stop()
  return withEngine(`sqlite:${directory}`, async (engine) => {
    const { queue: plain } = await engine.createQueue({
      ...to('plain'),
      settings: { history: 'steps', keepFinished: 'message', metadata: { z: 1, a: [null] } },
    })
    assert.ok(plain.createdAt > 0)
    await engine.createQueue({ ...to('groups'), settings: { consumerGroups: true, ordering: 'grouped' } })
    await engine.createGroup({ ...to('groups'), group: 'one' })
    const sent = await send(engine, 'plain', 'leased', 'deleted', 'claimed')
    const ids = new Set(sent.map(({ id }) => id))
    const [leased, deleted] = await engine.receive({ ...to('plain'), maxMessages: 2, visibilityTimeoutMs: hour })
    assert.ok(leased && deleted)
    await settle(engine, 'plain', deleted, { do: 'delete' })
    const claim = await engine.claim({ ...to('plain'), maxMessages: 1, ttlMs: hour, graceMs: minute })
    assert.ok(claim)
    await send(engine, 'plain', 'put aside')
    const aside = (await engine.receive({ ...to('plain'), maxMessages: 2, visibilityTimeoutMs: hour })).find(
      (message) => textOf(message) === 'put aside',
    )
    assert.ok(aside)
    await settle(engine, 'plain', aside, { do: 'reprocess', delayMs: hour })
    await send(engine, 'plain', 'waiting')
    await engine.send({ ...to('plain'), messages: [{ body: bytes('delayed'), delayMs: 4000 }] })
    const once = { body: bytes('once'), deduplicationId: 'id', deduplicationWindowMs: hour }
    const grouped = { body: new Uint8Array(100_000).fill(7), messageGroup: 'g', attributes: '{"x": 1.0}' }
    for (const { id } of await engine.send({
      ...to('groups'),
      messages: [once, grouped, { ...grouped, priority: 3 }],
    })) {
      ids.add(id)
    }
    await send(engine, 'many', ...Array.from({ length: 700 }, (_, i) => `${i}`))
    await send(engine, 'purged', ...Array.from({ length: 900 }, (_, i) => `${i}`))
    await engine.purgeQueue(to('purged'))
    return { token: created.stdout.trim(), leased, claim: claim.id, ids }
  })
}

/** What was begun before the copy goes on in it. */
const check = async (place: string, { leased, claim, ids }: Before): Promise<void> => {
  await withEngine(place, async (engine) => {
    const [delayed, waiting] = await Promise.all([
      engine.receive({ ...to('plain'), maxMessages: 10, waitMs: 0, visibilityTimeoutMs: hour }),
      engine.getClaim({ ...to('plain'), claim }),
    ])
    assert.deepEqual(waiting.messages.map(textOf), ['claimed'])
    const seen = delayed.map(textOf)
    while (!seen.includes('delayed')) {
      const more = await engine.receive({ ...to('plain'), maxMessages: 10, waitMs: 20_000, visibilityTimeoutMs: hour })
      seen.push(...more.map(textOf))
    }
    assert.deepEqual(seen.sort(), ['delayed', 'waiting'])
    assert.deepEqual(await settle(engine, 'plain', leased, { do: 'delete' }).then(([result]) => result?.ok), true)
    assert.deepEqual(await engine.releaseClaim({ ...to('plain'), claim }), { released: true })
    assert.deepEqual((await engine.receive({ ...to('plain'), visibilityTimeoutMs: hour })).map(textOf), ['claimed'])

    const once = { body: bytes('again'), deduplicationId: 'id', deduplicationWindowMs: hour }
    const [twice] = await engine.send({ ...to('groups'), messages: [once] })
    assert.ok(twice?.duplicate && ids.has(twice.id))
    const [fresh] = await send(engine, 'plain', 'fresh')
    assert.ok(fresh && !fresh.duplicate && !ids.has(fresh.id))
    assert.ok(fresh.id > [...ids].sort().at(-1)!)
    const view = await engine.getQueue(to('plain'))
    assert.equal(JSON.stringify(view.settings.metadata), '{"z":1,"a":[null]}')
    const { group } = await engine.createGroup({ ...to('groups'), group: 'two' })
    assert.equal(group.name, 'two')
    const received = await engine.receive({ ...to('groups'), group: 'one', maxMessages: 10 })
    assert.equal(received.length, 3)
  })
}

const place = (target: string): string => target.slice('sqlite:'.length)

/** How many bytes have come into a target, about. */
const progress = async (target: string): Promise<number> => {
  if (target.startsWith('sqlite:')) {
    const files = ['millrace.db', 'millrace.db-wal'].map((name) => join(place(target), name))
    return files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0)
  }
  const client = new pg.Client(target.replace(/\?.*/, ''))
  await client.connect()
  try {
    const table = `${/schema=(\w+)/.exec(target)?.[1]}.message`
    const { rows } = await client.query<{ bytes: string | null }>(
      'SELECT pg_total_relation_size(to_regclass($1)) AS bytes',
      [table],
    )
    return Number(rows[0]?.bytes ?? 0)
  } finally {
    await client.end()
  }
}

const copy = (from: string, target: string) => millrace(['store', 'copy', '--from', from, '--to', target])

const hashes = ({ records: [told] }: { records: readonly Record<string, unknown>[] }) => {
  const kinds = told?.kinds as { kind: string; records: number; hash: string }[] | undefined
  return new Map(kinds?.map(({ kind, ...rest }) => [kind, rest]))
}

describe('copying a store between SQLite and PostgreSQL', withoutPostgres, () => {
  test('everything goes there and back, and works there as before', { timeout: 120_000 }, async (t) => {
    const directory = temporaryDirectory(t)
    const sqlite = (name: string) => `sqlite:${join(directory, name)}`
    const before = await fill(t, join(directory, 'a'))
    const urls = [await freshUrl(), await freshUrl()] as const
    const path = [sqlite('a'), urls[0], urls[1], sqlite('b'), sqlite('c')] as const
    // As the servers of PostgreSQL leave it to whoever moves back.
    mkdirSync(join(directory, 'b'), { mode: 0o700 })
    copyFileSync(join(directory, 'a', 'server.key'), join(directory, 'b', 'server.key'))
    const seen: ReturnType<typeof hashes>[] = []
    const keys: unknown[] = []
    for (const [index, from] of path.slice(0, -1).entries()) {
      const done = await copy(from, path[index + 1] as string)
      assert.equal(done.code, 0, done.stderr)
      seen.push(hashes(done))
      keys.push(done.records[0]?.serverKey)
    }
    assert.deepEqual(keys, ['needed', 'needed', 'there', 'copied'])
    for (const [kind, { records }] of seen[0] ?? []) assert.ok(records > 0, `there is nothing of kind ${kind}`)
    // Only what tells the servers of one store to have the same key came on top.
    for (const [kind, first] of seen[0] ?? []) {
      for (const other of seen.slice(1)) {
        if (kind !== 'document') assert.deepEqual(other.get(kind), first, kind)
        else assert.equal(other.get(kind)?.records, first.records + 1)
      }
    }
    assert.ok(existsSync(join(directory, 'c', 'server.key')))

    for (const place of path) await check(place, before)

    const refused = new Running(['serve', '--port', '0', '--data', join(directory, 'other'), '--store', urls[0]])
    const ended = await refused.end()
    assert.match(ended.stderr, /The server key of this server is another one/)
    const { url } = await startServerProcess(t, urls[0], join(directory, 'a'))
    const asked = await fetch(`${url}/api/v1/queues/plain`, { headers: { authorization: `Bearer ${before.token}` } })
    assert.equal(asked.status, 200)
    assert.equal((await fetch(`${url}/api/v1/queues/plain`)).status, 401)
    const running = await copy(urls[0], sqlite('d'))
    assert.equal(running.code, 6)
    assert.match(running.stderr, /The source is in use by 1 running server or more\. Stop what uses it first/)
  })

  test('killed again and again it goes on where it was; until it is whole no server starts on it', {
    timeout: 120_000,
  }, async (t) => {
    const directory = temporaryDirectory(t)
    const first = `sqlite:${join(directory, 'a')}`
    await withEngine(first, async (engine) => {
      const texts = Array.from({ length: 1000 }, (_, i) => `${i} ${'x'.repeat(900)}`)
      for (let i = 0; i < 15; i++) await send(engine, `q${i % 4}`, ...texts)
    })
    const url = await freshUrl()
    for (const [from, target] of [
      [first, url],
      [url, `sqlite:${join(directory, 'b')}`],
    ] as const) {
      let kills = 0
      let over: Awaited<ReturnType<typeof copy>> | undefined
      while (!over) {
        const running = new Running(['store', 'copy', '--from', from, '--to', target])
        t.after(() => running.stop('SIGKILL'))
        const end = running.end()
        const before = await progress(target)
        let ended = false
        void end.then(() => {
          ended = true
        })
        while (!ended && kills < 4 && (await progress(target)) < before + 2_000_000) await delay(5)
        if (!ended && kills < 4) running.process.kill('SIGKILL')
        const result = await end
        if (result.code !== null) {
          over = result
          break
        }
        kills++
        if (kills === 2) {
          const data = target.startsWith('sqlite:')
            ? ['--data', place(target)]
            : ['--data', join(directory, 'x'), '--store', target]
          const started = new Running(['serve', '--port', '0', ...data])
          t.after(() => started.stop('SIGKILL'))
          await started.until(/This store is being copied into from .*, and is not whole yet\. Let the copying come/)
        }
      }
      assert.equal(over.code, 0, over.stderr)
      assert.equal(hashes(over).get('message')?.records, 15_000)
      t.diagnostic(`killed ${kills} times; the last run found ${String(over.records[0]?.resumedAt)} records there`)
      assert.ok(kills > 0 && Number(over.records[0]?.resumedAt) > 0)
      const again = await copy(from, target)
      assert.equal(again.code, 6)
      assert.match(again.stderr, /The target holds something already/)
    }
  })

  test('places that hold no store, or are none, are refused', async (t) => {
    const directory = temporaryDirectory(t)
    const url = await freshUrl()
    const target = `sqlite:${join(directory, 'b')}`
    const absent = await copy(url, target)
    assert.equal(absent.code, 1)
    assert.match(absent.stderr, /holds no store in schema t_\w+\. Name another one with \?schema=/)
    assert.ok(!existsSync(join(directory, 'b')))
    assert.equal((await copy(`sqlite:${join(directory, 'none')}`, url)).code, 6)
    assert.equal((await copy('mysql://x', url)).code, 2)
    assert.equal((await copy(url, url)).code, 6)
  })
})
