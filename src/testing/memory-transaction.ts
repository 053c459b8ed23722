import type { Millis } from '../core/clock.ts'
import type { Delivery, Item } from '../core/delivery.ts'
import type { Message } from '../core/message.ts'
import { type Counts, type GroupRecord, noCounts, type QueueRecord } from '../core/queue.ts'
import type {
  Deduplication,
  HistoryEntry,
  RetentionMark,
  ScanQuery,
  StoredDocument,
  Transaction,
} from '../core/store.ts'
import { compareCodePoints } from './code-points.ts'
import type { DocumentRow, MemoryTables, StoredQueue } from './memory-tables.ts'

/** The reads and writes of the contract in the plainest way: every range read looks at everything and sorts. */
export class MemoryTransaction implements Transaction {
  readonly #tables: MemoryTables

  constructor(tables: MemoryTables) {
    this.#tables = tables
  }

  queue(account: string, name: string): QueueRecord | undefined {
    const found = this.#tables.queues.values().find((queue) => queue.account === account && queue.name === name)
    return found && this.#withGroups(found)
  }

  queueById(id: number): QueueRecord | undefined {
    const found = this.#tables.queues.get(id)
    return found && this.#withGroups(found)
  }

  queues(query: { account: string; prefix?: string; after?: string; limit: number }): QueueRecord[] {
    const { account, prefix = '', after, limit } = query
    return this.#tables.queues
      .values()
      .filter((queue) => queue.account === account && queue.name.startsWith(prefix))
      .filter((queue) => after === undefined || compareCodePoints(queue.name, after) > 0)
      .sort((a, b) => compareCodePoints(a.name, b.name))
      .slice(0, limit)
      .map((queue) => this.#withGroups(queue))
  }

  allQueues({ afterId, limit }: { afterId: number; limit: number }): QueueRecord[] {
    return this.#tables.queues
      .values()
      .filter((queue) => queue.id > afterId)
      .sort((a, b) => a.id - b.id)
      .slice(0, limit)
      .map((queue) => this.#withGroups(queue))
  }

  group(id: number): GroupRecord | undefined {
    return this.#tables.groups.get(id)
  }

  counts(groupId: number): Counts {
    return { ...(this.#tables.counts.get(groupId) ?? noCounts()) }
  }

  ready(groupId: number, limit: number): Item[] {
    return this.#items(
      (delivery) => delivery.groupId === groupId && delivery.state === 'ready',
      (a, b) => a.urgency - b.urgency || a.rank - b.rank,
      limit,
    )
  }

  messageGroup(groupId: number, messageGroup: string, limit: number): Item[] {
    return this.#items(
      (delivery) =>
        delivery.groupId === groupId && delivery.messageGroup === messageGroup && delivery.state !== 'finished',
      byPosition,
      limit,
    )
  }

  item(groupId: number, position: number): Item | undefined {
    const delivery = this.#tables.deliveries.get(placeKey(groupId, position))
    return delivery && this.#withMessage(delivery)
  }

  message(serial: number): Message | undefined {
    return this.#tables.messages.get(serial)
  }

  scan(groupId: number, query: ScanQuery): Item[] {
    const { after, limit, newestFirst = false, states, types, exceptClientId } = query
    const isBeyond = (position: number) => after === undefined || (newestFirst ? position < after : position > after)
    return this.#items(
      (delivery) =>
        delivery.groupId === groupId &&
        isBeyond(delivery.position) &&
        (states === undefined || states.includes(delivery.state)) &&
        (types === undefined || types.includes(delivery.type)) &&
        (exceptClientId === undefined || this.message(delivery.serial)?.extra?.clientId !== exceptClientId),
      newestFirst ? (a, b) => byPosition(b, a) : byPosition,
      limit,
    )
  }

  claimed(claimId: string): Item[] {
    return this.#items((delivery) => delivery.claimId === claimId, byPosition, Number.POSITIVE_INFINITY)
  }

  due(now: Millis, limit: number): Item[] {
    return this.#items(
      ({ dueAt }) => dueAt !== null && dueAt <= now,
      (a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0),
      limit,
    )
  }

  deduplication(groupId: number, key: string): Deduplication | undefined {
    return this.#tables.deduplications.get(deduplicationKey(groupId, key))
  }

  expiredDeduplications(now: Millis, limit: number): Deduplication[] {
    return this.#tables.deduplications
      .values()
      .filter(({ expiresAt }) => expiresAt <= now)
      .sort((a, b) => a.expiresAt - b.expiresAt)
      .slice(0, limit)
  }

  retentionMark(queueId: number): RetentionMark | undefined {
    return this.#tables.retentionMarks.get(queueId)
  }

  dueRetentionMarks(now: Millis, limit: number): RetentionMark[] {
    return this.#tables.retentionMarks
      .values()
      .filter(({ checkAt }) => checkAt <= now)
      .sort((a, b) => a.checkAt - b.checkAt)
      .slice(0, limit)
  }

  history(serial: number): HistoryEntry | undefined {
    return this.#tables.history.get(serial)
  }

  document(collection: string, key: string): StoredDocument | undefined {
    const row = this.#tables.documents.get(documentKey(collection, key))
    return row && asDocument(row)
  }

  documents(query: { collection: string; prefix?: string; after?: string; limit: number }): StoredDocument[] {
    const { collection, prefix = '', after, limit } = query
    return this.#tables.documents
      .values()
      .filter((row) => row.collection === collection && row.key.startsWith(prefix))
      .filter((row) => after === undefined || compareCodePoints(row.key, after) > 0)
      .sort((a, b) => compareCodePoints(a.key, b.key))
      .slice(0, limit)
      .map(asDocument)
  }

  expiredDocuments(now: Millis, limit: number): StoredDocument[] {
    return this.#tables.documents
      .values()
      .filter(({ expiresAt }) => expiresAt !== null && expiresAt <= now)
      .sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0))
      .slice(0, limit)
      .map(asDocument)
  }

  takeNumbers(count: number): number {
    const first = this.#tables.lastNumber + 1
    this.#tables.lastNumber += count
    return first
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
  }

  addCounts(groupId: number, difference: Partial<Counts>): void {
    const counts = this.counts(groupId)
    for (const name of Object.keys(counts) as (keyof Counts)[]) counts[name] += difference[name] ?? 0
    this.#tables.counts.set(groupId, counts)
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

  removeHistory(sentBefore: Millis, limit: number): number {
    const entries = this.#tables.history.values().filter((entry) => entry.sentAt < sentBefore)
    const gone = entries.sort((a, b) => a.sentAt - b.sentAt).slice(0, limit)
    for (const entry of gone) this.#tables.history.delete(entry.serial)
    return gone.length
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

  #withGroups(queue: StoredQueue): QueueRecord {
    const groups = this.#tables.groups.values().filter((group) => group.queueId === queue.id)
    return { ...queue, groups: groups.sort((a, b) => a.id - b.id) }
  }

  #withMessage(delivery: Delivery): Item {
    const message = this.message(delivery.serial)
    if (!message) throw new Error(`delivery ${delivery.groupId}/${delivery.position} has no message`)
    return { delivery, message }
  }

  #items(matches: (delivery: Delivery) => boolean, order: (a: Delivery, b: Delivery) => number, limit: number): Item[] {
    return this.#tables.deliveries
      .values()
      .filter(matches)
      .sort(order)
      .slice(0, limit)
      .map((delivery) => this.#withMessage(delivery))
  }
}

const byPosition = (a: Delivery, b: Delivery): number => a.position - b.position
const placeKey = (groupId: number, position: number): string => `${groupId}/${position}`
const deduplicationKey = (groupId: number, key: string): string => `${groupId}/${key}`
const documentKey = (collection: string, key: string): string => JSON.stringify([collection, key])

const asDocument = ({ collection, key, json, expiresAt }: DocumentRow): StoredDocument => ({
  collection,
  key,
  value: JSON.parse(json) as unknown,
  expiresAt,
})
