import type { Millis } from './clock.ts'
import type { Delivery, DeliveryState, DeliveryType, Item } from './delivery.ts'
import type { Failure } from './failure.ts'
import type { HistoryStep, StepsRecord } from './history.ts'
import type { Message } from './message.ts'
import type { Counts, CountsOfDay, GroupRecord, QueueRecord } from './queue.ts'

/**
 * What a store is: a place where records are kept, changed many at a time in one atomic durable step. No rule of
 * queues lives here: which record is written, and why, is decided by the units of work that core hands in.
 * `testStore()` in `millrace/testing` holds a store to this contract.
 */
export interface Store {
  /** For people and metrics: `sqlite`, `postgres`. */
  readonly kind: string

  /** How many calls of `transact` may be under way at once. An embedded store says 1. */
  readonly concurrentTransactions: number

  /**
   * Runs the units in the order given, in one transaction, and resolves when all they wrote is durable. Each unit sees
   * what the ones before it wrote. If a unit throws anything but what the store's own `Transaction` throws to load more, nothing at all is
   * written and the promise rejects with what was thrown. When the store itself fails (disk full, connection lost)
   * it rejects with a `StoreFailure`, whose `safeToRetry` says whether certainly nothing was written.
   */
  transact(units: readonly Unit[]): Promise<void>

  /** When something falls due next (a delivery, a retention mark, a document, a deduplication id); undefined: nothing will. Cheap, and may be too early, never too late. */
  nextDueAt(): Millis | undefined

  /**
   * Bounded housekeeping that must not hold up requests: a slice of checkpointing, freeing of space. Called between commits.
   * True when there is more to do.
   */
  maintain?(): boolean

  /** There when other nodes work over the same data. */
  readonly shared?: SharedStore

  /** For copying everything into another store, and from another one. */
  readonly records?: StoreRecords

  /** For metrics and `doctor`. */
  stats(): StoreStats

  /** Waits for what is under way, then lets go of everything. Idempotent. */
  close(): Promise<void>
}

/** What a node has to know of the others that work over the same data. */
export interface SharedStore {
  /** Calls `hear` when another node has committed something that may concern this one. Hints may get lost. Returns a function that ends it. */
  listen(hear: (hint: Hint) => void): () => void
  /** How often whoever waits for something should look by himself, since hints may get lost; less often while they come. */
  readonly lookAgainMs: Millis
  /** Which groups of these queues have something to hand out, as one read however many there are. Queues that are not there have nothing. */
  readyGroups(queues: readonly QueueName[]): Promise<readonly ReadyGroup[]>
  /** What to add to this machine's clock to get the time that all nodes go by. */
  readonly clockOffsetMs: Millis
}

export interface QueueName {
  readonly account: string
  readonly queue: string
}

export interface ReadyGroup extends QueueName {
  readonly group: Pick<GroupRecord, 'kind' | 'name'>
}

export interface Hint {
  readonly account: string
  readonly queue: string
  /** So many deliveries became ready, or null: the queue came, went or changed. */
  readonly readied: number | null
}

export interface StoreStats {
  readonly sizeBytes: number
  /** Anything else that an operator may want to see, as gauges. */
  readonly gauges: Readonly<Record<string, number>>
}

/** The store could not do its part. `safeToRetry`: certainly nothing was written. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure'
  readonly safeToRetry: boolean

  constructor(message: string, options: { safeToRetry: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.safeToRetry = options.safeToRetry
  }
}

/**
 * One piece of work in a transaction. `run` is synchronous and deterministic but for the ids it draws; a store that loads
 * asynchronously may run it again from the start when it asked for something that was not loaded, discarding what it wrote. So a run leaves
 * nothing outside that the next one would not overwrite, and lets through what it did not throw itself.
 * `prefetch` says what it will certainly read, so that such a store can load for many units at once. `onlyReads` says that it writes
 * nothing unless something unexpected comes up: a transaction whose units all say so, and write nothing, sees all records as they were at one
 * moment, whatever others commit meanwhile.
 */
export interface Unit {
  readonly onlyReads?: true
  readonly prefetch?: readonly Prefetch[]
  run(transaction: Transaction): void
}

export type Prefetch =
  | { readonly read: 'queue'; readonly account: string; readonly name: string }
  | { readonly read: 'item'; readonly groupId: number; readonly position: number }
  | { readonly read: 'message'; readonly serial: number }
  | { readonly read: 'ready'; readonly groupId: number; readonly limit: number }
  | { readonly read: 'message-group'; readonly groupId: number; readonly messageGroup: string; readonly limit: number }
  | { readonly read: 'deduplication'; readonly groupId: number; readonly key: string }
  | { readonly read: 'steps'; readonly queueId: number; readonly serial: number }
  | { readonly read: 'history'; readonly serial: number }

/**
 * Reads and writes inside one transaction. A read sees everything written before it, in this transaction too. No update is lost: two
 * transactions that change the same record, or take the same name or deduplication id, come one after the other, if need be by doing one of them
 * again. Only `ready` may leave out what another transaction holds, and counts may leave out what others are committing; units that read
 * `messageGroup` of one queue may be done one after the other.
 */
export interface Transaction {
  /** Says what will be read next, where a unit is about to read many things one by one; a store that loads asynchronously loads them at once, others do without. */
  expect?(reads: readonly Prefetch[]): void

  /** Names of queues are any well-formed text, U+0000 included; other texts never hold that. */
  queue(account: string, name: string): QueueRecord | undefined
  queueById(id: number): QueueRecord | undefined
  /** Ordered by name (code points), after `after`. */
  queues(query: { account: string; prefix?: string; after?: string; limit: number }): QueueRecord[]
  /** All accounts' queues by ascending id; for work that concerns the whole store. */
  allQueues(query: { afterId: number; limit: number }): QueueRecord[]
  /** Also one that is `discarded`, which is not among the groups of its queue any more, and may outlive it. */
  group(id: number): GroupRecord | undefined
  /** `exact`: nothing that others are committing is left out, and until this transaction ends nobody adds to it. */
  counts(groupId: number, options?: { readonly exact: boolean }): Counts
  /** What became of messages of a group on one day. */
  countsOfDay(groupId: number, day: number): CountsOfDay

  /** Up to `limit` deliveries in state `ready`, in ascending order of (urgency, rank). */
  ready(groupId: number, limit: number): Item[]
  /** The first deliveries of a message group that are not finished, by ascending position. */
  messageGroup(groupId: number, messageGroup: string, limit: number): Item[]
  item(groupId: number, position: number): Item | undefined
  message(serial: number): Message | undefined
  /**
   * The first deliveries of a group by ascending position, without their messages: also those whose message is gone, or in another queue by now.
   * What is left of a discarded group may outlive its messages so; every other read may leave it out.
   */
  firstDeliveries(groupId: number, limit: number): Delivery[]
  /** Deliveries of a group in order of position, from just after `after` (`newestFirst`: from just before it). */
  scan(groupId: number, query: ScanQuery): Item[]
  /** As `scan`, for those that match; however few do, only about `examine` deliveries are looked at. */
  search(groupId: number, query: SearchQuery): SearchSlice
  /** Deliveries under a claim, by ascending position. */
  claimed(claimId: string): Item[]
  /** Deliveries with `dueAt` at or before `now`, earliest first. */
  due(now: Millis, limit: number): Item[]

  deduplication(groupId: number, key: string): Deduplication | undefined
  expiredDeduplications(now: Millis, limit: number): Deduplication[]
  retentionMark(queueId: number): RetentionMark | undefined
  dueRetentionMarks(now: Millis, limit: number): RetentionMark[]
  history(serial: number): HistoryEntry | undefined
  steps(queueId: number, serial: number): StepsRecord | undefined
  /** Serials under which a queue has steps, ascending, from just after `after`. */
  serialsOfSteps(queueId: number, query: { after: number; limit: number }): number[]
  document(collection: string, key: string): StoredDocument | undefined
  /** Ordered by key (code points). */
  documents(query: { collection: string; prefix?: string; after?: string; limit: number }): StoredDocument[]
  expiredDocuments(now: Millis, limit: number): StoredDocument[]

  /** The first of `count` (at most 1,000) consecutive numbers that were never given before, unique in the store and below 2^48. */
  takeNumbers(count: number): number
  /**
   * As `takeNumbers`, and rising within the queue in the order of commits: messages that come later, through whatever node, get higher ones. The
   * places and ranks of deliveries, and the serials of messages.
   */
  takePositions(queueId: number, count: number): number
  /** As `takeNumbers(1)`, from a space of its own that stays below 2^30. */
  takeGroupId(): number

  putQueue(queue: Omit<QueueRecord, 'groups'>): void
  /** Only once its groups are gone or `discarded`. */
  removeQueue(id: number): void
  /**
   * A group stays with its queue for ever, which is put before it. What belongs to it is written once it is there, and
   * removed before it is.
   */
  putGroup(group: GroupRecord): void
  removeGroup(id: number): void
  addCounts(groupId: number, difference: Partial<Counts>): void
  addCountsOfDay(groupId: number, day: number, difference: Partial<CountsOfDay>): void
  /** Forgets days before this one; returns how many rows went. Those of a group that is removed go with it. */
  removeCountsOfDays(before: number, limit: number): number

  insertMessage(message: Message): void
  /** To another queue only once it has no delivery. */
  moveMessage(serial: number, queueId: number, position: number, expiresAt: Millis | null): void
  removeMessage(serial: number): void
  insertDelivery(delivery: Delivery): void
  /** `before` as it was read; same group and position. */
  updateDelivery(before: Delivery, after: Delivery): void
  removeDelivery(delivery: Delivery): void

  putDeduplication(entry: Deduplication): void
  removeDeduplication(groupId: number, key: string): void
  /** A slice of all entries of a group; returns how many went. */
  removeDeduplications(groupId: number, limit: number): number
  putRetentionMark(mark: RetentionMark): void
  removeRetentionMark(queueId: number): void
  /** Instead of one that is there. */
  putHistory(entry: HistoryEntry): void
  /** Of a message that has none for certain: the store need not look. */
  insertHistory(entry: HistoryEntry): void
  /** Forgets entries of messages sent before `sentBefore`, oldest first; returns how many went. */
  removeHistory(sentBefore: Millis, limit: number): number
  /** Instead of the ones there. */
  putSteps(record: StepsRecord): void
  removeSteps(queueId: number, serial: number): void
  putDocument(document: StoredDocument): void
  removeDocument(collection: string, key: string): void
}

export interface ScanQuery {
  readonly after?: number
  readonly limit: number
  readonly newestFirst?: boolean
}

export interface SearchQuery extends ScanQuery {
  /** At least 1. Once so many deliveries were looked at the search ends, and may so find less than there is. */
  readonly examine: number
  readonly states?: readonly DeliveryState[]
  readonly types?: readonly DeliveryType[]
  /** Leaves out messages that this client sent. */
  readonly exceptClientId?: string
}

export interface SearchSlice {
  readonly items: Item[]
  /** The `after` with which to search on; null: there is nothing behind. */
  readonly next: number | null
  /** Deliveries looked at; those that an index left out do not count. */
  readonly examined: number
}

/** A deduplication or idempotency id that is taken until `expiresAt`, with the messages that took it. */
export interface Deduplication {
  readonly groupId: number
  readonly key: string
  /** The first message, and how many were sent in the same step (serials in a row). */
  readonly serial: number
  readonly count: number
  readonly sentAt: Millis
  readonly position: number
  readonly expiresAt: Millis
  /** A digest of the request, for idempotency keys. */
  readonly digest: string | null
}

/**
 * Messages that live as long as their queue's retention says expire in order of position, so one mark a queue is enough:
 * none of them expires before `checkAt`, and none is at or before `cursor`.
 */
export interface RetentionMark {
  readonly queueId: number
  readonly checkAt: Millis
  readonly cursor: number
}

/** How a message ended. */
export type Outcome =
  | 'deleted'
  | 'processed'
  | 'filtered'
  | 'errored'
  | 'shelved'
  | 'expired'
  | 'purged'
  | 'dead-letter'

export interface HistoryEntry {
  readonly serial: number
  readonly sentAt: Millis
  readonly queueId: number
  readonly outcome: Outcome
  readonly finishedAt: Millis
  readonly firstReceivedAt: Millis | null
  readonly receiveCount: number
  readonly reprocessCount: number
  readonly detail: HistoryDetail | null
}

/** What few entries have. */
export interface HistoryDetail {
  readonly reason?: string
  readonly delayMs?: number
  readonly failure?: Failure
  /** Every change of its state, where its queue kept them; `stepsOmitted`: lines left out after the first ten. */
  readonly steps?: readonly HistoryStep[]
  readonly stepsOmitted?: number
}

/** A cold record of core's or a door's own: accounts, keys, claims, tasks, subscriptions, sessions. JSON all. */
export interface StoredDocument {
  readonly collection: string
  readonly key: string
  readonly value: unknown
  /** From then on it counts as absent, and is removed by itself. */
  readonly expiresAt: Millis | null
}

/** Everything that a store holds but its counters, by kind. */
export interface RecordsByKind {
  readonly queue: Omit<QueueRecord, 'groups'>
  /** Discarded ones too. */
  readonly group: GroupRecord
  /** Of a group; only if they are not all zero. */
  readonly counts: { readonly groupId: number } & Readonly<Counts>
  readonly 'counts-of-day': { readonly groupId: number; readonly day: number } & Readonly<CountsOfDay>
  readonly message: Message
  readonly delivery: Delivery
  readonly deduplication: Deduplication
  readonly 'retention-mark': RetentionMark
  readonly history: HistoryEntry
  readonly steps: StepsRecord
  /** Expired ones too, as long as they are there. */
  readonly document: StoredDocument
}

export type RecordKind = keyof RecordsByKind

/**
 * What copying a whole store into another one needs beyond `Transaction`, which finds records by what work needs, not
 * all there are. Records are written through `transact`. Nobody else may be at work on the store meanwhile: each read
 * sees what is committed at its time.
 */
export interface StoreRecords {
  /**
   * The records of a kind that come after the place `after`, in whatever order the store keeps them, always the same: up to `limit`,
   * and no more once their content passes `maxBytes` or so, but at least one if there is one.
   */
  read<Kind extends RecordKind>(kind: Kind, query: ReadQuery): Promise<RecordSlice<RecordsByKind[Kind]>>
  /** How many `read` gives in all. */
  count(kind: RecordKind): Promise<number>
  counters(): Promise<Counters>
  /** From now on numbers, positions and group ids that are given are not below these. Durable; never lowers anything. */
  raiseCounters(atLeast: Counters): Promise<void>
  /** Who else has the store open, in words, as far as can be told; undefined: nobody that is known of. */
  others?(): Promise<string | undefined>
}

export interface ReadQuery {
  /** Null: from the beginning. Otherwise the `next` of an earlier slice of the same store, or of this data opened anew. */
  readonly after: string | null
  readonly limit: number
  readonly maxBytes: number
}

export interface RecordSlice<Value> {
  readonly records: readonly Value[]
  /** The place of the last one; null: there is nothing behind. */
  readonly next: string | null
}

/** All that were ever given are below. */
export interface Counters {
  /** Of `takeNumbers` and `takePositions`. */
  readonly numbers: number
  readonly groupIds: number
}
