import { statSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Millis } from '../../core/clock.ts'
import { type Store, StoreFailure, type StoreStats, type Unit } from '../../core/store.ts'
import { Checkpointer } from './checkpoint.ts'
import { asStoreFailure } from './failures.ts'
import { closeDatabase, inMemory, openDatabase, pragma } from './open.ts'
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
  #closed = false

  constructor(file: string, options: { pageCacheBytes: number; itemCacheBytes: number }) {
    this.file = file
    this.#database = openDatabase(file, options)
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
      this.#begin.run()
      for (const unit of units) unit.run(this.#transaction)
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

  nextDueAt(): Millis | undefined {
    return this.#transaction.nextDueAt
  }

  maintain(): boolean {
    if (!this.#closed) this.#checkpointer.run()
    return false
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
    closeDatabase(this.#database, this.file)
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
