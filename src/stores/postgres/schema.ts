import type pg from 'pg'
import { StoreFailure } from '../../core/store.ts'
import type { Address } from './address.ts'
import { connectToPrimary } from './connections.ts'
import { asStoreFailure, connectFailure } from './failures.ts'
import { type Migration, migrations as released } from './migrations.ts'

/** The version of the schema that is there, and the oldest whose nodes can work with it. */
export interface SchemaVersion {
  readonly version: number
  readonly worksWith: number
}

/** Brings the schema up to date, whoever else is starting; gives what is there then. Throws a `StoreFailure` that says what to do. */
export const prepareSchema = async (
  address: Address,
  { migrations = released, create = true }: { migrations?: readonly Migration[]; create?: boolean } = {},
): Promise<SchemaVersion> => {
  let client: pg.Client
  try {
    client = await connectToPrimary(address)
  } catch (error) {
    throw connectFailure(error, address.shown)
  }
  try {
    await checkServer(client, address)
    const there = await readVersion(client, address.schema)
    if (!there && !create) throw missing(address)
    if (there && there.version >= migrations.length) return checkVersion(there, migrations.length, address)
    return await migrateAmongOthers(client, address, migrations)
  } catch (error) {
    throw (error as { code?: string }).code === '42501'
      ? missingRights(error, address)
      : asStoreFailure(error, address.shown, false)
  } finally {
    await client.end().catch(() => {})
  }
}

const checkServer = async (client: pg.Client, { shown }: Address): Promise<void> => {
  const { rows } = await client.query<{ version: string; encoding: string; standby: boolean }>(
    `SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby`,
  )
  const [{ version, encoding, standby } = { version: '0', encoding: '', standby: false }] = rows
  const major = Math.floor(Number(version) / 10_000)
  const refuse = (text: string) => new StoreFailure(`PostgreSQL at ${shown} ${text}`, { safeToRetry: true })
  if (major < 15) throw refuse(`is version ${major}; Millrace needs 15 or newer.`)
  if (encoding !== 'UTF8')
    throw refuse(`has a database in ${encoding}; Millrace needs one in UTF8: create it with ENCODING 'UTF8'.`)
  if (standby) throw refuse('is a standby, which takes no writes: name the primary, or all hosts.')
}

const missing = ({ shown, schema }: Address): StoreFailure =>
  new StoreFailure(`PostgreSQL at ${shown} holds no store in schema ${schema}. Name another one with ?schema=.`, {
    safeToRetry: true,
  })

const missingRights = (error: unknown, { shown, schema }: Address): StoreFailure =>
  new StoreFailure(
    `PostgreSQL at ${shown}: this user may not make or use schema ${schema}. As its owner: CREATE SCHEMA ${schema} AUTHORIZATION the_user; (${(error as Error).message})`,
    { safeToRetry: true, cause: error },
  )

const readVersion = async (client: pg.Client, schema: string): Promise<SchemaVersion | undefined> => {
  const { rows: tables } = await client.query(`SELECT 1 WHERE to_regclass('${schema}.meta') IS NOT NULL`)
  if (tables.length === 0) return undefined
  const { rows } = await client.query<{ name: string; value: string }>(`SELECT name, value FROM ${schema}.meta`)
  const value = (name: string) => Number(rows.find((row) => row.name === name)?.value ?? 0)
  return { version: value('schema version'), worksWith: value('works with') }
}

export const checkVersion = (there: SchemaVersion, known: number, { shown, schema }: Address): SchemaVersion => {
  if (there.worksWith > known) {
    throw new StoreFailure(
      `Schema ${schema} of PostgreSQL at ${shown} was made by a newer Millrace (version ${there.version}; this one knows ${known}). Run that Millrace, or a newer one.`,
      { safeToRetry: true },
    )
  }
  return there
}

/** A step waits for tables that others use, and they for what it has changed already: then it is the one that begins anew. */
const migrateAmongOthers = async (
  client: pg.Client,
  address: Address,
  migrations: readonly Migration[],
): Promise<SchemaVersion> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await migrate(client, address, migrations)
    } catch (error) {
      await client.query('ROLLBACK')
      if ((error as { code?: string }).code !== deadlock || attempt === mostAttempts) throw error
    }
  }
}

const deadlock = '40P01'
const mostAttempts = 10

const migrate = async (
  client: pg.Client,
  address: Address,
  migrations: readonly Migration[],
): Promise<SchemaVersion> => {
  const { schema } = address
  await client.query('BEGIN')
  // Nodes that start at once go one after the other here, and only here.
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('millrace schema ' || $1, 0))`, [schema])
  const { rows } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])
  if (rows.length === 0) await client.query(`CREATE SCHEMA ${schema}`)
  await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.meta (name text PRIMARY KEY, value text NOT NULL)`)
  const before = await readVersion(client, schema)
  let { version, worksWith } = before ?? { version: 0, worksWith: 0 }
  checkVersion({ version, worksWith }, migrations.length, address)
  await client.query(`SET LOCAL search_path TO ${schema}`)
  for (const migration of migrations.slice(version)) {
    await client.query(migration.sql)
    version++
    worksWith = Math.max(worksWith, migration.worksWith)
  }
  for (const [name, value] of [
    ['schema version', version],
    ['works with', worksWith],
  ] as const) {
    await client.query(
      `INSERT INTO ${schema}.meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      [name, String(value)],
    )
  }
  await client.query('COMMIT')
  return { version, worksWith }
}
