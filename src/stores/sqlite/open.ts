import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreFailure } from '../../core/store.ts'
import { makeDirectory } from './directory.ts'
import { asStoreFailure, codes, sqliteCode } from './failures.ts'
import { migrations } from './migrations.ts'

export const inMemory = ':memory:'
export const fileName = 'millrace.db'

/** 'Mill': marks a file as ours, in its header. */
const applicationId = 0x4d696c6c
const schemaVersion = migrations.length

interface OpenOptions {
  readonly pageCacheBytes: number
}

/** Opens and migrates the database and owns it until it is closed: no other process can open it meanwhile. */
export const openDatabase = (path: string, options: OpenOptions): DatabaseSync => open(path, options, migrate)

/** The same, but it has to be there, and one of an earlier version stays as it is. */
export const openUnmigrated = (path: string, options: OpenOptions): DatabaseSync => open(path, options, assertOurs)

const open = (
  path: string,
  options: OpenOptions,
  prepare: (database: DatabaseSync, file: string) => void,
): DatabaseSync => {
  assertSqliteVersion()
  const file = path === inMemory ? path : resolve(path)
  if (file !== inMemory) makeDirectory(dirname(file))
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { enableForeignKeyConstraints: false, timeout: 0 })
    configure(database, options.pageCacheBytes)
    prepare(database, file)
    if (file !== inMemory) writeOwner(file)
    return database
  } catch (error) {
    database?.close()
    if (sqliteCode(error) === codes.busy) throw inUse(file, error)
    throw asStoreFailure(error, file)
  }
}

export const closeDatabase = (database: DatabaseSync, file: string): void => {
  if (file !== inMemory) rmSync(ownerFile(file), { force: true })
  database.close()
}

/**
 * WAL and FULL: a commit is one write and one sync of the log. EXCLUSIVE, before the log is first read: a lock on the
 * file itself, which the system lets go of when the process dies, and no shared memory file. Checkpoints are ours
 * (checkpoint.ts), so that none happens inside a commit. fullfsync: on macOS, a sync that reaches the disk.
 * Pages of 8 KB hold seven messages of 1 KB where those of 4 KB hold three: a tenth less work with a backlog, the same without.
 */
const configure = (database: DatabaseSync, pageCacheBytes: number): void => {
  database.exec(`
    PRAGMA page_size = 8192;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = ${64 * 2 ** 20};
    PRAGMA cache_size = -${Math.ceil(pageCacheBytes / 1024)};
    PRAGMA temp_store = MEMORY;
    PRAGMA foreign_keys = OFF;
  `)
}

const migrate = (database: DatabaseSync, file: string): void => {
  const isEmpty = pragma(database, 'page_count') <= 1 && pragma(database, 'schema_version') === 0
  if (!isEmpty) assertOurs(database, file)
  const version = pragma(database, 'user_version')
  if (version === schemaVersion) return
  database.exec('BEGIN IMMEDIATE')
  for (const step of migrations.slice(version)) database.exec(step)
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT`)
}

/** Since 3.51 SQLite tells how long the log is without a checkpoint, which an older one would do instead. */
const assertSqliteVersion = (): void => {
  const [major = 0, minor = 0] = (process.versions.sqlite ?? '').split('.').map(Number)
  if (major > 3 || (major === 3 && minor >= 51)) return
  throw refused(
    `This Node.js (${process.version}) comes with SQLite ${process.versions.sqlite}; Millrace needs 3.51 or later. Update Node.js.`,
  )
}

/** Refuses files of other programs, and of versions of this one that are yet to come. */
export const assertOurs = (database: DatabaseSync, file: string): void => {
  if (pragma(database, 'application_id') !== applicationId) {
    throw refused(`${file} is an SQLite database, but not one of Millrace. Choose another one.`)
  }
  const version = pragma(database, 'user_version')
  if (version > schemaVersion) {
    throw refused(
      `${file} was written by a newer version of Millrace (its schema is version ${version}, this program knows up to ${schemaVersion}). Run the newer version again, or restore a backup made with this one.`,
    )
  }
}

/** A damaged file is in use by nobody. */
export const assertNotInUse = (file: string): void => {
  if (!existsSync(file)) return
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK')
  } catch (error) {
    if (sqliteCode(error) === codes.busy) throw inUse(file, error)
  } finally {
    database.close()
  }
}

export const pragma = (database: DatabaseSync, name: string): number => {
  const row = database.prepare(`PRAGMA ${name}`).get()
  return Number(row ? Object.values(row)[0] : 0)
}

const refused = (message: string): StoreFailure => new StoreFailure(message, { safeToRetry: true })

/** Who owns a store, for the message only: the lock is what counts. */
const ownerFile = (file: string): string => `${file}-owner`

const writeOwner = (file: string): void => {
  try {
    writeFileSync(ownerFile(file), `${process.pid}\n`)
  } catch {
    // A message will be less helpful.
  }
}

const inUse = (file: string, cause: unknown): StoreFailure => {
  let owner = 'another process'
  try {
    const pid = Number.parseInt(readFileSync(ownerFile(file), 'utf8'), 10)
    if (pid === process.pid) owner = 'this same process'
    else if (pid > 0) owner = `process ${pid}`
  } catch {
    // Not known.
  }
  return new StoreFailure(
    `The store ${file} is in use by ${owner}. Only one process can have it open: stop that one, or choose another data directory.`,
    { safeToRetry: true, cause },
  )
}
