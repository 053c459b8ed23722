import { existsSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Millis } from '../../core/clock.ts'
import { type Store, StoreFailure, type StoreRecords, type StoreStats, type Unit } from '../../core/store.ts'
import { Backup, type BackupOptions } from './backup.ts'
import { Checkpointer } from './checkpoint.ts'
import { asStoreFailure, codes, sqliteCode } from './failures.ts'
import { closeDatabase, inMemory, pragma } from './open.ts'
import { SqliteTransaction } from './transaction.ts'

/** Rows in the item cache at most, however small their bodies. */
const maxCachedItems = 40_000

export class SqliteStore implements Store {
  readonly kind = 'sqlite'
  readonly concurrentTransactions = 1
  readonly file: string
  readonly #database: DatabaseSync
  readonly #transaction: SqliteTransaction
  readonly #checkpointer: Checkpointer
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #beforeCheckpoint = () => this.#backup?.beforeCheckpoint()
  #backup: Backup | undefined
  #underway: Promise<void> | undefined
  /** The database file, opened by the first backup. Closing it would give up the lock that SQLite has on the file. */
  #descriptor: FileHandle | undefined
  #closed = false

  /** `database`: as `openDatabase` gave it. */
  constructor(database: DatabaseSync, file: string, options: { itemCacheBytes: number }) {
    this.file = file
    this.#database = database
    try {
      this.#transaction = new SqliteTransaction(this.#database, {
        count: maxCachedItems,
        bytes: options.itemCacheBytes,
      })
      this.#checkpointer = new Checkpointer(this.#database)
      this.#begin = this.#database.prepare('BEGIN IMMEDIATE')
      this.#commit = this.#database.prepare('COMMIT')
    } catch (error) {
      closeDatabase(this.#database, file)
      throw asStoreFailure(error, file)
    }
  }

  async transact(units: readonly Unit[]): Promise<void> {
    if (this.#closed) throw new StoreFailure('The store is closed.', { safeToRetry: true })
    let committing = false
    try {
      this.#beginTransaction()
      for (const unit of units) {
        unit.run(this.#transaction)
        this.#assertOpen()
      }
      this.#transaction.flush()
      this.#assertOpen()
      committing = true
      this.#commit.run()
    } catch (error) {
      this.#rollback()
      throw asStoreFailure(error, this.file, committing)
    }
    this.#transaction.committed()
  }

  get records(): StoreRecords {
    return this.#transaction.records
  }

  nextDueAt(): Millis | undefined {
    return this.#transaction.nextDueAt
  }

  maintain(): boolean {
    if (!this.#closed) this.#checkpointer.run(this.#beforeCheckpoint)
    return false
  }

  /** Copies the store as it is at the end of the copying to a file, without holding up anything. One at a time. */
  async backup(target: string, options: BackupOptions = {}): Promise<void> {
    if (this.#closed) throw new StoreFailure('The store is closed.', { safeToRetry: true })
    if (this.#underway) throw new StoreFailure('A backup of this store is under way already.', { safeToRetry: true })
    if (existsSync(target)) {
      throw new StoreFailure(`${target} exists. Choose another name, or delete it first.`, { safeToRetry: true })
    }
    if (this.file === inMemory) {
      this.#database.prepare('VACUUM INTO ?').run(target)
      return
    }
    this.#underway = this.#runBackup(target, options)
    await this.#underway
  }

  stats(): StoreStats {
    if (this.#closed) return { sizeBytes: 0, gauges: {} }
    const pages = pragma(this.#database, 'page_count')
    const pageBytes = pragma(this.#database, 'page_size')
    const walBytes = fileBytes(`${this.file}-wal`)
    return {
      sizeBytes: this.file === inMemory ? pages * pageBytes : fileBytes(this.file) + walBytes,
      gauges: {
        pages,
        free_pages: pragma(this.#database, 'freelist_count'),
        wal_bytes: walBytes,
        ...this.#checkpointer.gauges,
        ...this.#transaction.gauges,
      },
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#backup?.abort(new StoreFailure('The store was closed during the backup.', { safeToRetry: true }))
    await this.#underway?.catch(() => {})
    closeDatabase(this.#database, this.file)
    await this.#descriptor?.close()
  }

  async #runBackup(target: string, options: BackupOptions): Promise<void> {
    const source = {
      file: this.file,
      pageBytes: pragma(this.#database, 'page_size'),
      logPages: () => this.#checkpointer.logPages,
      pageCount: () => pragma(this.#database, 'page_count'),
    }
    try {
      this.#descriptor ??= await open(this.file, 'r')
      this.#backup = new Backup({ ...source, descriptor: this.#descriptor }, target, options)
      await this.#backup.run()
    } finally {
      this.#backup = undefined
      this.#underway = undefined
    }
  }

  /** When the file cannot be written, reads still can be served. */
  #beginTransaction(): void {
    try {
      this.#begin.run()
    } catch (error) {
      if (sqliteCode(error) !== codes.readOnly) throw error
      this.#database.exec('BEGIN')
    }
  }

  /** SQLite ends a transaction by itself after some errors; a unit that swallowed one must not have the rest applied. */
  #assertOpen(): void {
    if (!this.#database.isTransaction) throw new Error('the transaction was rolled back by an error that a unit hid')
  }

  #rollback(): void {
    this.#transaction.forget()
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    } catch {
      // The next BEGIN will say what is wrong.
    }
  }
}

const fileBytes = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
