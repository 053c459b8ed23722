import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { memoryStore, seededRandom } from '../../src/testing/index.ts'
import { type Ends, startProxy } from '../postgres/proxy.ts'
import { freshUrl, withoutPostgres } from '../postgres/shared.ts'
import { doTogether } from './together.ts'

const timeout = 120_000

test('all at once on the memory store leaves all as it must be', { timeout }, async (t) => {
  await doTogether(t, { stores: [memoryStore()] }, 8)
})

test('all at once on the SQLite store leaves all as it must be', { timeout }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-together-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  await doTogether(t, { stores: [sqliteStore({ directory })] }, 8)
})

test('all at once on two nodes over PostgreSQL, now and then losing connections, leaves all as it must be', {
  timeout,
  ...withoutPostgres,
}, async (t) => {
  const url = await freshUrl()
  let cuts = 0
  const random = seededRandom(1)
  /** What one end has said when the connection breaks may arrive at the other or not. */
  const maybeCut = (bytes: Buffer, { node }: Ends) => {
    if (cuts === 0 || !random.chance(1, 10)) return bytes
    cuts--
    node.destroy()
    return random.chance(1, 2) ? bytes : Buffer.alloc(0)
  }
  const proxy = await startProxy(t, url, { toServer: maybeCut, toNode: maybeCut })
  const open = () => postgresStore({ url: proxy.url, listen: false })
  const stores = [await open(), await open()]
  const client = new pg.Client({ connectionString: url.replace(/\?.*/, '') })
  await client.connect()
  t.after(() => client.end())
  const schema = new URL(url).searchParams.get('schema')
  const alone = async (table: string, other: string) => {
    const { rows } = await client.query(
      `SELECT queue_id, serial FROM ${schema}.${table} a
        WHERE NOT EXISTS (SELECT FROM ${schema}.${other} b WHERE b.queue_id = a.queue_id AND b.serial = a.serial)`,
    )
    return rows
  }
  const subject = {
    stores,
    breaks(connections: number) {
      cuts = connections
    },
    async checkRows() {
      assert.deepEqual(await alone('message', 'delivery'), [], 'messages that nobody has')
      assert.deepEqual(await alone('delivery', 'message'), [], 'deliveries without a message')
      const twice = await client.query(`SELECT serial FROM ${schema}.history GROUP BY serial HAVING count(*) > 1`)
      assert.deepEqual(twice.rows, [], 'messages that ended twice')
      const steps = await alone('step', 'message')
      const { rows } = await client.query(`SELECT key FROM ${schema}.document WHERE collection = 'changed-history'`)
      const toBeForgotten = rows.map(({ key }) => key)
      assert.deepEqual(
        steps.filter(({ queue_id }) => !toBeForgotten.includes(queue_id)),
        [],
        'steps of what is not there',
      )
    },
  }
  await doTogether(t, subject, 30)
})
