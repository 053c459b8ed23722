import type { Millis } from './clock.ts'
import type { PushTarget, PushTargetInput } from './push-target.ts'
import type { DeclaredStructure } from './structure/declared.ts'

/**
 * How the messages of a queue follow each other.
 * - `unordered`: by priority, then age; any number in work at once
 * - `grouped`: FIFO by message group: of each group the oldest first, and nothing behind a message in work
 * - `ordered`: as if all messages were of one group
 */
export type Ordering = 'unordered' | 'grouped' | 'ordered'

/** What a queue keeps of messages that are finished: nothing (the history by id remains), or the whole message. */
export type KeepFinished = 'nothing' | 'message'

/**
 * What is remembered of messages, for seven days from their send: nothing, how each ended, or that and every change of state on the way
 * (see `HistoryStep`).
 */
export type History = 'none' | 'end' | 'steps'

export interface QueueSettings {
  readonly ordering: Ordering
  /** Unordered queues only: of equal priority the newest first. */
  readonly newestFirst: boolean
  /** Fixed at creation: every consumer group sees every message, and messages stay until their retention ends. */
  readonly consumerGroups: boolean
  /** How long a receive hides what it hands out. 0 to 12 h, or more where `limits` allow. */
  readonly visibilityTimeoutMs: number
  /** Delay of messages that name none. */
  readonly delayMs: number
  /** Life of messages that name no retention of their own; null: they live until deleted. */
  readonly retentionMs: number | null
  /** Bytes of body and attributes. */
  readonly maxMessageBytes: number
  readonly maxMessages: number | null
  readonly maxLeased: number | null
  /** How long a receive waits for a message when it does not say. */
  readonly receiveWaitMs: number
  /** After so many receives without a delete a message is dead lettered; null: never. */
  readonly receiveLimit: number | null
  /** Where dead letters go: a queue name of the same account; null: into the group's own dead letters, or away (see `deadLetters`). */
  readonly deadLetterQueue: string | null
  /** Where dead letters go when no queue is named: they are deleted, or kept apart within their consumer group. */
  readonly deadLetters: 'delete' | 'group'
  /** Retention of a dead letter from the move on; null: it keeps the expiry it had. */
  readonly deadLetterRetentionMs: number | null
  /** When the receive limit bites: as soon as the last lease ends, or at the next receive that meets the message. */
  readonly deadLetterAt: 'lease-end' | 'receive'
  readonly deduplicationWindowMs: number
  /** One space of deduplication ids for the queue, or one a message group. */
  readonly deduplicationScope: 'queue' | 'message-group'
  /** A message without a deduplication id gets the SHA-256 of its body as one. */
  readonly contentDeduplication: boolean
  readonly keepFinished: KeepFinished
  /** How long finished messages stay, by type; null: until removed by hand. */
  readonly keepProcessedMs: number | null
  readonly keepFilteredMs: number | null
  readonly keepErroredMs: number | null
  readonly keepShelvedMs: number | null
  readonly history: History
  /** What messages must look like, checked at every send; null: anything is taken. */
  readonly input: DeclaredStructure | null
  /** The service that is called for every message; null: messages wait to be received. Not in queues with consumer groups. */
  readonly push: PushTarget | null
  /** Handed out to nobody while true; everything else goes on. */
  readonly paused: boolean
  /**
   * The id under which APIs that name queues by id know this one: 24 lower-case hex digits, unlike those of the account's other
   * queues. Null: one that is made for it; see `QueueView.publicId`.
   */
  readonly publicId: string | null
  /** Free text for people. */
  readonly description: string
  /** Free data of the queue's owner, kept as it is. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly tags: Readonly<Record<string, string>>
  /** What doors keep with a queue (their own attributes); no meaning to core. */
  readonly door: Readonly<Record<string, unknown>>
}

export type QueueSettingsPatch = {
  readonly [K in Exclude<keyof QueueSettings, 'push'>]?: QueueSettings[K] | undefined
} & { readonly push?: PushTargetInput | null | undefined }

export interface QueueRecord {
  readonly id: number
  readonly account: string
  readonly name: string
  /** False for a virtual queue, which exists while it has messages. */
  readonly explicit: boolean
  readonly settings: QueueSettings
  readonly createdAt: Millis
  readonly modifiedAt: Millis
  /** Its groups but for the discarded ones; one of them owns the messages (see `ownerGroup`). */
  readonly groups: readonly GroupRecord[]
}

/**
 * - `default`: the one reader of a queue without consumer groups; it owns the messages
 * - `retained`: owns the messages of a queue with consumer groups; never received from
 * - `consumer`: a consumer group
 * - `subscriber`: sees what is sent after it was made, in any kind of queue, and keeps a message alive for itself until it is done with it
 * - `dead-letters`: what consumer group `deadLettersOf` gave up on
 * - `discarded`: emptied in slices behind the scenes, after a purge or the removal of a queue or group
 */
export type GroupKind = 'default' | 'retained' | 'consumer' | 'subscriber' | 'dead-letters' | 'discarded'

/** Messages that do not match are as if they did not exist for the group. */
export interface TagRule {
  /** 1 to 20, each of 1 to 128 characters without commas. */
  readonly tags: readonly string[]
  /** Whether a message has to have one of them, or all. */
  readonly match: 'any' | 'all'
}

export interface GroupRecord {
  readonly id: number
  readonly queueId: number
  readonly kind: GroupKind
  /** `default` for the one reader of a queue without groups. */
  readonly name: string
  readonly createdAt: Millis
  readonly deadLettersOf: number | null
  /**
   * A group made after messages were sent is given those in slices: the retained ones after `backfillFrom` are still to come, and
   * those that are sent meanwhile. When the two are equal it has caught up.
   */
  readonly backfillFrom: number
  readonly backfillTo: number
  /** While it catches up: how many of the messages that are still retained it has been given, or passed by. */
  readonly backfilled: number
  /** What the group is given of the queue's messages; null: all. Never changes once there is one. */
  readonly tagRule: TagRule | null
  /** What doors keep with a group (an id of their own form). */
  readonly door: Readonly<Record<string, unknown>>
  /** Of a `subscriber` only. */
  readonly subscription: Subscription | null
}

export interface Subscription {
  /** The service that is called for every message; null: it is received from like a consumer group. */
  readonly push: PushTarget | null
  /** When it ends by itself, with what it has not delivered yet; null: never. */
  readonly expiresAt: Millis | null
}

/** Groups whose deliveries only refer to messages that others keep alive. */
export const refersOnly = ({ kind }: { readonly kind: GroupKind }): boolean => kind === 'consumer'

/** Groups that are given messages besides their owner, as they are sent. */
export const readsAlong = ({ kind }: { readonly kind: GroupKind }): boolean =>
  kind === 'consumer' || kind === 'subscriber'

/** How many deliveries of a group are in each state; kept up to date with every change, never computed by scanning. */
export interface Counts {
  ready: number
  behind: number
  /** Delayed by their sender, or for a retry. */
  delayed: number
  leased: number
  /** Type D. */
  reprocessing: number
  processed: number
  errored: number
  filtered: number
  shelved: number
  /** All that this group ever was done with: deleted, finished or dead lettered. */
  done: number
}

/** What is in no one's hands, and not finished. */
export type WaitingCounts = Pick<Counts, 'ready' | 'behind' | 'delayed' | 'reprocessing'>

export const noCounts = (): Counts => ({
  ready: 0,
  behind: 0,
  delayed: 0,
  leased: 0,
  reprocessing: 0,
  processed: 0,
  errored: 0,
  filtered: 0,
  shelved: 0,
  done: 0,
})

export const counters = Object.keys(noCounts()) as readonly (keyof Counts)[]

/** How many deliveries of a group came to an end on one day: acknowledged or processed, errored, filtered. */
export interface CountsOfDay {
  processed: number
  errored: number
  filtered: number
}

/** Deliveries that are waiting or in work. */
export const unfinished = (counts: Counts): number =>
  counts.ready + counts.behind + counts.delayed + counts.leased + counts.reprocessing

/** All deliveries of the group. */
export const total = (counts: Counts): number =>
  unfinished(counts) + counts.processed + counts.errored + counts.filtered + counts.shelved

export const isOwner = ({ kind }: { readonly kind: GroupKind }): boolean => kind === 'default' || kind === 'retained'

export const ownerGroup = (queue: QueueRecord): GroupRecord => {
  const owner = queue.groups.find(isOwner)
  if (!owner) throw new Error(`queue ${queue.id} has no owner group`)
  return owner
}
