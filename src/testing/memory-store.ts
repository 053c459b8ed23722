import type { Millis } from '../core/clock.ts'
import { type Store, StoreFailure, type StoreStats, type Unit } from '../core/store.ts'
import { memoryRecords } from './memory-records.ts'
import { MemoryTables } from './memory-tables.ts'
import { MemoryTransaction } from './memory-transaction.ts'

export interface MemoryStoreOptions {
  /**
   * Runs every unit twice and keeps what the second run wrote, as a store that loads asynchronously may: for tests that
   * units can be run again.
   */
  readonly runTwice?: boolean
}

export interface MemoryStore extends Store {
  /** Closes this store and gives another one over the same data, as if the process had been started again. */
  reopen(): Promise<MemoryStore>
}

/** The contract in its simplest form, for tests; nothing outlives the process, and every read looks at everything. */
export const memoryStore = (options: MemoryStoreOptions = {}): MemoryStore => openTables(new MemoryTables(), options)

const openTables = (tables: MemoryTables, options: MemoryStoreOptions): MemoryStore => {
  let closed = false

  const transact = (units: readonly Unit[]): void => {
    if (closed) throw new StoreFailure('the store is closed', { safeToRetry: true })
    const transaction = new MemoryTransaction(tables)
    try {
      for (const unit of units) {
        if (options.runTwice) {
          const mark = tables.undo.length
          unit.run(transaction)
          tables.undoTo(mark)
        }
        unit.run(transaction)
      }
    } catch (error) {
      tables.undoTo(0)
      throw error
    }
    tables.undo.length = 0
  }

  return {
    kind: 'memory',
    concurrentTransactions: 1,
    transact: async (units) => transact(units),
    nextDueAt: () => nextDueAt(tables),
    records: memoryRecords(tables),
    stats: () => stats(tables),
    async close() {
      closed = true
    },
    async reopen() {
      closed = true
      return openTables(tables, options)
    },
  }
}

const nextDueAt = (tables: MemoryTables): Millis | undefined => {
  let next = Number.POSITIVE_INFINITY
  for (const { dueAt } of tables.deliveries.values()) if (dueAt !== null) next = Math.min(next, dueAt)
  for (const { checkAt } of tables.retentionMarks.values()) next = Math.min(next, checkAt)
  for (const { expiresAt } of tables.deduplications.values()) next = Math.min(next, expiresAt)
  for (const { expiresAt } of tables.documents.values()) if (expiresAt !== null) next = Math.min(next, expiresAt)
  return next === Number.POSITIVE_INFINITY ? undefined : next
}

const stats = (tables: MemoryTables): StoreStats => {
  let sizeBytes = 0
  for (const { body, attributes } of tables.messages.values()) sizeBytes += body.length + (attributes?.length ?? 0)
  return { sizeBytes, gauges: { messages: tables.messages.size, deliveries: tables.deliveries.size } }
}
