import type { DatabaseSync } from 'node:sqlite'
import type { Millis } from '../../core/clock.ts'
import type { Delivery, Item } from '../../core/delivery.ts'
import type { StepsRecord } from '../../core/history.ts'
import type { Message } from '../../core/message.ts'
import type { Counts, CountsOfDay, GroupRecord, QueueRecord } from '../../core/queue.ts'
import type {
  Deduplication,
  HistoryEntry,
  RetentionMark,
  ScanQuery,
  SearchQuery,
  SearchSlice,
  StoredDocument,
  Transaction,
} from '../../core/store.ts'
import { SqliteRecords } from './all-records.ts'
import { ItemCache } from './item-cache.ts'
import { NextDue } from './next-due.ts'
import { Numbers } from './numbers.ts'
import { GroupCounts } from './tables/counts.ts'
import { CountsOfDays } from './tables/counts-of-days.ts'
import { Deduplications } from './tables/deduplications.ts'
import { Deliveries } from './tables/deliveries.ts'
import { Documents } from './tables/documents.ts'
import { History } from './tables/history.ts'
import { Messages } from './tables/messages.ts'
import { Queues } from './tables/queues.ts'
import { RetentionMarks } from './tables/retention-marks.ts'
import { Steps } from './tables/steps.ts'

/**
 * Reads and writes of the one transaction that is under way. Each table keeps what it may (caches, rows that wait to be
 * written many at a time) and shows what was written before to every later read.
 */
export class SqliteTransaction implements Transaction {
  readonly #nextDue: NextDue
  readonly #items: ItemCache
  readonly #messages: Messages
  readonly #deliveries: Deliveries
  readonly #queues: Queues
  readonly #counts: GroupCounts
  readonly #countsOfDays: CountsOfDays
  readonly #deduplications: Deduplications
  readonly #retentionMarks: RetentionMarks
  readonly #history: History
  readonly #steps: Steps
  readonly #documents: Documents
  readonly #numbers: Numbers
  readonly #groupIds: Numbers
  readonly records: SqliteRecords

  constructor(database: DatabaseSync, itemCache: { count: number; bytes: number }) {
    this.#nextDue = new NextDue(database)
    this.#items = new ItemCache(itemCache)
    this.#messages = new Messages(database)
    this.#deliveries = new Deliveries(database, this.#messages, this.#items, this.#nextDue)
    this.#queues = new Queues(database)
    this.#counts = new GroupCounts(database)
    this.#countsOfDays = new CountsOfDays(database)
    this.#deduplications = new Deduplications(database, this.#nextDue)
    this.#retentionMarks = new RetentionMarks(database, this.#nextDue)
    this.#history = new History(database)
    this.#steps = new Steps(database)
    this.#documents = new Documents(database, this.#nextDue)
    this.#numbers = new Numbers(database, { name: 'numbers', block: 1_000_000, limit: 2 ** 48 })
    this.#groupIds = new Numbers(database, { name: 'group ids', block: 64, limit: 2 ** 30 })
    this.records = new SqliteRecords(database, { numbers: this.#numbers, groupIds: this.#groupIds })
    this.#nextDue.refresh()
    this.#nextDue.committed()
  }

  get nextDueAt(): Millis | undefined {
    return this.#nextDue.at
  }

  get gauges(): Record<string, number> {
    return {
      cached_items: this.#items.size,
      cached_item_bytes: this.#items.bytes,
      cached_queues: this.#queues.cached,
    }
  }

  /** Everything that waits is written; the transaction may be committed. */
  flush(): void {
    this.#messages.flush()
    this.#deliveries.flush()
    this.#counts.flush()
    this.#countsOfDays.flush()
    this.#deduplications.flush()
    this.#history.flush()
    this.#steps.flush()
    this.#nextDue.refresh()
  }

  committed(): void {
    this.#numbers.committed()
    this.#groupIds.committed()
    this.#nextDue.committed()
  }

  /** After a rollback: nothing that the transaction wrote or read may be remembered. */
  forget(): void {
    this.#items.clear()
    this.#messages.forget()
    this.#deliveries.forget()
    this.#queues.forget()
    this.#counts.forget()
    this.#countsOfDays.forget()
    this.#deduplications.forget()
    this.#retentionMarks.forget()
    this.#history.forget()
    this.#steps.forget()
    this.#numbers.forget()
    this.#groupIds.forget()
    this.#nextDue.forget()
  }

  queue(account: string, name: string): QueueRecord | undefined {
    return this.#queues.byName(account, name)
  }

  queueById(id: number): QueueRecord | undefined {
    return this.#queues.byId(id)
  }

  queues(query: { account: string; prefix?: string; after?: string; limit: number }): QueueRecord[] {
    return this.#queues.list(query)
  }

  allQueues(query: { afterId: number; limit: number }): QueueRecord[] {
    return this.#queues.all(query)
  }

  group(id: number): GroupRecord | undefined {
    return this.#queues.group(id)
  }

  counts(groupId: number): Counts {
    return this.#counts.get(groupId)
  }

  countsOfDay(groupId: number, day: number): CountsOfDay {
    return this.#countsOfDays.get(groupId, day)
  }

  ready(groupId: number, limit: number): Item[] {
    return this.#deliveries.ready(groupId, limit)
  }

  messageGroup(groupId: number, messageGroup: string, limit: number): Item[] {
    return this.#deliveries.messageGroup(groupId, messageGroup, limit)
  }

  item(groupId: number, position: number): Item | undefined {
    return this.#deliveries.item(groupId, position)
  }

  message(serial: number): Message | undefined {
    return this.#messages.get(serial)
  }

  firstDeliveries(groupId: number, limit: number): Delivery[] {
    return this.#deliveries.first(groupId, limit)
  }

  scan(groupId: number, query: ScanQuery): Item[] {
    return this.#deliveries.scan(groupId, query)
  }

  search(groupId: number, query: SearchQuery): SearchSlice {
    return this.#deliveries.search(groupId, query)
  }

  claimed(claimId: string): Item[] {
    return this.#deliveries.claimed(claimId)
  }

  due(now: Millis, limit: number): Item[] {
    return this.#deliveries.due(now, limit)
  }

  deduplication(groupId: number, key: string): Deduplication | undefined {
    return this.#deduplications.get(groupId, key)
  }

  expiredDeduplications(now: Millis, limit: number): Deduplication[] {
    return this.#deduplications.expired(now, limit)
  }

  retentionMark(queueId: number): RetentionMark | undefined {
    return this.#retentionMarks.get(queueId)
  }

  dueRetentionMarks(now: Millis, limit: number): RetentionMark[] {
    return this.#retentionMarks.due(now, limit)
  }

  history(serial: number): HistoryEntry | undefined {
    return this.#history.get(serial)
  }

  steps(queueId: number, serial: number): StepsRecord | undefined {
    return this.#steps.get(queueId, serial)
  }

  serialsOfSteps(queueId: number, query: { after: number; limit: number }): number[] {
    return this.#steps.serials(queueId, query)
  }

  document(collection: string, key: string): StoredDocument | undefined {
    return this.#documents.get(collection, key)
  }

  documents(query: { collection: string; prefix?: string; after?: string; limit: number }): StoredDocument[] {
    return this.#documents.list(query)
  }

  expiredDocuments(now: Millis, limit: number): StoredDocument[] {
    return this.#documents.expired(now, limit)
  }

  takeNumbers(count: number): number {
    return this.#numbers.take(count)
  }

  /** One process commits one transaction after the other, so numbers that rise for all queues rise for each. */
  takePositions(_queueId: number, count: number): number {
    return this.#numbers.take(count)
  }

  takeGroupId(): number {
    return this.#groupIds.take(1)
  }

  putQueue(queue: Omit<QueueRecord, 'groups'>): void {
    this.#queues.put(queue)
  }

  removeQueue(id: number): void {
    this.#queues.remove(id)
  }

  putGroup(group: GroupRecord): void {
    this.#queues.putGroup(group)
  }

  removeGroup(id: number): void {
    this.#queues.removeGroup(id)
    this.#counts.remove(id)
    this.#countsOfDays.removeGroup(id)
  }

  addCounts(groupId: number, difference: Partial<Counts>): void {
    this.#counts.add(groupId, difference)
  }

  addCountsOfDay(groupId: number, day: number, difference: Partial<CountsOfDay>): void {
    this.#countsOfDays.add(groupId, day, difference)
  }

  removeCountsOfDays(before: number, limit: number): number {
    return this.#countsOfDays.removeBefore(before, limit)
  }

  insertMessage(message: Message): void {
    this.#messages.insert(message)
    this.#items.insertMessage(message.serial)
  }

  moveMessage(serial: number, queueId: number, position: number, expiresAt: Millis | null): void {
    this.#messages.move(serial, queueId, position, expiresAt)
    this.#items.moveMessage(serial, { queueId, position, expiresAt })
  }

  removeMessage(serial: number): void {
    this.#messages.remove(serial)
  }

  insertDelivery(delivery: Delivery): void {
    this.#deliveries.insert(delivery)
  }

  updateDelivery(before: Delivery, after: Delivery): void {
    this.#deliveries.update(before, after)
  }

  removeDelivery(delivery: Delivery): void {
    this.#deliveries.remove(delivery)
  }

  putDeduplication(entry: Deduplication): void {
    this.#deduplications.put(entry)
  }

  removeDeduplication(groupId: number, key: string): void {
    this.#deduplications.remove(groupId, key)
  }

  removeDeduplications(groupId: number, limit: number): number {
    return this.#deduplications.removeSome(groupId, limit)
  }

  putRetentionMark(mark: RetentionMark): void {
    this.#retentionMarks.put(mark)
  }

  removeRetentionMark(queueId: number): void {
    this.#retentionMarks.remove(queueId)
  }

  putHistory(entry: HistoryEntry): void {
    this.#history.put(entry)
  }

  insertHistory(entry: HistoryEntry): void {
    this.#history.put(entry)
  }

  removeHistory(sentBefore: Millis, limit: number): number {
    return this.#history.remove(sentBefore, limit)
  }

  putSteps(record: StepsRecord): void {
    this.#steps.put(record)
  }

  removeSteps(queueId: number, serial: number): void {
    this.#steps.remove(queueId, serial)
  }

  putDocument(document: StoredDocument): void {
    this.#documents.put(document)
  }

  removeDocument(collection: string, key: string): void {
    this.#documents.remove(collection, key)
  }
}
