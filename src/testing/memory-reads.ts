import type { Millis } from '../core/clock.ts'
import type { Delivery, Item } from '../core/delivery.ts'
import type { StepsRecord } from '../core/history.ts'
import type { Message } from '../core/message.ts'
import { type Counts, type CountsOfDay, type GroupRecord, noCounts, type QueueRecord } from '../core/queue.ts'
import type {
  Deduplication,
  HistoryEntry,
  RetentionMark,
  ScanQuery,
  SearchQuery,
  SearchSlice,
  StoredDocument,
} from '../core/store.ts'
import { compareCodePoints } from './code-points.ts'
import {
  type DocumentRow,
  dayKey,
  deduplicationKey,
  documentKey,
  type MemoryTables,
  placeKey,
  type StoredQueue,
} from './memory-tables.ts'

/** The reads of the contract in the plainest way: every range read looks at everything and sorts. */
export class MemoryReads {
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

  countsOfDay(groupId: number, day: number): CountsOfDay {
    const { processed = 0, errored = 0, filtered = 0 } = this.#tables.countsOfDays.get(dayKey(groupId, day)) ?? {}
    return { processed, errored, filtered }
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
    return delivery && this.#withMessages([delivery])[0]
  }

  message(serial: number): Message | undefined {
    return this.#tables.messages.get(serial)
  }

  firstDeliveries(groupId: number, limit: number): Delivery[] {
    return this.#tables.deliveries
      .values()
      .filter((delivery) => delivery.groupId === groupId)
      .sort(byPosition)
      .slice(0, limit)
  }

  scan(groupId: number, query: ScanQuery): Item[] {
    const { after, limit, newestFirst = false } = query
    const isBeyond = (position: number) => after === undefined || (newestFirst ? position < after : position > after)
    return this.#items(
      (delivery) => delivery.groupId === groupId && isBeyond(delivery.position),
      newestFirst ? (a, b) => byPosition(b, a) : byPosition,
      limit,
    )
  }

  search(groupId: number, { states, types, exceptClientId, examine, limit, ...range }: SearchQuery): SearchSlice {
    const looked = this.scan(groupId, { ...range, limit: examine })
    const matching = looked.filter(
      ({ delivery, message }) =>
        (states === undefined || states.includes(delivery.state)) &&
        (types === undefined || types.includes(delivery.type)) &&
        (exceptClientId === undefined || message.extra?.clientId !== exceptClientId),
    )
    const items = matching.slice(0, limit)
    const isFull = items.length === limit
    const last = isFull ? items.at(-1) : looked.length === examine ? looked.at(-1) : undefined
    const examined = isFull && last ? looked.indexOf(last) + 1 : looked.length
    return { items, next: last?.delivery.position ?? null, examined }
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

  steps(queueId: number, serial: number): StepsRecord | undefined {
    return this.#tables.steps.get(placeKey(queueId, serial))
  }

  serialsOfSteps(queueId: number, { after, limit }: { after: number; limit: number }): number[] {
    return this.#tables.steps
      .values()
      .filter((record) => record.queueId === queueId && record.serial > after)
      .map(({ serial }) => serial)
      .sort((a, b) => a - b)
      .slice(0, limit)
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

  #withGroups(queue: StoredQueue): QueueRecord {
    const groups = this.#tables.groups
      .values()
      .filter((group) => group.queueId === queue.id && group.kind !== 'discarded')
    return { ...queue, groups: groups.sort((a, b) => a.id - b.id) }
  }

  #withMessages(deliveries: readonly Delivery[]): Item[] {
    return deliveries.flatMap((delivery) => {
      const message = this.message(delivery.serial)
      if (message) return [{ delivery, message }]
      if (this.group(delivery.groupId)?.kind === 'discarded') return []
      throw new Error(`delivery ${delivery.groupId}/${delivery.position} has no message`)
    })
  }

  #items(matches: (delivery: Delivery) => boolean, order: (a: Delivery, b: Delivery) => number, limit: number): Item[] {
    const deliveries = this.#tables.deliveries.values().filter(matches).sort(order)
    return this.#withMessages(deliveries).slice(0, limit)
  }
}

const byPosition = (a: Delivery, b: Delivery): number => a.position - b.position

const asDocument = ({ collection, key, json, expiresAt }: DocumentRow): StoredDocument => ({
  collection,
  key,
  value: JSON.parse(json) as unknown,
  expiresAt,
})
