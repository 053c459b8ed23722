import type { Millis } from '../../core/clock.ts'
import type { Delivery, Item } from '../../core/delivery.ts'
import type { StepsRecord } from '../../core/history.ts'
import type { Message } from '../../core/message.ts'
import type { Counts, CountsOfDay, GroupRecord, QueueRecord } from '../../core/queue.ts'
import type {
  Deduplication,
  HistoryEntry,
  Prefetch,
  RetentionMark,
  ScanQuery,
  SearchQuery,
  SearchSlice,
  StoredDocument,
  Transaction,
} from '../../core/store.ts'
import { distrust, readAssumed } from './overlay/assumed.ts'
import { addCounts, counts } from './overlay/counts.ts'
import { addCountsOfDay, countsOfDay, removeCountsOfDays } from './overlay/days.ts'
import {
  deduplication,
  expiredDeduplications,
  putDeduplication,
  removeDeduplication,
  removeDeduplications,
} from './overlay/deduplications.ts'
import {
  document,
  documents,
  documentsRemovedUnread,
  expiredDocuments,
  putDocument,
  removeDocument,
} from './overlay/documents.ts'
import { expect } from './overlay/expected.ts'
import { history, insertHistory, putHistory, removeHistory } from './overlay/history.ts'
import {
  insertDelivery,
  insertMessage,
  moveMessage,
  removeDelivery,
  removeMessage,
  updateDelivery,
} from './overlay/item-writes.ts'
import { claimed, due, firstDeliveries, itemAt, itemsOfMessageGroup, messageBySerial } from './overlay/items.ts'
import { takeGroupId, takeNumbers } from './overlay/numbers.ts'
import { takePositions } from './overlay/positions.ts'
import { putGroup, putQueue, removeGroup, removeQueue } from './overlay/queue-writes.ts'
import { allQueues, groupById, queueById, queueByName, queues } from './overlay/queues.ts'
import { ready } from './overlay/ready.ts'
import { dueRetentionMarks, putRetentionMark, removeRetentionMark, retentionMark } from './overlay/retention-marks.ts'
import { scan, search } from './overlay/searches.ts'
import { OverlayState, type StoredQueue } from './overlay/state.ts'
import { putSteps, removeSteps, serialsOfSteps, steps } from './overlay/steps.ts'

/**
 * Reads and writes of units over what was loaded and what they wrote themselves, all in memory. `reset` begins another run:
 * what was written is forgotten, what was loaded stays.
 */
export class Overlay extends OverlayState implements Transaction {
  /** What was taken for granted turned out wrong, or is not all there is to load. */
  distrust(): void {
    distrust(this)
  }

  /** What was taken for granted has to be read. */
  readAssumed(): void {
    readAssumed(this)
  }

  expect(reads: readonly Prefetch[]): void {
    expect(this, reads)
  }

  queue(account: string, name: string): QueueRecord | undefined {
    return queueByName(this, account, name)
  }

  queueById(id: number): QueueRecord | undefined {
    return queueById(this, id)
  }

  queues(query: { account: string; prefix?: string; after?: string; limit: number }): QueueRecord[] {
    return queues(this, query)
  }

  allQueues(query: { afterId: number; limit: number }): QueueRecord[] {
    return allQueues(this, query)
  }

  group(id: number): GroupRecord | undefined {
    return groupById(this, id)
  }

  putQueue(queue: StoredQueue): void {
    putQueue(this, queue)
  }

  removeQueue(id: number): void {
    removeQueue(this, id)
  }

  putGroup(group: GroupRecord): void {
    putGroup(this, group)
  }

  removeGroup(id: number): void {
    removeGroup(this, id)
  }

  counts(groupId: number, options?: { readonly exact: boolean }): Counts {
    return counts(this, groupId, options)
  }

  addCounts(groupId: number, difference: Partial<Counts>): void {
    addCounts(this, groupId, difference)
  }

  countsOfDay(groupId: number, day: number): CountsOfDay {
    return countsOfDay(this, groupId, day)
  }

  addCountsOfDay(groupId: number, day: number, difference: Partial<CountsOfDay>): void {
    addCountsOfDay(this, groupId, day, difference)
  }

  removeCountsOfDays(before: number, limit: number): number {
    return removeCountsOfDays(this, before, limit)
  }

  ready(groupId: number, limit: number): Item[] {
    return ready(this, groupId, limit)
  }

  item(groupId: number, position: number): Item | undefined {
    return itemAt(this, groupId, position)
  }

  message(serial: number): Message | undefined {
    return messageBySerial(this, serial)
  }

  messageGroup(groupId: number, messageGroup: string, limit: number): Item[] {
    return itemsOfMessageGroup(this, groupId, messageGroup, limit)
  }

  claimed(claimId: string): Item[] {
    return claimed(this, claimId)
  }

  due(now: Millis, limit: number): Item[] {
    return due(this, now, limit)
  }

  firstDeliveries(groupId: number, limit: number): Delivery[] {
    return firstDeliveries(this, groupId, limit)
  }

  scan(groupId: number, query: ScanQuery): Item[] {
    return scan(this, groupId, query)
  }

  search(groupId: number, query: SearchQuery): SearchSlice {
    return search(this, groupId, query)
  }

  insertMessage(message: Message): void {
    insertMessage(this, message)
  }

  moveMessage(serial: number, queueId: number, position: number, expiresAt: Millis | null): void {
    moveMessage(this, serial, queueId, position, expiresAt)
  }

  removeMessage(serial: number): void {
    removeMessage(this, serial)
  }

  insertDelivery(delivery: Delivery): void {
    insertDelivery(this, delivery)
  }

  updateDelivery(before: Delivery, after: Delivery): void {
    updateDelivery(this, before, after)
  }

  removeDelivery(delivery: Delivery): void {
    removeDelivery(this, delivery)
  }

  deduplication(groupId: number, key: string): Deduplication | undefined {
    return deduplication(this, groupId, key)
  }

  expiredDeduplications(now: Millis, limit: number): Deduplication[] {
    return expiredDeduplications(this, now, limit)
  }

  putDeduplication(entry: Deduplication): void {
    putDeduplication(this, entry)
  }

  removeDeduplication(groupId: number, key: string): void {
    removeDeduplication(this, groupId, key)
  }

  removeDeduplications(groupId: number, limit: number): number {
    return removeDeduplications(this, groupId, limit)
  }

  retentionMark(queueId: number): RetentionMark | undefined {
    return retentionMark(this, queueId)
  }

  dueRetentionMarks(now: Millis, limit: number): RetentionMark[] {
    return dueRetentionMarks(this, now, limit)
  }

  putRetentionMark(mark: RetentionMark): void {
    putRetentionMark(this, mark)
  }

  removeRetentionMark(queueId: number): void {
    removeRetentionMark(this, queueId)
  }

  history(serial: number): HistoryEntry | undefined {
    return history(this, serial)
  }

  putHistory(entry: HistoryEntry): void {
    putHistory(this, entry)
  }

  insertHistory(entry: HistoryEntry): void {
    insertHistory(this, entry)
  }

  removeHistory(sentBefore: Millis, limit: number): number {
    return removeHistory(this, sentBefore, limit)
  }

  steps(queueId: number, serial: number): StepsRecord | undefined {
    return steps(this, queueId, serial)
  }

  serialsOfSteps(queueId: number, query: { after: number; limit: number }): number[] {
    return serialsOfSteps(this, queueId, query)
  }

  putSteps(record: StepsRecord): void {
    putSteps(this, record)
  }

  removeSteps(queueId: number, serial: number): void {
    removeSteps(this, queueId, serial)
  }

  document(collection: string, key: string): StoredDocument | undefined {
    return document(this, collection, key)
  }

  documents(query: { collection: string; prefix?: string; after?: string; limit: number }): StoredDocument[] {
    return documents(this, query)
  }

  expiredDocuments(now: Millis, limit: number): StoredDocument[] {
    return expiredDocuments(this, now, limit)
  }

  putDocument(document: StoredDocument): void {
    putDocument(this, document)
  }

  removeDocument(collection: string, key: string): void {
    removeDocument(this, collection, key)
  }

  /** Documents that were removed without a look at them. */
  documentsRemovedUnread(): Generator<{ readonly collection: string; readonly key: string }> {
    return documentsRemovedUnread(this)
  }

  takeNumbers(count: number): number {
    return takeNumbers(this, count)
  }

  takeGroupId(): number {
    return takeGroupId(this)
  }

  takePositions(queueId: number, count: number): number {
    return takePositions(this, queueId, count)
  }
}
