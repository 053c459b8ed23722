import type { Delivery } from '../../../core/delivery.ts'
import type { StepsRecord } from '../../../core/history.ts'
import type { Message } from '../../../core/message.ts'
import type { Counts, CountsOfDay, GroupRecord, QueueRecord } from '../../../core/queue.ts'
import type { Deduplication, HistoryEntry, RetentionMark } from '../../../core/store.ts'
import type { KnownQueues } from '../known-queues.ts'
import { Needs, type RangeNeed } from '../needs.ts'
import type { NumberBlocks } from '../number-blocks.ts'
import type { QueueEnds, Taken } from '../queue-ends.ts'
import type { RecentItems } from '../recent-items.ts'
import { type Range, Rows } from '../rows.ts'
import { rangeKey } from './keys.ts'

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

/** What a transaction has loaded and written, and what it still needs. `reset` and `restart` are how a run begins again. */
export class OverlayState {
  readonly known: KnownQueues
  readonly blocks: NumberBlocks
  readonly ends: QueueEnds
  readonly recent: RecentItems

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
  readonly takenAhead: { readonly first: number; readonly count: number }[] = []
  /** The ends of the queues it has for itself, as they were. */
  readonly endBase = new Map<number, number>()

  needs = new Needs()
  /** A unit of this run did not get what it asked for. */
  missed = false

  readonly queueBase = new Map<number, { readonly record: QueueRecord | undefined; readonly version: number }>()
  readonly nameBase = new Map<string, number | undefined>()
  readonly groupBase = new Map<number, GroupRecord | undefined>()
  readonly queuesWritten = new Map<number, StoredQueue | undefined>()
  readonly groupsWritten = new Map<number, GroupRecord | undefined>()
  /** The queues of groups that this run wrote. One unit may ask for what is in a group that another one removes after that. */
  readonly placesWritten = new Map<number, number>()
  readonly merged = new Map<number, QueueRecord | undefined>()

  /** Queues that this transaction has for itself, or will have once what it needs is loaded. */
  readonly locks = new Set<number>()
  locksPending = false
  /** Deliveries that were locked when they were loaded. */
  readonly held = new Set<string>()
  /** Of what is old some was locked. */
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
  readonly #tables = [
    this.deliveries,
    this.messages,
    this.deduplications,
    this.marks,
    this.histories,
    this.documentRows,
    this.stepRows,
  ]

  readonly removedUnread = new Map<string, { readonly collection: string; readonly key: string }>()

  readonly readyRanges = new Map<number, Range<string> & { readonly limit: number }>()
  readonly groupRanges = new Map<string, Range<string> & { readonly limit: number }>()
  readonly ranges = new Map<string, Range<never> & { readonly limit: number }>()
  /** Groups in whose ready index this run put something. */
  readonly madeReady = new Map<number, Set<string>>()
  /** How far the beginning of a ready range has been taken in this run. */
  readonly takenUpTo = new Map<number, number>()

  /** Positions set apart for this transaction. */
  readonly allotted: { readonly first: number; readonly count: number }[] = []
  allottedAt = 0
  allottedUsed = 0
  takenNumbers: { readonly kind: 'numbers' | 'groupIds'; readonly count: number; readonly first: number }[] = []
  takenNumbersAt = 0

  /** It has looked for what is due, so what falls due next is to be found out anew. */
  dueSeen: { readonly now: number; readonly partly: boolean } | undefined

  constructor(node: { known: KnownQueues; blocks: NumberBlocks; ends: QueueEnds; recent: RecentItems }) {
    this.known = node.known
    this.blocks = node.blocks
    this.ends = node.ends
    this.recent = node.recent
  }

  reset(): void {
    this.needs = new Needs()
    this.missed = false
    this.queuesWritten.clear()
    this.groupsWritten.clear()
    this.placesWritten.clear()
    this.merged.clear()
    this.countDifferences.clear()
    this.countsRemoved.clear()
    this.dayDifferences.clear()
    this.daysRemoved.clear()
    for (const rows of this.#tables) rows.reset()
    this.removedUnread.clear()
    this.madeReady.clear()
    this.takenUpTo.clear()
    this.allottedAt = 0
    this.allottedUsed = 0
    this.takenNumbersAt = 0
    this.dueSeen = undefined
    this.#giveBackTaken()
    this.ahead.clear()
    this.taken.clear()
    this.assumedMarks.clear()
  }

  /** Has the queues for itself after all, and asks for as many positions under their locks. */
  giveUpGoingAhead(): void {
    for (const id of this.ahead) this.needs.locks.add(id)
    for (const { count } of this.takenAhead) this.needs.positions.push(count)
    this.#giveBackTaken()
  }

  #giveBackTaken(): void {
    for (const { first, count } of this.takenAhead.reverse()) this.blocks.positions.giveBack(first, count)
    this.takenAhead.length = 0
  }

  /** Begins the whole transaction anew: nothing that was loaded counts any more. Numbers that were taken stay taken. */
  restart(): void {
    // Somebody may have taken later ones.
    this.takenAhead.length = 0
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
    for (const rows of this.#tables) rows.loaded.clear()
    this.held.clear()
    this.readyRanges.clear()
    this.groupRanges.clear()
    this.ranges.clear()
    // Whoever had the queue in between has taken later ones.
    this.allotted.length = 0
    this.locksPending = this.locks.size > 0
  }

  /** Rows are locked that others then pass over. */
  get holdsRows(): boolean {
    return this.held.size > 0 || this.holdsRange
  }

  /** Of each group, how many deliveries others passed over that are as ready afterwards as before: after the commit, or because there is none. */
  leftReady(committed: boolean): Map<number, number> {
    const left = new Map<number, number>()
    const isReady = (delivery: Delivery | undefined) => delivery?.state === 'ready'
    const look = (key: string) => {
      const before = this.deliveries.loaded.get(key)?.value
      if (!before || !isReady(before) || (committed && !isReady(this.deliveries.get(key)))) return
      left.set(before.groupId, (left.get(before.groupId) ?? 0) + 1)
    }
    for (const key of this.held) look(key)
    if (committed) for (const key of this.deliveries.written.keys()) if (!this.held.has(key)) look(key)
    return left
  }

  get hasWritten(): boolean {
    return (
      this.queuesWritten.size +
        this.groupsWritten.size +
        this.countDifferences.size +
        this.countsRemoved.size +
        this.dayDifferences.size +
        this.daysRemoved.size >
        0 || this.#tables.some(({ written }) => written.size > 0)
    )
  }

  miss(): never {
    this.missed = true
    throw notLoaded
  }

  /** Whether something has to be loaded before this run can count, beside proof of what was taken for granted. */
  get isMissing(): boolean {
    return this.missed || this.locksPending || !this.needs.isOnlyProof
  }

  /** The queue of a group, as far as is known without asking for it. */
  placeOf(groupId: number): number | undefined {
    return this.known.queueOfGroup(groupId) ?? this.placesWritten.get(groupId) ?? this.groupBase.get(groupId)?.queueId
  }

  /** A queue, as far as is known without asking for it. */
  peek(queueId: number): StoredQueue | undefined {
    return this.queuesWritten.get(queueId) ?? this.queueBase.get(queueId)?.record ?? this.known.byId(queueId)?.record
  }

  range<Key>(need: RangeNeed): Range<Key> {
    const range = this.ranges.get(rangeKey(need))
    if (!range) {
      this.needs.ranges.set(rangeKey(need), need)
      return this.miss()
    }
    return range as unknown as Range<Key>
  }

  /** What was found, or more has to be loaded than last time. */
  within<Value>(need: RangeNeed, found: Value[] | undefined): Value[] {
    if (found) return found
    const loaded = this.ranges.get(rangeKey(need))?.limit ?? 0
    this.needs.ranges.set(rangeKey(need), { ...need, limit: 2 * loaded + need.limit + 10 })
    return this.miss()
  }

  sawDue(now: number, partly: boolean): void {
    this.dueSeen = { now, partly: partly || (this.dueSeen?.partly ?? false) }
  }

  /** Whether this is how a run says that it has to be run again. */
  static isMiss(error: unknown): boolean {
    return error === notLoaded
  }
}

/** How many deliveries were looked at, the last of them, and which of them in order the ones that match were. */
export interface SearchExtent {
  readonly count: number
  readonly end: number | null
  readonly places: ReadonlyMap<number, number>
}

export interface DayCounts extends CountsOfDay {
  readonly groupId: number
  readonly day: number
}
