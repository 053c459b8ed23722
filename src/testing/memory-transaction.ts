import type { Millis } from '../core/clock.ts'
import type { Delivery } from '../core/delivery.ts'
import type { StepsRecord } from '../core/history.ts'
import type { Message } from '../core/message.ts'
import type { Counts, CountsOfDay, GroupRecord } from '../core/queue.ts'
import type { Deduplication, HistoryEntry, RetentionMark, StoredDocument, Transaction } from '../core/store.ts'
import { MemoryReads } from './memory-reads.ts'
import {
  dayKey,
  deduplicationKey,
  documentKey,
  type MemoryTables,
  placeKey,
  type StoredQueue,
} from './memory-tables.ts'

/** The writes of the contract: each goes to the tables at once, which can take it back. */
export class MemoryTransaction extends MemoryReads implements Transaction {
  readonly #tables: MemoryTables

  constructor(tables: MemoryTables) {
    super(tables)
    this.#tables = tables
  }

  takeNumbers(count: number): number {
    const first = this.#tables.lastNumber + 1
    this.#tables.lastNumber += count
    return first
  }

  takePositions(_queueId: number, count: number): number {
    return this.takeNumbers(count)
  }

  takeGroupId(): number {
    this.#tables.lastGroupId += 1
    return this.#tables.lastGroupId
  }

  putQueue(queue: StoredQueue): void {
    const { id, account, name, explicit, settings, createdAt, modifiedAt } = queue
    this.#tables.queues.set(id, { id, account, name, explicit, settings, createdAt, modifiedAt })
  }

  removeQueue(id: number): void {
    this.#tables.queues.delete(id)
  }

  putGroup(group: GroupRecord): void {
    this.#tables.groups.set(group.id, group)
  }

  removeGroup(id: number): void {
    this.#tables.groups.delete(id)
    this.#tables.counts.delete(id)
    for (const { groupId, day } of this.#tables.countsOfDays.values()) {
      if (groupId === id) this.#tables.countsOfDays.delete(dayKey(groupId, day))
    }
  }

  addCounts(groupId: number, difference: Partial<Counts>): void {
    const counts = this.counts(groupId)
    for (const name of Object.keys(counts) as (keyof Counts)[]) counts[name] += difference[name] ?? 0
    this.#tables.counts.set(groupId, counts)
  }

  addCountsOfDay(groupId: number, day: number, { processed = 0, errored = 0, filtered = 0 }: Partial<CountsOfDay>) {
    const before = this.countsOfDay(groupId, day)
    this.#tables.countsOfDays.set(dayKey(groupId, day), {
      groupId,
      day,
      processed: before.processed + processed,
      errored: before.errored + errored,
      filtered: before.filtered + filtered,
    })
  }

  removeCountsOfDays(before: number, limit: number): number {
    const rows = this.#tables.countsOfDays.values().filter(({ day }) => day < before)
    const gone = rows.slice(0, limit)
    for (const { groupId, day } of gone) this.#tables.countsOfDays.delete(dayKey(groupId, day))
    return gone.length
  }

  insertMessage(message: Message): void {
    if (this.message(message.serial)) throw new Error(`message ${message.serial} is there already`)
    this.#tables.messages.set(message.serial, message)
  }

  moveMessage(serial: number, queueId: number, position: number, expiresAt: Millis | null): void {
    const message = this.message(serial)
    if (!message) throw new Error(`there is no message ${serial} to move`)
    this.#tables.messages.set(serial, { ...message, queueId, position, expiresAt })
  }

  removeMessage(serial: number): void {
    this.#tables.messages.delete(serial)
  }

  insertDelivery(delivery: Delivery): void {
    const key = placeKey(delivery.groupId, delivery.position)
    if (this.#tables.deliveries.get(key)) throw new Error(`delivery ${key} is there already`)
    this.#tables.deliveries.set(key, delivery)
  }

  updateDelivery(before: Delivery, after: Delivery): void {
    const key = placeKey(before.groupId, before.position)
    if (key !== placeKey(after.groupId, after.position)) throw new Error(`delivery ${key} cannot change its place`)
    if (!this.#tables.deliveries.get(key)) throw new Error(`there is no delivery ${key} to update`)
    this.#tables.deliveries.set(key, after)
  }

  removeDelivery(delivery: Delivery): void {
    this.#tables.deliveries.delete(placeKey(delivery.groupId, delivery.position))
  }

  putDeduplication(entry: Deduplication): void {
    this.#tables.deduplications.set(deduplicationKey(entry.groupId, entry.key), entry)
  }

  removeDeduplication(groupId: number, key: string): void {
    this.#tables.deduplications.delete(deduplicationKey(groupId, key))
  }

  removeDeduplications(groupId: number, limit: number): number {
    const entries = this.#tables.deduplications.values().filter((entry) => entry.groupId === groupId)
    const gone = entries.slice(0, limit)
    for (const entry of gone) this.removeDeduplication(groupId, entry.key)
    return gone.length
  }

  putRetentionMark(mark: RetentionMark): void {
    this.#tables.retentionMarks.set(mark.queueId, mark)
  }

  removeRetentionMark(queueId: number): void {
    this.#tables.retentionMarks.delete(queueId)
  }

  putHistory(entry: HistoryEntry): void {
    this.#tables.history.set(entry.serial, entry)
  }

  insertHistory(entry: HistoryEntry): void {
    if (this.#tables.history.get(entry.serial))
      throw new Error(`message ${entry.serial} has an entry of history already`)
    this.putHistory(entry)
  }

  removeHistory(sentBefore: Millis, limit: number): number {
    const entries = this.#tables.history.values().filter((entry) => entry.sentAt < sentBefore)
    const gone = entries.sort((a, b) => a.sentAt - b.sentAt).slice(0, limit)
    for (const entry of gone) this.#tables.history.delete(entry.serial)
    return gone.length
  }

  putSteps(record: StepsRecord): void {
    this.#tables.steps.set(placeKey(record.queueId, record.serial), record)
  }

  removeSteps(queueId: number, serial: number): void {
    this.#tables.steps.delete(placeKey(queueId, serial))
  }

  putDocument({ collection, key, value, expiresAt }: StoredDocument): void {
    this.#tables.documents.set(documentKey(collection, key), {
      collection,
      key,
      json: JSON.stringify(value),
      expiresAt,
    })
  }

  removeDocument(collection: string, key: string): void {
    this.#tables.documents.delete(documentKey(collection, key))
  }
}
