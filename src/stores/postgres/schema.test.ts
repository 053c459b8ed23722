import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import pg from 'pg'
import { startPostgres } from '../../../scripts/postgres-server.ts'
import { at, bytes, startNode, textOf } from '../../../test/postgres/node.ts'
import { startProxy } from '../../../test/postgres/proxy.ts'
import { freshUrl, serverUrl, withoutPostgres } from '../../../test/postgres/shared.ts'
import { parseAddress } from './address.ts'
import { postgresStore } from './index.ts'
import { type Migration, migrations } from './migrations.ts'
import { prepareSchema } from './schema.ts'

const refuses = (url: string, text: RegExp) =>
  assert.rejects(postgresStore({ url }), (error: Error) => {
    assert.equal(error.name, 'StoreFailure')
    assert.match(error.message, text)
    assert.doesNotMatch(error.message, /s3cret/)
    return true
  })

describe('the schema', withoutPostgres, () => {
  test('nodes that start at once on an empty database share one', async (t) => {
    const url = await freshUrl()
    const nodes = await Promise.all(Array.from({ length: 6 }, () => startNode(t, { url, listen: false })))
    await nodes[0]?.engine.send({ ...at, messages: [{ body: bytes('1') }] })
    assert.deepEqual((await nodes[5]?.engine.receive(at))?.map(textOf), ['1'])
  })

  test('nodes of this version go on while and after a later one expands the schema, and are told when it contracts', async (t) => {
    const url = await freshUrl()
    const [old, other] = [await startNode(t, { url }), await startNode(t, { url })]
    await old.engine.createQueue({ ...at, settings: {} })
    const sent: string[] = []
    const received: string[] = []
    const step = async (name: string) => {
      await old.engine.send({ ...at, messages: [{ body: bytes(name) }] })
      sent.push(name)
      const [message] = await other.engine.receive({ ...at, waitMs: 20_000 })
      assert.ok(message)
      received.push(textOf(message))
      const entries = [{ receiptHandle: message.receiptHandle ?? '', action: { do: 'delete' } as const }]
      const [result] = await other.engine.settle({ ...at, entries })
      assert.ok(result?.ok)
    }
    let isMigrated = false
    const load = (async () => {
      for (let i = 0; !isMigrated; i++) await step(`during ${i}`)
      for (let i = 0; i < 20; i++) await step(`after ${i}`)
    })()
    const known = migrations.length
    const expand: Migration = {
      worksWith: known,
      sql: `ALTER TABLE delivery ADD COLUMN weight int8 NOT NULL DEFAULT 1; ALTER TABLE message ADD COLUMN note text;
        CREATE TABLE later (queue_id int8 PRIMARY KEY); CREATE INDEX delivery_weight ON delivery (queue_id, weight)`,
    }
    const address = parseAddress(url)
    assert.deepEqual(await prepareSchema(address, { migrations: [...migrations, expand] }), {
      version: known + 1,
      worksWith: known,
    })
    isMigrated = true
    await load
    assert.deepEqual(received, sent)
    // A node of the old version can still be started.
    const late = await startNode(t, { url })
    assert.deepEqual(await late.engine.receive(at), [])

    const contract: Migration = { worksWith: known + 1, sql: 'ALTER TABLE message DROP COLUMN note' }
    await prepareSchema(address, { migrations: [...migrations, expand, contract] })
    await refuses(
      url,
      /was made by a newer Millrace \(version \d+; this one knows \d+\)\. Run that Millrace, or a newer one\./,
    )
  })
})

describe('a store that cannot be opened says what to do', withoutPostgres, () => {
  const database = async (t: TestContext) => {
    const server = await startPostgres()
    t.after(() => server.stop())
    return server
  }

  test('no server, no database, a URL that is none', async () => {
    await refuses(
      'postgres://me:s3cret@127.0.0.1:1/db',
      /at postgres:\/\/me@127\.0\.0\.1:1\/db cannot be reached: see that it runs/,
    )
    await refuses(
      (await serverUrl()).replace(/\/postgres$/, '/nowhere'),
      /has no such database: create it, or name another/,
    )
    await refuses('mysql://x', /is given as postgres:\/\/user:password@host:port\/database/)
    await refuses(`${await serverUrl()}?schema=No%20Good`, /The schema must be/)
  })

  test('a wrong password, or none', async (t) => {
    const server = await database(t)
    await server.query(`CREATE ROLE guarded LOGIN PASSWORD 's3cret'`)
    const file = join(server.directory, 'data', 'pg_hba.conf')
    const rules = readFileSync(file, 'utf8')
    writeFileSync(file, `host all guarded 127.0.0.1/32 scram-sha-256\n${rules}`)
    await server.query('SELECT pg_reload_conf()')
    const url = (login: string) => `postgres://${login}@127.0.0.1:${server.port}/postgres`
    await refuses(url('guarded:wrong-s3cret'), /does not let this user in: check user and password/)
    await refuses(url('guarded'), /asks for a password: put it into the URL/)
    await refuses(
      url('guarded:s3cret'),
      /may not make or use schema millrace\. As its owner: CREATE SCHEMA millrace AUTHORIZATION/,
    )
    await server.query('CREATE SCHEMA millrace AUTHORIZATION guarded')
    await (await postgresStore({ url: url('guarded:s3cret') })).close()
  })

  test('a database in another encoding', async (t) => {
    const server = await database(t)
    await server.query(`CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0`)
    await refuses(server.url('ascii'), /Millrace needs one in UTF8: create it with ENCODING 'UTF8'/)
  })
  test('a server that is too old', async (t) => {
    const url = await freshUrl()
    const real = await versionOf(url)
    let told = '140022'
    const { url: through } = await startProxy(t, url, {
      toNode: (bytes) => Buffer.from(bytes.toString('latin1').replace(real, told), 'latin1'),
    })
    await refuses(through, /is version 14; Millrace needs 15 or newer\.$/)
    await assert.rejects(prepareSchema(parseAddress(url), { create: false }), /holds no store/)
    told = '150000'
    await (await postgresStore({ url: through, listen: false })).close()
  })
})

/** Six digits, as `server_version_num` has them. */
const versionOf = async (url: string): Promise<string> => {
  const client = new pg.Client(url.replace(/\?.*/, ''))
  await client.connect()
  try {
    const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num')
    const version = rows[0]?.server_version_num ?? ''
    assert.match(version, /^\d{6}$/)
    return version
  } finally {
    await client.end()
  }
}
