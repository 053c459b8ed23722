import type { Millis } from '../../core/clock.ts'
import type { Delivery, Item } from '../../core/delivery.ts'
import type { StepsRecord } from '../../core/history.ts'
import type { Message } from '../../core/message.ts'
import type { Counts, CountsOfDay, GroupRecord, QueueRecord } from '../../core/queue.ts'
import { noCounts } from '../../core/queue.ts'
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
import { codePointOrder } from './code-points.ts'
import { type KnownQueue, type KnownQueues, nameKey } from './known-queues.ts'
import { Needs, type RangeNeed } from './needs.ts'
import type { NumberBlocks } from './number-blocks.ts'
import type { QueueEnds, Taken } from './queue-ends.ts'
import type { RecentItems } from './recent-items.ts'
import { type Range, Rows, rangeOf } from './rows.ts'

export type StoredQueue = Omit<QueueRecord, 'groups'>

/** As stored: the value is JSON text, so that nobody shares it. */
export interface DocumentRow {
  readonly collection: string
  readonly key: string
  readonly json: string
  readonly expiresAt: number | null
}

/** Something was asked for that is not loaded. It is noted down; the units run again when it is. */
class NotLoaded extends Error {}
const notLoaded = new NotLoaded('not loaded yet')

/** What was loaded does not fit together any more: others have committed in between. */
export class Conflict extends Error {}

/**
 * Reads and writes of units over what was loaded and what they wrote themselves, all in memory. `reset` begins another run:
 * what was written is forgotten, what was loaded stays.
 */
export class Overlay implements Transaction {
  readonly #known: KnownQueues
  readonly #blocks: NumberBlocks
  readonly #ends: QueueEnds
  readonly #recent: RecentItems

  /**
   * Whether it may take for granted what this node remembers. All of that is checked by the database in the flight that writes; when it turns
   * out wrong, the transaction begins anew without.
   */
  trusting = true
  /** Something was loaded, and may be locked. */
  hasFlown = false
  /** Deliveries that were taken for granted, by place: their stamps. */
  readonly assumedItems = new Map<string, number>()
  /** Queues whose retention mark was taken for granted. */
  readonly assumedMarks = new Set<number>()
  /** Queues in which it took positions without having them for itself. */
  readonly ahead = new Set<number>()
  readonly taken = new Map<number, Taken>()
  readonly #takenAhead: { readonly first: number; readonly count: number }[] = []
  /** The ends of the queues it has for itself, as they were. */
  readonly endBase = new Map<number, number>()

  needs = new Needs()
  /** A unit of this run did not get what it asked for. */
  missed = false

  readonly queueBase = new Map<number, { readonly record: QueueRecord | undefined; readonly version: number }>()
  readonly nameBase = new Map<string, number | undefined>()
  readonly groupBase = new Map<number, GroupRecord | undefined>()
  /** In the order in which they were written, since a name may pass from one to another. */
  readonly queuesWritten = new Map<number, StoredQueue | undefined>()
  readonly groupsWritten = new Map<number, GroupRecord | undefined>()
  readonly #merged = new Map<number, QueueRecord | undefined>()

  /** Queues that this transaction has for itself, or will have once what it needs is loaded. */
  readonly locks = new Set<number>()
  locksPending = false
  /** Of what is due or old some was locked. */
  holdsRange = false
  readonly countBase = new Map<number, Counts>()
  readonly countDifferences = new Map<number, Counts>()
  readonly countsRemoved = new Set<number>()
  readonly dayBase = new Map<string, CountsOfDay>()
  readonly dayDifferences = new Map<string, DayCounts>()
  /** Days of groups that are forgotten, by key. */
  readonly daysRemoved = new Map<string, { readonly groupId: number; readonly day: number }>()
  readonly oldDays = new Map<string, { readonly groupId: number; readonly day: number }>()
  /** How far a search went, by its range. */
  readonly extents = new Map<string, SearchExtent>()

  readonly deliveries = new Rows<string, Delivery>()
  readonly messages = new Rows<number, Message>()
  readonly deduplications = new Rows<string, Deduplication>()
  readonly marks = new Rows<number, RetentionMark>()
  readonly histories = new Rows<number, HistoryEntry>()
  readonly documentRows = new Rows<string, DocumentRow>()
  readonly stepRows = new Rows<string, StepsRecord>()

  readonly #removedUnread = new Map<string, { readonly collection: string; readonly key: string }>()

  readonly readyRanges = new Map<number, Range<string> & { readonly limit: number }>()
  readonly groupRanges = new Map<string, Range<string> & { readonly limit: number }>()
  readonly ranges = new Map<string, Range<never> & { readonly limit: number }>()
  /** Groups in whose ready index this run put something. */
  readonly #madeReady = new Map<number, Set<string>>()
  /** How far the beginning of a ready range has been taken in this run. */
  readonly #takenUpTo = new Map<number, number>()

  /** Positions set apart for this transaction. */
  readonly allotted: { readonly first: number; readonly count: number }[] = []
  #allottedAt = 0
  #allottedUsed = 0
  #taken: { readonly kind: 'numbers' | 'groupIds'; readonly count: number; readonly first: number }[] = []
  #takenAt = 0

  /** It has looked for what is due, so what falls due next is to be found out anew. */
  dueSeen: { readonly now: number; readonly partly: boolean } | undefined

  constructor(node: { known: KnownQueues; blocks: NumberBlocks; ends: QueueEnds; recent: RecentItems }) {
    this.#known = node.known
    this.#blocks = node.blocks
    this.#ends = node.ends
    this.#recent = node.recent
  }

  reset(): void {
    this.needs = new Needs()
    this.missed = false
    this.queuesWritten.clear()
    this.groupsWritten.clear()
    this.#merged.clear()
    this.countDifferences.clear()
    this.countsRemoved.clear()
    this.dayDifferences.clear()
    this.daysRemoved.clear()
    for (const rows of [
      this.deliveries,
      this.messages,
      this.deduplications,
      this.marks,
      this.histories,
      this.documentRows,
      this.stepRows,
    ]) {
      rows.reset()
    }
    this.#removedUnread.clear()
    this.#madeReady.clear()
    this.#takenUpTo.clear()
    this.#allottedAt = 0
    this.#allottedUsed = 0
    this.#takenAt = 0
    this.dueSeen = undefined
    for (const { first, count } of this.#takenAhead.reverse()) this.#blocks.positions.giveBack(first, count)
    this.#takenAhead.length = 0
    this.ahead.clear()
    this.taken.clear()
    this.assumedMarks.clear()
  }

  /** Begins the whole transaction anew: nothing that was loaded counts any more. Numbers that were taken stay taken. */
  restart(): void {
    // Somebody may have taken later ones.
    this.#takenAhead.length = 0
    this.reset()
    this.hasFlown = false
    this.assumedItems.clear()
    this.endBase.clear()
    this.queueBase.clear()
    this.nameBase.clear()
    this.groupBase.clear()
    this.countBase.clear()
    this.dayBase.clear()
    this.oldDays.clear()
    this.extents.clear()
    for (const rows of [
      this.deliveries,
      this.messages,
      this.deduplications,
      this.marks,
      this.histories,
      this.documentRows,
      this.stepRows,
    ]) {
      rows.loaded.clear()
    }
    this.readyRanges.clear()
    this.groupRanges.clear()
    this.ranges.clear()
    // Whoever had the queue in between has taken later ones.
    this.allotted.length = 0
    this.locksPending = this.locks.size > 0
  }

  /** Rows are locked that others then pass over. */
  get holdsRows(): boolean {
    for (const { keys } of this.readyRanges.values()) if (keys.length > 0) return true
    return this.holdsRange
  }

  get hasWritten(): boolean {
    return (
      this.queuesWritten.size +
        this.groupsWritten.size +
        this.countDifferences.size +
        this.countsRemoved.size +
        this.dayDifferences.size +
        this.daysRemoved.size +
        this.deliveries.written.size +
        this.messages.written.size +
        this.deduplications.written.size +
        this.marks.written.size +
        this.histories.written.size +
        this.documentRows.written.size +
        this.stepRows.written.size >
      0
    )
  }

  #miss(): never {
    this.missed = true
    throw notLoaded
  }

  /** Whether this is how a run says that it has to be run again. */
  static isMiss(error: unknown): boolean {
    return error === notLoaded
  }

  /** Whether something has to be loaded before this run can count, beside proof of what was taken for granted. */
  get isMissing(): boolean {
    return this.missed || this.locksPending || !this.needs.isOnlyProof
  }

  /** What was taken for granted turned out wrong, or is not all there is to load. */
  distrust(): void {
    this.trusting = false
    for (const id of this.ahead) {
      this.#ends.lost(id)
      this.#known.forget(id)
    }
    for (const id of this.needs.unverified) this.#known.forget(id)
    for (const id of this.assumedMarks) this.#known.noteMark(id, undefined)
    for (const key of this.assumedItems.keys()) this.#recent.forget(key)
  }

  /** What was taken for granted has to be read. */
  readAssumed(): void {
    if (this.assumedItems.size > 0) this.trusting = false
    for (const key of this.assumedItems.keys()) {
      const delivery = this.deliveries.loaded.get(key)?.value
      if (!delivery) continue
      this.deliveries.loaded.delete(key)
      this.messages.loaded.delete(delivery.serial)
      this.needs.items.set(key, delivery)
    }
    this.assumedItems.clear()
  }

  /** What is remembered of it, where a change of it is sure to show in its stamp. */
  #recall(key: string, groupId: number): boolean {
    if (!this.trusting) return false
    const item = this.#recent.get(key)
    const queueId = item && this.#known.queueOfGroup(groupId)
    const queue = queueId !== undefined && this.queueBase.get(queueId)?.record
    if (!item || !queue || queue.groups.length !== 1 || this.messages.loaded.has(item.message.serial)) return false
    this.deliveries.load(key, item.delivery, item.stamp)
    this.messages.load(item.message.serial, item.message, 0)
    this.assumedItems.set(key, item.stamp)
    return true
  }

  expect(reads: readonly Prefetch[]): void {
    for (const read of reads) {
      switch (read.read) {
        case 'queue':
          this.#findId(read.account, read.name)
          break
        case 'item': {
          const key = itemKey(read.groupId, read.position)
          if (!this.deliveries.isKnown(key) && this.#isPlace(read.groupId) && !this.#recall(key, read.groupId)) {
            this.needs.items.set(key, read)
          }
          break
        }
        case 'message':
          if (!this.messages.isKnown(read.serial)) this.needs.messages.add(read.serial)
          break
        case 'message-group': {
          const key = messageGroupKey(read.groupId, read.messageGroup)
          const range = this.groupRanges.get(key)
          if ((!range || (!range.complete && range.limit < read.limit)) && this.#isPlace(read.groupId)) {
            this.needs.messageGroups.set(key, read)
          }
          break
        }
        case 'deduplication': {
          const key = deduplicationKey(read.groupId, read.key)
          if (!this.deduplications.isKnown(key) && this.#isPlace(read.groupId)) this.needs.deduplications.set(key, read)
          break
        }
        case 'steps':
          if (!this.stepRows.isKnown(stepKey(read.queueId, read.serial))) {
            this.needs.steps.set(stepKey(read.queueId, read.serial), read)
          }
          break
        case 'ready':
          // How much of it all units want together shows when they run.
          break
      }
    }
  }

  /** Whether anything can be there. While the group is unknown it is loaded first, and asked for again. */
  #isPlace(groupId: number): boolean {
    if (this.placeOf(groupId) !== undefined) return true
    if (!this.groupBase.has(groupId) && !this.groupsWritten.has(groupId)) this.needs.groups.add(groupId)
    return false
  }

  /** The queue of a group, as far as is known without asking for it. */
  placeOf(groupId: number): number | undefined {
    return (
      this.#known.queueOfGroup(groupId) ??
      this.groupsWritten.get(groupId)?.queueId ??
      this.groupBase.get(groupId)?.queueId
    )
  }

  /** A queue, as far as is known without asking for it. */
  peek(queueId: number): StoredQueue | undefined {
    return this.queuesWritten.get(queueId) ?? this.queueBase.get(queueId)?.record ?? this.#known.byId(queueId)?.record
  }

  // ---- queues and groups ------------------------------------------------------------------------------------------

  queue(account: string, name: string): QueueRecord | undefined {
    for (const written of this.queuesWritten.values()) {
      if (written && written.account === account && written.name === name) return this.queueById(written.id)
    }
    const id = this.#findId(account, name)
    if (id === 'unknown') this.#miss()
    const queue = id === undefined ? undefined : this.queueById(id)
    return queue?.name === name && queue.account === account ? queue : undefined
  }

  #findId(account: string, name: string): number | undefined | 'unknown' {
    const key = nameKey(account, name)
    const loaded = this.nameBase.get(key)
    if (loaded !== undefined || this.nameBase.has(key)) return loaded
    const known = this.#known.byName(account, name)
    if (known && this.#adopt(known)) return known.record.id
    this.needs.queueNames.set(key, { account, name })
    return 'unknown'
  }

  /** A queue as this node knows it, to be verified before anything comes of it. */
  #adopt({ record, version }: KnownQueue): boolean {
    const base = this.queueBase.get(record.id)
    if (base) return base.record?.id === record.id && base.version === version
    this.queueBase.set(record.id, { record, version })
    this.needs.unverified.add(record.id)
    return true
  }

  queueById(id: number): QueueRecord | undefined {
    const merged = this.#merged.get(id)
    if (merged !== undefined || this.#merged.has(id)) return merged
    const queue = this.#merge(id)
    this.#merged.set(id, queue)
    return queue
  }

  #merge(id: number): QueueRecord | undefined {
    const written = this.queuesWritten.get(id)
    if (written === undefined && this.queuesWritten.has(id)) return undefined
    const base = this.#baseQueue(id)
    const own = written ?? base
    if (!own) return undefined
    if (this.groupsWritten.size === 0 && written === undefined) return base
    const groups = new Map(base?.groups.map((group) => [group.id, group]))
    for (const [groupId, group] of this.groupsWritten) {
      if (group?.queueId === id && group.kind !== 'discarded') groups.set(groupId, group)
      else groups.delete(groupId)
    }
    const { id: _id, ...fields } = own
    return { id, ...fields, groups: [...groups.values()].sort((a, b) => a.id - b.id) }
  }

  #baseQueue(id: number): QueueRecord | undefined {
    const base = this.queueBase.get(id)
    if (base) return base.record
    const known = this.#known.byId(id)
    if (known && this.#adopt(known)) return known.record
    this.needs.queueIds.add(id)
    return this.#miss()
  }

  queues(query: { account: string; prefix?: string; after?: string; limit: number }): QueueRecord[] {
    const { account, prefix = '', after, limit } = query
    const need: RangeNeed = { of: 'queues', account, prefix, after, limit }
    const matches = (queue: StoredQueue) =>
      queue.account === account &&
      queue.name.startsWith(prefix) &&
      (after === undefined || codePointOrder(queue.name, after) > 0)
    return this.#queueRange(need, matches, (a, b) => codePointOrder(a.name, b.name))
  }

  allQueues({ afterId, limit }: { afterId: number; limit: number }): QueueRecord[] {
    const need: RangeNeed = { of: 'all-queues', afterId, limit }
    return this.#queueRange(
      need,
      (queue) => queue.id > afterId,
      (a, b) => a.id - b.id,
    )
  }

  #queueRange(
    need: RangeNeed & { of: 'queues' | 'all-queues' },
    matches: (queue: StoredQueue) => boolean,
    compare: (a: StoredQueue, b: StoredQueue) => number,
  ): QueueRecord[] {
    const range = this.#range<number>(need)
    const rows = new Rows<number, StoredQueue>()
    for (const id of range.keys) rows.load(id, this.queueBase.get(id)?.record, 0)
    for (const [id, queue] of this.queuesWritten) {
      if (queue) rows.put(id, queue)
      else rows.remove(id)
    }
    return this.#within(need, range, rangeOf(rows, range, { limit: need.limit, matches, compare })).map(
      ({ id }) => this.queueById(id) as QueueRecord,
    )
  }

  group(id: number): GroupRecord | undefined {
    const written = this.groupsWritten.get(id)
    if (written !== undefined || this.groupsWritten.has(id)) return written
    const loaded = this.groupBase.get(id)
    if (loaded !== undefined || this.groupBase.has(id)) return loaded
    const queueId = this.#known.queueOfGroup(id)
    const group =
      queueId !== undefined && (this.queueBase.has(queueId) || this.#known.byId(queueId))
        ? this.#baseQueue(queueId)?.groups.find((candidate) => candidate.id === id)
        : undefined
    if (group) return group
    this.needs.groups.add(id)
    return this.#miss()
  }

  /** Undefined: there is no such group, so nothing that belongs to it either. */
  queueOfGroup(id: number): number | undefined {
    return this.#known.queueOfGroup(id) ?? this.group(id)?.queueId
  }

  putQueue(queue: StoredQueue): void {
    this.#change(queue.id)
    const { id, account, name, explicit, settings, createdAt, modifiedAt } = queue
    this.queuesWritten.delete(id)
    this.queuesWritten.set(id, { id, account, name, explicit, settings, createdAt, modifiedAt })
  }

  removeQueue(id: number): void {
    this.#change(id)
    this.queuesWritten.set(id, undefined)
  }

  putGroup(group: GroupRecord): void {
    this.#change(group.queueId)
    this.groupsWritten.set(group.id, group)
  }

  removeGroup(id: number): void {
    const group = this.group(id)
    if (group) this.#change(group.queueId)
    this.groupsWritten.set(id, undefined)
    this.countDifferences.delete(id)
    this.countsRemoved.add(id)
    for (const [key, { groupId }] of this.dayDifferences) if (groupId === id) this.dayDifferences.delete(key)
  }

  /** A queue is changed by one transaction at a time. */
  #change(queueId: number): void {
    this.lockQueue(queueId)
    if (this.#isOwn(queueId)) this.queueBase.set(queueId, { record: undefined, version: 0 })
    else if (!this.queuesWritten.has(queueId)) this.#baseQueue(queueId)
    this.#merged.clear()
  }

  /** Has the queue for this transaction alone, unless it made it. */
  lockQueue(queueId: number): void {
    if (this.locks.has(queueId) || this.#isOwn(queueId)) return
    this.needs.locks.add(queueId)
    this.#miss()
  }

  /** This transaction gave the queue its id, so nobody else can know it. */
  #isOwn(queueId: number): boolean {
    return this.#taken.some(({ kind, first }) => kind === 'numbers' && first === queueId)
  }

  // ---- counts -----------------------------------------------------------------------------------------------------

  counts(groupId: number, options?: { readonly exact: boolean }): Counts {
    const queueId = this.queueOfGroup(groupId)
    if (queueId === undefined) return noCounts()
    if (options?.exact) {
      if (!this.countBase.has(groupId)) this.needs.counts.add(groupId)
      this.lockQueue(queueId)
    }
    const base = this.countsRemoved.has(groupId) ? noCounts() : this.countBase.get(groupId)
    if (!base) {
      this.needs.counts.add(groupId)
      return this.#miss()
    }
    const counts = { ...base }
    add(counts, this.countDifferences.get(groupId))
    return counts
  }

  addCounts(groupId: number, difference: Partial<Counts>): void {
    if (this.queueOfGroup(groupId) === undefined) throw new Error(`there is no group ${groupId} to count in`)
    let own = this.countDifferences.get(groupId)
    if (!own) {
      own = noCounts()
      this.countDifferences.set(groupId, own)
    }
    add(own, difference)
  }

  countsOfDay(groupId: number, day: number): CountsOfDay {
    if (this.queueOfGroup(groupId) === undefined) return { processed: 0, errored: 0, filtered: 0 }
    const key = dayKey(groupId, day)
    const isRemoved = this.daysRemoved.has(key) || this.countsRemoved.has(groupId)
    const base = isRemoved ? { processed: 0, errored: 0, filtered: 0 } : this.dayBase.get(key)
    if (!base) {
      this.needs.days.set(key, { groupId, day })
      return this.#miss()
    }
    const { processed = 0, errored = 0, filtered = 0 } = this.dayDifferences.get(key) ?? {}
    return {
      processed: base.processed + processed,
      errored: base.errored + errored,
      filtered: base.filtered + filtered,
    }
  }

  addCountsOfDay(
    groupId: number,
    day: number,
    { processed = 0, errored = 0, filtered = 0 }: Partial<CountsOfDay>,
  ): void {
    if (this.queueOfGroup(groupId) === undefined) throw new Error(`there is no group ${groupId} to count in`)
    const key = dayKey(groupId, day)
    const own = this.dayDifferences.get(key)
    if (!own) this.dayDifferences.set(key, { groupId, day, processed, errored, filtered })
    else {
      own.processed += processed
      own.errored += errored
      own.filtered += filtered
    }
  }

  removeCountsOfDays(before: number, limit: number): number {
    const need: RangeNeed = { of: 'old-days', before, limit }
    const range = this.#range<string>(need)
    const isOld = (key: string, row: { groupId: number; day: number }) =>
      row.day < before && !this.daysRemoved.has(key) && !this.countsRemoved.has(row.groupId)
    const gone = new Map<string, { readonly groupId: number; readonly day: number }>()
    for (const key of range.keys) {
      const row = this.oldDays.get(key)
      if (row && isOld(key, row) && gone.size < limit) gone.set(key, row)
    }
    for (const [key, row] of this.dayDifferences) {
      if (row.day < before && gone.size < limit) gone.set(key, { groupId: row.groupId, day: row.day })
    }
    if (gone.size < limit && !range.complete) this.#within(need, range, undefined)
    for (const [key, row] of gone) {
      this.dayDifferences.delete(key)
      this.daysRemoved.set(key, row)
    }
    return gone.size
  }

  // ---- messages and deliveries ------------------------------------------------------------------------------------

  ready(groupId: number, limit: number): Item[] {
    const queueId = this.queueOfGroup(groupId)
    if (queueId === undefined) return []
    // What is ready next depends on what comes before it in its message group.
    if (this.queueById(queueId)?.settings.ordering !== 'unordered' && this.queueById(queueId)) this.lockQueue(queueId)
    const range = this.readyRanges.get(groupId)
    if (!range) {
      this.needs.ready.set(groupId, (this.needs.ready.get(groupId) ?? 0) + limit)
      return this.#miss()
    }
    let from = this.#takenUpTo.get(groupId) ?? 0
    while (from < range.keys.length && this.deliveries.written.has(range.keys[from] as string)) from++
    this.#takenUpTo.set(groupId, from)
    const found: Delivery[] = []
    let at = from
    for (; at < range.keys.length && found.length < limit; at++) {
      const key = range.keys[at] as string
      if (this.deliveries.written.has(key)) continue
      found.push(this.deliveries.get(key) as Delivery)
    }
    const made = this.#madeReady.get(groupId)
    if (made && made.size > 0) {
      const last = this.deliveries.loaded.get(range.keys.at(-1) ?? '')?.value
      for (const key of made) {
        const delivery = this.deliveries.get(key) as Delivery
        // Beyond the last one that was loaded there may be others in between.
        if (range.complete || (last && readyOrder(delivery, last) < 0)) found.push(delivery)
      }
      found.sort(readyOrder)
    }
    if (found.length < limit && !range.complete) {
      this.needs.ready.set(groupId, (this.needs.ready.get(groupId) ?? range.limit) + limit)
      return this.#miss()
    }
    return this.#items(found.length > limit ? found.slice(0, limit) : found)
  }

  messageGroup(groupId: number, messageGroup: string, limit: number): Item[] {
    const queueId = this.queueOfGroup(groupId)
    if (queueId === undefined) return []
    if (this.queueById(queueId)) this.lockQueue(queueId)
    const key = messageGroupKey(groupId, messageGroup)
    const range = this.groupRanges.get(key)
    const matches = (delivery: Delivery) =>
      delivery.groupId === groupId && delivery.messageGroup === messageGroup && delivery.state !== 'finished'
    const found = range && rangeOf(this.deliveries, range, { limit, matches, compare: byPosition })
    if (!found) {
      this.needs.messageGroups.set(key, { groupId, messageGroup, limit: Math.max(limit, 2 * (range?.limit ?? 0)) })
      return this.#miss()
    }
    return this.#items(found)
  }

  item(groupId: number, position: number): Item | undefined {
    const key = itemKey(groupId, position)
    const delivery = this.deliveries.get(key)
    if (delivery) return this.#withMessage(delivery)
    if (!this.deliveries.isKnown(key) && this.#recall(key, groupId)) return this.item(groupId, position)
    if (this.deliveries.isKnown(key) || this.queueOfGroup(groupId) === undefined) return undefined
    this.needs.items.set(key, { groupId, position })
    return this.#miss()
  }

  message(serial: number): Message | undefined {
    const message = this.messages.get(serial)
    if (message || this.messages.isKnown(serial)) return message
    this.needs.messages.add(serial)
    return this.#miss()
  }

  scan(groupId: number, query: ScanQuery): Item[] {
    if (this.queueOfGroup(groupId) === undefined) return []
    const matches = (delivery: Delivery) => delivery.groupId === groupId && isBeyond(delivery, query)
    return this.#deliveryRange({ of: 'scan', groupId, query, limit: query.limit }, matches, orderOf(query))
  }

  search(groupId: number, query: SearchQuery): SearchSlice {
    if (this.queueOfGroup(groupId) === undefined) return { items: [], next: null, examined: 0 }
    const { types, states, exceptClientId } = query
    const isMatch = (delivery: Delivery) =>
      delivery.groupId === groupId &&
      isBeyond(delivery, query) &&
      (states === undefined || states.includes(delivery.state)) &&
      (types === undefined || types.includes(delivery.type)) &&
      (exceptClientId === undefined || this.messages.get(delivery.serial)?.extra?.clientId !== exceptClientId)
    if (byTypes(query)) {
      const limit = Math.min(query.limit, query.examine)
      const items = this.#deliveryRange({ of: 'types', groupId, query, limit }, isMatch, orderOf(query))
      const next = items.length === limit ? (items.at(-1)?.delivery.position ?? null) : null
      return { items, next, examined: items.length }
    }
    const need: RangeNeed = { of: 'search', groupId, query, limit: query.limit }
    const extent = this.extents.get(rangeKey(need))
    const end = extent && extent.count >= query.examine ? extent.end : null
    const isWithin = ({ position }: Delivery) => end === null || (query.newestFirst ? position >= end : position <= end)
    const items = this.#deliveryRange(need, (delivery) => isMatch(delivery) && isWithin(delivery), orderOf(query))
    const last = items.at(-1)?.delivery.position
    if (items.length < query.limit || last === undefined) return { items, next: end, examined: extent?.count ?? 0 }
    return { items, next: last, examined: extent?.places.get(last) ?? extent?.count ?? 0 }
  }

  claimed(claimId: string): Item[] {
    const need: RangeNeed = { of: 'claimed', claimId, limit: Number.MAX_SAFE_INTEGER }
    return this.#deliveryRange(need, (delivery) => delivery.claimId === claimId, byPosition)
  }

  due(now: Millis, limit: number): Item[] {
    const matches = ({ dueAt }: Delivery) => dueAt !== null && dueAt <= now
    const compare = (a: Delivery, b: Delivery) =>
      (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.groupId - b.groupId || byPosition(a, b)
    const found = this.#deliveryRange({ of: 'due', now, limit }, matches, compare)
    this.#sawDue(now, found.length === limit)
    return found
  }

  #deliveryRange(
    need: RangeNeed,
    matches: (delivery: Delivery) => boolean,
    compare: (a: Delivery, b: Delivery) => number,
  ): Item[] {
    const range = this.#range<string>(need)
    return this.#items(
      this.#within(need, range, rangeOf(this.deliveries, range, { limit: need.limit, matches, compare })),
    )
  }

  insertMessage(message: Message): void {
    if (this.messages.get(message.serial)) throw new Error(`message ${message.serial} is there already`)
    // Serials are given once, so nobody else has it; what was removed in this transaction was there.
    if (!this.messages.isKnown(message.serial)) this.messages.load(message.serial, undefined, 0)
    this.messages.put(message.serial, message)
  }

  moveMessage(serial: number, queueId: number, position: number, expiresAt: Millis | null): void {
    const message = this.message(serial)
    if (!message) throw new Error(`there is no message ${serial} to move`)
    this.messages.put(serial, { ...message, queueId, position, expiresAt })
  }

  removeMessage(serial: number): void {
    if (this.message(serial)) this.messages.remove(serial)
  }

  insertDelivery(delivery: Delivery): void {
    const key = itemKey(delivery.groupId, delivery.position)
    if (this.deliveries.get(key)) throw new Error(`delivery ${key} is there already`)
    const queueId = this.queueOfGroup(delivery.groupId)
    if (queueId === undefined) throw new Error(`there is no group ${delivery.groupId} to insert into`)
    // So that its group is not discarded meanwhile.
    if (!this.ahead.has(queueId) && this.queueById(queueId)) this.lockQueue(queueId)
    if (!this.deliveries.isKnown(key)) this.deliveries.load(key, undefined, 0)
    this.#putDelivery(key, delivery)
  }

  updateDelivery(before: Delivery, after: Delivery): void {
    const key = itemKey(before.groupId, before.position)
    if (key !== itemKey(after.groupId, after.position)) throw new Error(`delivery ${key} cannot change its place`)
    if (!this.item(before.groupId, before.position)) throw new Error(`there is no delivery ${key} to update`)
    this.#putDelivery(key, after)
  }

  removeDelivery(delivery: Delivery): void {
    const { groupId, position } = delivery
    const queueId = this.queueOfGroup(groupId)
    if (queueId === undefined || !this.item(groupId, position)) return
    // Owner and dead letters each keep a message alive: which of them is the last must not be found out by two at once.
    if ((this.queueById(queueId)?.groups.length ?? 0) > 1) this.lockQueue(queueId)
    const key = itemKey(groupId, position)
    this.#madeReady.get(groupId)?.delete(key)
    this.deliveries.remove(key)
  }

  #putDelivery(key: string, delivery: Delivery): void {
    this.deliveries.put(key, delivery)
    const made = this.#madeReady.get(delivery.groupId)
    if (delivery.state !== 'ready') made?.delete(key)
    else if (made) made.add(key)
    else this.#madeReady.set(delivery.groupId, new Set([key]))
  }

  /** How many deliveries of each group this run made ready. */
  get madeReady(): ReadonlyMap<number, ReadonlySet<string>> {
    return this.#madeReady
  }

  #items(deliveries: readonly Delivery[]): Item[] {
    return deliveries.map((delivery) => this.#withMessage(delivery))
  }

  #withMessage(delivery: Delivery): Item {
    const message = this.message(delivery.serial)
    if (!message) throw new Error(`delivery ${delivery.groupId}/${delivery.position} has no message`)
    return { delivery, message }
  }

  // ---- everything else --------------------------------------------------------------------------------------------

  deduplication(groupId: number, key: string): Deduplication | undefined {
    const place = deduplicationKey(groupId, key)
    if (!this.deduplications.isKnown(place)) {
      if (this.queueOfGroup(groupId) === undefined) return undefined
      this.needs.deduplications.set(place, { groupId, key })
      this.#miss()
    }
    return this.deduplications.get(place)
  }

  expiredDeduplications(now: Millis, limit: number): Deduplication[] {
    const need: RangeNeed = { of: 'expired-deduplications', now, limit }
    const range = this.#range<string>(need)
    const query = {
      limit,
      matches: ({ expiresAt }: Deduplication) => expiresAt <= now,
      compare: (a: Deduplication, b: Deduplication) => a.expiresAt - b.expiresAt,
    }
    const found = this.#within(need, range, rangeOf(this.deduplications, range, query))
    this.#sawDue(now, found.length === limit)
    return found
  }

  putDeduplication(entry: Deduplication): void {
    if (this.queueOfGroup(entry.groupId) === undefined) throw new Error(`there is no group ${entry.groupId}`)
    this.deduplications.put(deduplicationKey(entry.groupId, entry.key), entry)
  }

  removeDeduplication(groupId: number, key: string): void {
    if (this.deduplication(groupId, key)) this.deduplications.remove(deduplicationKey(groupId, key))
  }

  removeDeduplications(groupId: number, limit: number): number {
    if (this.queueOfGroup(groupId) === undefined) return 0
    const need: RangeNeed = { of: 'group-deduplications', groupId, limit }
    const range = this.#range<string>(need)
    const query = {
      limit,
      matches: (entry: Deduplication) => entry.groupId === groupId,
      compare: (a: Deduplication, b: Deduplication) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
    }
    const found = rangeOf(this.deduplications, { keys: range.keys, complete: true }, query)
    if (found && found.length < limit && !range.complete) this.#within(need, range, undefined)
    for (const { key } of found ?? []) this.deduplications.remove(deduplicationKey(groupId, key))
    return found?.length ?? 0
  }

  retentionMark(queueId: number): RetentionMark | undefined {
    if (!this.marks.isKnown(queueId)) {
      const mark = this.ahead.has(queueId) ? this.#known.markOf(queueId) : undefined
      if (mark) {
        this.assumedMarks.add(queueId)
        return mark
      }
      this.needs.marks.add(queueId)
      this.#miss()
    }
    return this.marks.get(queueId)
  }

  dueRetentionMarks(now: Millis, limit: number): RetentionMark[] {
    const need: RangeNeed = { of: 'due-marks', now, limit }
    const range = this.#range<number>(need)
    const query = {
      limit,
      matches: ({ checkAt }: RetentionMark) => checkAt <= now,
      compare: (a: RetentionMark, b: RetentionMark) => a.checkAt - b.checkAt || a.queueId - b.queueId,
    }
    const found = this.#within(need, range, rangeOf(this.marks, range, query))
    this.#sawDue(now, found.length === limit)
    return found
  }

  putRetentionMark(mark: RetentionMark): void {
    this.marks.put(mark.queueId, mark)
  }

  removeRetentionMark(queueId: number): void {
    // Whoever sends meanwhile relies on it.
    this.lockQueue(queueId)
    this.marks.remove(queueId)
  }

  history(serial: number): HistoryEntry | undefined {
    if (!this.histories.isKnown(serial)) {
      this.needs.history.add(serial)
      this.#miss()
    }
    return this.histories.get(serial)
  }

  putHistory(entry: HistoryEntry): void {
    this.histories.put(entry.serial, entry)
  }

  removeHistory(sentBefore: Millis, limit: number): number {
    const need: RangeNeed = { of: 'old-history', sentBefore, limit }
    const range = this.#range<number>(need)
    const query = {
      limit,
      matches: ({ sentAt }: HistoryEntry) => sentAt < sentBefore,
      compare: (a: HistoryEntry, b: HistoryEntry) => a.sentAt - b.sentAt || a.serial - b.serial,
    }
    const found = this.#within(need, range, rangeOf(this.histories, range, query))
    for (const { serial } of found) this.histories.remove(serial)
    return found.length
  }

  steps(queueId: number, serial: number): StepsRecord | undefined {
    const key = stepKey(queueId, serial)
    if (!this.stepRows.isKnown(key)) {
      this.needs.steps.set(key, { queueId, serial })
      this.#miss()
    }
    return this.stepRows.get(key)
  }

  putSteps(record: StepsRecord): void {
    this.stepRows.put(stepKey(record.queueId, record.serial), record)
  }

  removeSteps(queueId: number, serial: number): void {
    if (this.steps(queueId, serial)) this.stepRows.remove(stepKey(queueId, serial))
  }

  removeStepsOf(queueId: number, limit: number): number {
    const need: RangeNeed = { of: 'queue-steps', queueId, limit }
    const range = this.#range<string>(need)
    const query = {
      limit,
      matches: (record: StepsRecord) => record.queueId === queueId,
      compare: (a: StepsRecord, b: StepsRecord) => a.serial - b.serial,
    }
    const found = this.#within(need, range, rangeOf(this.stepRows, range, query))
    for (const { serial } of found) this.stepRows.remove(stepKey(queueId, serial))
    return found.length
  }

  document(collection: string, key: string): StoredDocument | undefined {
    const place = documentKey(collection, key)
    if (!this.documentRows.isKnown(place)) {
      this.needs.documents.set(place, { collection, key })
      this.#miss()
    }
    const row = this.documentRows.get(place)
    return row && asDocument(row)
  }

  documents(query: { collection: string; prefix?: string; after?: string; limit: number }): StoredDocument[] {
    const { collection, prefix = '', after, limit } = query
    const need: RangeNeed = { of: 'documents', collection, prefix, after, limit }
    const range = this.#range<string>(need)
    const found = rangeOf(this.documentRows, range, {
      limit,
      matches: (row) =>
        row.collection === collection &&
        row.key.startsWith(prefix) &&
        (after === undefined || codePointOrder(row.key, after) > 0),
      compare: (a, b) => codePointOrder(a.key, b.key),
    })
    return this.#within(need, range, found).map(asDocument)
  }

  expiredDocuments(now: Millis, limit: number): StoredDocument[] {
    const need: RangeNeed = { of: 'expired-documents', now, limit }
    const range = this.#range<string>(need)
    const found = rangeOf(this.documentRows, range, {
      limit,
      matches: ({ expiresAt }) => expiresAt !== null && expiresAt <= now,
      compare: (a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0),
    })
    const documents = this.#within(need, range, found).map(asDocument)
    this.#sawDue(now, documents.length === limit)
    return documents
  }

  putDocument({ collection, key, value, expiresAt }: StoredDocument): void {
    this.documentRows.put(documentKey(collection, key), { collection, key, json: JSON.stringify(value), expiresAt })
  }

  removeDocument(collection: string, key: string): void {
    const place = documentKey(collection, key)
    this.documentRows.remove(place)
    if (!this.documentRows.loaded.has(place)) this.#removedUnread.set(place, { collection, key })
  }

  /** Documents that were removed without a look at them. */
  *documentsRemovedUnread(): Generator<{ readonly collection: string; readonly key: string }> {
    for (const [place, document] of this.#removedUnread) {
      if (!this.documentRows.loaded.has(place) && this.documentRows.get(place) === undefined) yield document
    }
  }

  // ---- numbers ----------------------------------------------------------------------------------------------------

  takeNumbers(count: number): number {
    return this.#take('numbers', count)
  }

  takeGroupId(): number {
    return this.#take('groupIds', 1)
  }

  /** A run that begins anew takes the same ones again. */
  #take(kind: 'numbers' | 'groupIds', count: number): number {
    const before = this.#taken[this.#takenAt]
    if (before?.kind === kind && before.count === count) {
      this.#takenAt++
      return before.first
    }
    this.#taken.length = this.#takenAt
    const first = this.#blocks[kind].take(count)
    if (first === undefined) {
      this.needs[kind] = Math.max(this.needs[kind], count)
      return this.#miss()
    }
    this.#taken.push({ kind, count, first })
    this.#takenAt++
    return first
  }

  takePositions(queueId: number, count: number): number {
    const ahead = this.#takeAhead(queueId, count)
    if (ahead !== undefined) return ahead
    // Whoever has the queue takes its next positions, and nobody commits later ones before.
    if (!this.locks.has(queueId) && !this.#isOwn(queueId)) {
      this.needs.locks.add(queueId)
      if (this.allotted.length === 0) this.needs.positions.push(count)
      return this.#miss()
    }
    for (; this.#allottedAt < this.allotted.length; this.#allottedAt++, this.#allottedUsed = 0) {
      const range = this.allotted[this.#allottedAt] as { first: number; count: number }
      if (this.#allottedUsed + count > range.count) continue
      const first = range.first + this.#allottedUsed
      this.#allottedUsed += count
      this.#noteTaken(queueId, first, count)
      return first
    }
    this.needs.positions.push(count)
    return this.#miss()
  }

  /** Without having the queue: only where the same flight takes the queue's end, checks it and writes. */
  #takeAhead(queueId: number, count: number): number | undefined {
    if (!this.trusting || this.hasFlown || this.locks.size > 0 || this.needs.locks.size > 0 || this.#isOwn(queueId))
      return undefined
    if (!this.#ends.isOurs(queueId) || !this.queueBase.get(queueId)?.record) return undefined
    const { positions } = this.#blocks
    // It was others' for a while, and has come further than what is at hand.
    if (positions.next <= this.#ends.lastOf(queueId)) positions.clear()
    const first = positions.take(count)
    if (first === undefined) return undefined
    this.#takenAhead.push({ first, count })
    this.ahead.add(queueId)
    this.#noteTaken(queueId, first, count)
    return first
  }

  #noteTaken(queueId: number, first: number, count: number): void {
    const before = this.taken.get(queueId)
    this.taken.set(queueId, { first: before?.first ?? first, last: first + count - 1 })
  }

  // ---- ranges -----------------------------------------------------------------------------------------------------

  #range<Key>(need: RangeNeed): Range<Key> {
    const range = this.ranges.get(rangeKey(need))
    if (!range) {
      this.needs.ranges.set(rangeKey(need), need)
      return this.#miss()
    }
    return range as unknown as Range<Key>
  }

  /** What was found, or more has to be loaded than last time. */
  #within<Value>(need: RangeNeed, _range: unknown, found: Value[] | undefined): Value[] {
    if (found) return found
    const loaded = this.ranges.get(rangeKey(need))?.limit ?? 0
    this.needs.ranges.set(rangeKey(need), { ...need, limit: 2 * loaded + need.limit + 10 })
    return this.#miss()
  }

  #sawDue(now: number, partly: boolean): void {
    this.dueSeen = { now, partly: partly || (this.dueSeen?.partly ?? false) }
  }
}

/** How many deliveries were looked at, the last of them, and which of them in order the ones that match were. */
export interface SearchExtent {
  readonly count: number
  readonly end: number | null
  readonly places: ReadonlyMap<number, number>
}

interface DayCounts extends CountsOfDay {
  readonly groupId: number
  readonly day: number
}

export const dayKey = (groupId: number, day: number): string => `${groupId}/${day}`

/** Types that the index of types holds, where nothing else has to match. */
const byTypes = ({ types, states, exceptClientId }: SearchQuery): boolean =>
  types !== undefined && states === undefined && exceptClientId === undefined && !types.includes('Q')

const isBeyond = ({ position }: Delivery, { after, newestFirst }: ScanQuery): boolean =>
  after === undefined || (newestFirst ? position < after : position > after)

const orderOf = ({ newestFirst }: ScanQuery) =>
  newestFirst ? (a: Delivery, b: Delivery) => byPosition(b, a) : byPosition

export const stepKey = (queueId: number, serial: number): string => `${queueId}/${serial}`
export const itemKey = (groupId: number, position: number): string => `${groupId}/${position}`
export const deduplicationKey = (groupId: number, key: string): string => `${groupId}/${key}`
export const messageGroupKey = (groupId: number, messageGroup: string): string => `${groupId}/${messageGroup}`
export const documentKey = (collection: string, key: string): string => `${collection.length}:${collection}${key}`

/** Ranges that differ only in how much of them is wanted share what was loaded. */
export const rangeKey = (need: RangeNeed): string => {
  const { limit: _limit, ...place } = need
  if (need.of !== 'scan' && need.of !== 'search' && need.of !== 'types') return JSON.stringify(place)
  const { limit: _scanLimit, ...query } = need.query
  return JSON.stringify([need.of, need.groupId, query])
}

const byPosition = (a: Delivery, b: Delivery): number => a.position - b.position
const readyOrder = (a: Delivery, b: Delivery): number => a.urgency - b.urgency || a.rank - b.rank

const asDocument = ({ collection, key, json, expiresAt }: DocumentRow): StoredDocument => ({
  collection,
  key,
  value: JSON.parse(json) as unknown,
  expiresAt,
})

const counters = Object.keys(noCounts()) as (keyof Counts)[]

const add = (counts: Counts, difference: Partial<Counts> | undefined): void => {
  if (!difference) return
  for (const counter of counters) counts[counter] += difference[counter] ?? 0
}
