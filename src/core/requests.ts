/** What can be asked of the engine, and what it answers: the whole of core as doors see it. */
import type { Millis } from './clock.ts'
import type { DeliveryState, DeliveryType, FinishedType } from './delivery.ts'
import type { Refusal } from './errors.ts'
import type { Failure } from './failure.ts'
import type { HistoryStep, StepDetail, StepEvent } from './history.ts'
import type { Message, NewMessage } from './message.ts'
import type { PushTargetInput } from './push-target.ts'
import type { Counts, GroupKind, QueueSettings, QueueSettingsPatch, Subscription, TagRule } from './queue.ts'
import type { Preset } from './settings.ts'
import type { Outcome } from './store.ts'

/** A queue, as every request names it. Names are any text of 1 to 1,024 bytes. */
export interface QueueAddress {
  readonly account: string
  readonly queue: string
  /** The queue's id, where another one of its name would not do. */
  readonly queueId?: number
}

// ---- queues -------------------------------------------------------------------------------------------------------

export interface CreateQueue extends QueueAddress {
  readonly settings?: QueueSettingsPatch
  /** Settings that go together, unless `settings` say otherwise. */
  readonly preset?: Preset
  /**
   * When the queue is there already: `keep` it as it is (the default), `match` refuses with `QueueExists` if a setting given
   * differs from the one in force, `refuse` always refuses.
   */
  readonly ifExists?: 'keep' | 'match' | 'refuse'
  /** Refuses to make it when the account has so many explicit queues already. */
  readonly maxQueues?: number
}

export interface QueueView {
  readonly id: number
  readonly account: string
  readonly name: string
  /** 24 lower-case hex digits that stay for as long as the queue does: from its settings, or made for it. */
  readonly publicId: string
  readonly explicit: boolean
  readonly settings: QueueSettings
  readonly createdAt: Millis
  readonly modifiedAt: Millis
  /** Messages stored, whatever their state. */
  readonly messages: number
  /** Of the default group; for a queue with consumer groups, of the retained messages. */
  readonly counts: Counts
  readonly groups: readonly GroupView[]
  /** Where it was asked for. */
  readonly overview?: QueueOverview
}

export interface GroupView {
  readonly id: number
  readonly name: string
  readonly kind: GroupKind
  readonly createdAt: Millis
  readonly counts: Counts
  /** Dead letters of this group that are kept apart, where the queue keeps them so; `done`: those that have left. */
  readonly deadLetters: Counts | null
  /** Messages from before the group was made that are still being given to it, not in `counts` yet; of a group with a tag rule at most so many. */
  readonly pending: number
  readonly tagRule: TagRule | null
  readonly door: Readonly<Record<string, unknown>>
  /** Of a `subscriber` only. */
  readonly subscription: Subscription | null
}

export interface ListQueues {
  readonly account: string
  readonly prefix?: string
  /** Names after this one only. */
  readonly after?: string
  /** 1 to 1,000; default 100. */
  readonly limit?: number
  /** Also virtual queues that hold no message any more; default false. */
  readonly includeEmptyVirtual?: boolean
  /** Each with its `overview`. */
  readonly overview?: boolean
}

export interface GetQueue extends QueueAddress {
  readonly overview?: boolean
}

export interface QueuePage {
  readonly queues: readonly QueueView[]
  /** Pass as `after` for the next page; null on the last one. */
  readonly next: string | null
}

export interface UpdateQueue extends QueueAddress {
  /** Or what makes it of the settings in force, for changes that depend on them. What it throws comes to its caller, and nothing has changed. */
  readonly settings: QueueSettingsPatch | ((current: QueueSettings) => QueueSettingsPatch)
}

/** Oldest and newest stored message of a queue, leased and delayed ones included. */
export interface QueueSpan {
  readonly oldest: { readonly id: string; readonly sentAt: Millis } | null
  readonly newest: { readonly id: string; readonly sentAt: Millis } | null
}

// ---- groups -------------------------------------------------------------------------------------------------------

export interface GroupAddress extends QueueAddress {
  readonly group: string
  /** The group's id, where another one of its name would not do. */
  readonly groupId?: number
}

export interface NewGroup {
  readonly group: string
  /** Default: the group is given every message, until a receive names tags. */
  readonly tagRule?: TagRule | null
  readonly door?: Readonly<Record<string, unknown>>
}

export interface CreateGroup extends QueueAddress, NewGroup {
  /** When the group is there already: `keep` it as it is (the default; refused when another tag rule is given), or refuse. */
  readonly ifExists?: 'keep' | 'refuse'
  /** Makes a subscriber, which any queue may have, instead of a consumer group. */
  readonly subscription?: SubscriptionPatch
}

export interface SubscriptionPatch {
  readonly push?: PushTargetInput | null
  readonly expiresAt?: Millis | null
}

/** Of a subscriber; what is not given stays as it is. */
export interface GroupPatch {
  readonly subscription?: SubscriptionPatch
  readonly door?: Readonly<Record<string, unknown>>
}

export interface UpdateGroup extends GroupAddress, GroupPatch {
  /** In place of a patch what makes it of the queue and its groups as they are. What it throws comes to its caller, and nothing has changed. */
  readonly change?: (queue: QueueView) => GroupPatch
}

/** Makes all of them or none. */
export interface CreateGroups extends QueueAddress {
  readonly groups: readonly NewGroup[]
  readonly ifExists?: 'keep' | 'refuse'
  /** Refuses what would leave the queue with more groups than this. */
  readonly maxGroups?: number
}

// ---- send ---------------------------------------------------------------------------------------------------------

export interface Send extends QueueAddress {
  /** 1 to 1,000, stored in this order in one atomic step, or none of them. */
  readonly messages: readonly NewMessage[]
  /** What to do when there is no such queue: make a virtual one (the default), or refuse. */
  readonly ifMissing?: 'create' | 'refuse'
  /** Refuses what would make the queue hold more than so many messages; its own setting counts too. */
  readonly maxMessages?: number
  /** A second request with the same key (and the same messages) within 24 hours stores nothing and gets the first answer. */
  readonly idempotencyKey?: string
  /** What of the messages depends on the queue: it is asked of the queue that they are sent to, as it is then. Of one that is only made by the send it is not. */
  readonly terms?: (queue: QueueTerms) => Pick<NewMessage, 'retentionMs'>
}

/** What is known of a queue without counting anything. */
export type QueueTerms = Pick<QueueView, 'name' | 'publicId' | 'settings'>

export interface SentMessage {
  readonly id: string
  /** Rises within the queue. */
  readonly position: number
  readonly sentAt: Millis
  /** True when its deduplication id was taken: nothing was stored, and `id` is the first message's. */
  readonly duplicate: boolean
}

// ---- receive ------------------------------------------------------------------------------------------------------

export interface Receive extends QueueAddress {
  /** Default `default`. */
  readonly group?: string
  /** The group's id, where another one of its name would not do. */
  readonly groupId?: number
  /** From the group's own dead letters instead. */
  readonly deadLetters?: boolean
  /**
   * What the receiver takes to be the group's tag rule: the first that is named becomes it. Refused when the group has another one (null: when
   * it has one). Absent: whatever the group has.
   */
  readonly tagRule?: TagRule | null
  /** What is handed out can be acknowledged in order (see `Acknowledge`), and comes in the order of the queue. */
  readonly batch?: boolean
  /** 1 to 1,000; default 1. */
  readonly maxMessages?: number
  /** Stops before this many bytes of bodies and attributes, but hands out at least one message. */
  readonly maxBytes?: number
  /** Default: the queue's. 0 hands out, counts, and leaves the message visible. */
  readonly visibilityTimeoutMs?: number
  /** How long to wait for a first message; default: the queue's. At most 10 minutes. */
  readonly waitMs?: number
  /** A request whose signal is aborted takes nothing. */
  readonly signal?: AbortSignal
  /** Waits besides those that `maxWaiting` counts: for the server's own part. */
  readonly uncounted?: boolean
  /** Overrides for the messages that this request hands out. */
  readonly receiveLimit?: number
  readonly deadLetterQueue?: string
  /** Who receives, to be shown to people. */
  readonly holder?: string
  /** Refuse when there is no such queue, or answer with nothing (default) and wait for it to come into being. */
  readonly ifMissing?: 'refuse' | 'wait'
}

/** Receive and delete in one step. */
export interface Pop extends QueueAddress {
  readonly group?: string
  readonly maxMessages?: number
  /** As for `Receive`. */
  readonly maxBytes?: number
  readonly waitMs?: number
  readonly signal?: AbortSignal
  readonly ifMissing?: 'refuse' | 'wait'
}

export interface ReceivedMessage {
  readonly id: string
  readonly queue: string
  readonly group: string
  /** Names this lease; null for messages that were popped. */
  readonly receiptHandle: string | null
  readonly position: number
  readonly message: Message
  readonly type: DeliveryType
  /** This receive included. */
  readonly receiveCount: number
  readonly firstReceivedAt: Millis
  readonly reprocessCount: number
  /** Releases in a row that were failures; a reprocess begins anew. */
  readonly failures: number
  /** The end of its lease; null for messages that were popped. */
  readonly leasedUntil: Millis | null
  readonly expiresAt: Millis | null
  readonly deadLetterSource: DeadLetterSource | null
}

export interface DeadLetterSource {
  readonly queue: string
  readonly group?: string
  readonly reason: string
  readonly at: Millis
}

// ---- claims -------------------------------------------------------------------------------------------------------

export interface Claim extends QueueAddress {
  readonly group?: string
  /** 1 to 1,000. */
  readonly maxMessages: number
  /** As for `Receive`. */
  readonly maxBytes?: number
  readonly ttlMs: number
  /** Messages under the claim live at least until it ends and this much longer. */
  readonly graceMs: number
  /** But no message for longer than this from its send on; default: any time. */
  readonly maxLifetimeMs?: number
  readonly holder?: string
}

export interface ClaimAddress extends QueueAddress {
  readonly claim: string
}

export interface RenewClaim extends ClaimAddress {
  readonly ttlMs: number
  readonly graceMs: number
  /** As for `Claim`. */
  readonly maxLifetimeMs?: number
}

export interface ClaimView {
  readonly id: string
  readonly ttlMs: number
  readonly graceMs: number
  /** Creation, or the last renewal. */
  readonly renewedAt: Millis
  readonly expiresAt: Millis
  readonly messages: readonly StoredMessage[]
}

// ---- settle -------------------------------------------------------------------------------------------------------

/**
 * Which receipt handles count. `leased`: only while the lease lasts. `latest`: until the message is handed out again.
 * `any`: older ones too, as long as the message is there.
 */
export type HandleRule = 'leased' | 'latest' | 'any'

export type SettleAction =
  /** Gone for this group: acknowledged. */
  | { readonly do: 'delete' }
  /** The lease ends so long from now, whatever was left of it. 0 makes the message visible at once. */
  | { readonly do: 'extend'; readonly visibilityTimeoutMs: number }
  /** Visible again at once or after a delay; `back`: behind the ones waiting rather than in its old place. `failed: false` takes the receive back off the receive count. */
  | {
      readonly do: 'release'
      readonly delayMs?: number
      readonly to?: 'place' | 'back'
      readonly failed?: boolean
      /** With `failed: false`: it remains known when it was first handed out, though that does not count. */
      readonly keepsStart?: boolean
      readonly reason?: string
    }
  /** Type D for so long, without limit and without counting as a failure; refused in ordered queues. */
  | { readonly do: 'reprocess'; readonly delayMs: number; readonly reason?: string }
  | { readonly do: 'finish'; readonly as: FinishedType; readonly reason?: string; readonly outbound?: string }
  /** To the dead letter queue at once, whatever its receive count. */
  | { readonly do: 'dead-letter'; readonly reason?: string }
  /** Its handling has failed for good: a dead letter where the queue or message names a place for those, else type E. */
  | { readonly do: 'fail'; readonly reason?: string; readonly failure?: Failure }

export interface SettleEntry {
  readonly receiptHandle: string
  readonly action: SettleAction
  /** For the message's history, where its queue keeps steps: what its worker wrote, who that was (default: who received it), and more. */
  readonly events?: readonly StepEvent[]
  readonly by?: string
  readonly detail?: StepDetail
}

export interface Settle extends QueueAddress {
  readonly entries: readonly SettleEntry[]
  /** Default `leased`. */
  readonly handles?: HandleRule
}

/**
 * Settles what was received in batches. Entries are worked through in order; one succeeds if it says so and everything before it in its batch has
 * been acknowledged. At the first that does not, all that follow fail too: these messages, and what comes after them in their batches, are
 * visible again at once, in their old places, or dead letters. Refused as a whole, with nothing changed, when a handle does not count.
 */
export interface Acknowledge extends GroupAddress {
  /** Handles are of the group's own dead letters. */
  readonly deadLetters?: boolean
  readonly entries: readonly AcknowledgeEntry[]
}

export interface AcknowledgeEntry {
  readonly receiptHandle: string
  readonly ok: boolean
}

export interface Acknowledged {
  /** The first so many entries. */
  readonly succeeded: number
  readonly failed: number
}

/** One entry a request entry, in the same order. */
export type EntryResult<Value = Settled> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal }

export interface Settled {
  readonly id: string
  /** What the message is now; null when it is gone. */
  readonly type: DeliveryType | null
  readonly reprocessCount: number
  readonly visibleAt: Millis | null
  /** False when there was nothing left to do: the message was gone already. */
  readonly changed: boolean
}

export interface DeleteMessages extends QueueAddress {
  readonly group?: string
  /** Message ids in any of their forms; malformed and unknown ones are answered `changed: false`. */
  readonly ids: readonly string[]
  /** The claim that leased messages are under. */
  readonly claim?: string
  /**
   * What about leased ones: `anyway` deletes them, `refuse` refuses them unless `claim` is the one they are under (and refuses unleased ones when a claim is named).
   */
  readonly leased: 'anyway' | 'refuse'
}

// ---- look ---------------------------------------------------------------------------------------------------------

/** A stored message as it can be seen without taking it. */
export interface StoredMessage {
  readonly id: string
  readonly queue: string
  readonly group: string
  readonly position: number
  readonly message: Message
  readonly type: DeliveryType
  readonly state: DeliveryState
  readonly visibleAt: Millis | null
  readonly receiveCount: number
  readonly firstReceivedAt: Millis | null
  readonly reprocessCount: number
  readonly modifiedAt: Millis
  readonly expiresAt: Millis | null
  readonly claim: string | null
  readonly holder: string | null
  readonly reason: string | null
  readonly outbound: string | null
  readonly failure: Failure | null
  readonly deadLetterSource: DeadLetterSource | null
}

export interface GetMessages extends QueueAddress {
  readonly group?: string
  /** Among the dead letters that the group keeps apart. */
  readonly deadLetters?: boolean
  /** At most 1,000; malformed and unknown ones are left out of the answer, which keeps the order asked for. */
  readonly ids: readonly string[]
}

export interface Browse extends QueueAddress {
  readonly group?: string
  readonly deadLetters?: boolean
  /** From an earlier page, or a message id; absent: from the head of the queue. */
  readonly marker?: string
  /** 1 to 1,000; default 10. */
  readonly limit?: number
  /** Ends the page before this many bytes of bodies and attributes, but has at least one message. */
  readonly maxBytes?: number
  readonly newestFirst?: boolean
  /** Default: all that wait, delayed ones too, but not the leased and not the finished. */
  readonly states?: readonly DeliveryState[]
  readonly types?: readonly DeliveryType[]
  readonly exceptClientId?: string
}

export interface BrowsePage {
  readonly messages: readonly StoredMessage[]
  /**
   * Where the next page begins, until one is empty; stays valid whatever becomes of the messages, and later messages come behind it. Null only when
   * the queue does not exist, or an unknown marker was given.
   */
  readonly marker: string | null
}

export interface MessageStatus {
  readonly id: string
  readonly queue: string
  /** Of the queue; see `QueueView.publicId`. */
  readonly queuePublicId: string
  readonly sentAt: Millis
  readonly delayMs: number
  /** How many consumer groups are done with it, and so not among `deliveries`, while the queue keeps it. */
  readonly groupsDone: number
  /** Where it stands: per consumer group while it is there, else its end. */
  readonly deliveries: readonly DeliveryStatus[]
  readonly ended: {
    readonly outcome: Outcome
    readonly at: Millis
    readonly receiveCount: number
    readonly reprocessCount: number
    readonly firstReceivedAt: Millis | null
    readonly reason: string | null
    readonly failure: Failure | null
  } | null
  /** Each change of its state, where its queue keeps them; `stepsOmitted`: how many lines were left out after the first ten. */
  readonly steps: readonly HistoryStep[]
  readonly stepsOmitted: number
}

export interface DeliveryStatus {
  readonly group: string
  /** The group is a subscriber: what it makes of the message is nothing to the queue. */
  readonly subscriber: boolean
  readonly type: DeliveryType
  readonly state: DeliveryState
  readonly visibleAt: Millis | null
  readonly receiveCount: number
  readonly reprocessCount: number
  readonly firstReceivedAt: Millis | null
  readonly modifiedAt: Millis
  readonly holder: string | null
  readonly reason: string | null
  readonly failure: Failure | null
  readonly deadLetterSource: DeadLetterSource | null
}

// ---- operate ------------------------------------------------------------------------------------------------------

/** What messages are looked for by: all that is given must hold. */
export interface MessageFilter {
  readonly types?: readonly DeliveryType[]
  readonly states?: readonly DeliveryState[]
  readonly sentFrom?: Millis
  readonly sentBefore?: Millis
  /** Texts that these contain, in whatever case; `*` stands for any run of characters. */
  readonly id?: string
  readonly reason?: string
  readonly holder?: string
  readonly contentType?: string
  readonly messageGroup?: string
  readonly attributes?: string
  /** Of bodies the first 64 KiB are looked at. */
  readonly body?: string
}

/** Where messages are looked for. */
interface FilterRequest extends QueueAddress {
  /** Default: `default`; in a queue with consumer groups, its retained messages. */
  readonly group?: string
  readonly deadLetters?: boolean
  readonly filter?: MessageFilter
}

export interface SearchMessages extends FilterRequest {
  /** Default true. */
  readonly newestFirst?: boolean
  /** 1 to 1,000; default 100. */
  readonly limit?: number
  /** Ends the page before this many bytes of bodies and attributes, but has at least one message. */
  readonly maxBytes?: number
  /** Bodies larger than this do not count, and are for the caller to leave out. */
  readonly maxBodyBytes?: number
  /** The `next` or `previous` of an earlier answer, with the same filter and order. */
  readonly page?: string
}

export interface SearchPage {
  readonly messages: readonly StoredMessage[]
  /** Where to search on: there may be fewer messages than asked for, since the work of a request is bounded. Null: nothing is behind. */
  readonly next: string | null
  /** What comes before; null on the first page. */
  readonly previous: string | null
  /** Messages that were looked at. */
  readonly examined: number
  /** On the first page, the marker of where the queue ended as the search began: what comes later is behind it. */
  readonly end: string | null
}

export interface CountMessages extends FilterRequest {
  readonly page?: string
}

export interface CountPage {
  /** Among those that were looked at for this answer, by type. */
  readonly types: Readonly<Record<DeliveryType, number>>
  readonly count: number
  /** Where to count on; null: all were looked at. */
  readonly next: string | null
  readonly examined: number
}

export type OperatorAction =
  /** Type Q at once, from D, P, E, F and S; the reprocess count stays. */
  | { readonly do: 'reprocess' }
  /** Kept as finished, unless it is in work. */
  | { readonly do: 'move'; readonly to: FinishedType }
  /** Sent to a queue as a new message. */
  | { readonly do: 'copy'; readonly to: string }
  /** Gone for every group, in work or not. */
  | { readonly do: 'delete' }

export interface ActOnMessages extends QueueAddress {
  readonly group?: string
  readonly deadLetters?: boolean
  /** 1 to 1,000, in any of their forms. */
  readonly ids: readonly string[]
  readonly action: OperatorAction
  /** Who does it, to be shown to people. */
  readonly by: string
}

/** `refused`: the other queue did not take the copy. */
export type Skipped = 'gone' | 'in-work' | 'nothing-to-do' | 'refused'

export interface ActResult {
  readonly id: string
  readonly changed: boolean
  /** What the message is now; null when it is gone. */
  readonly type: DeliveryType | null
  readonly skipped: Skipped | null
  /** The id of the copy. */
  readonly copy?: string
}

/** Acts on all messages that match, of those that are there now, in slices. */
export interface StartAction extends FilterRequest {
  readonly action: OperatorAction
  readonly by: string
}

/** All that is known of a message. */
export interface MessageDetails extends Omit<MessageStatus, 'deliveries'> {
  /** As it stands for each group of its queue, its dead letters and the queue's own copy (`retained`) too. */
  readonly deliveries: readonly (StoredMessage & { readonly deadLetters: boolean })[]
}

/** Who receives from a queue, as far as this process has seen. */
export interface QueueWorker {
  readonly name: string
  readonly group: string
  readonly since: Millis
  /** When it last received, renewed a lease or began to wait. */
  readonly lastSeenAt: Millis
  /** Receives of it that go on. */
  readonly waiting: number
  readonly inWork: number
}

/** What a queue looks like at a glance: of the default group, or of all consumer groups together. */
export interface QueueOverview {
  readonly types: Readonly<Record<DeliveryType, number>>
  /** Since midnight. */
  readonly today: Readonly<Record<'P' | 'E' | 'F', number>>
  /** When the message that is next to be handed out was sent. */
  readonly oldestWaitingAt: Millis | null
  readonly workers: number
}

// ---- redrive ------------------------------------------------------------------------------------------------------

/** Moves messages out of a queue in slices: back to where each came from, or to one queue. */
export interface StartRedrive extends QueueAddress {
  /** Dead letters kept within this consumer group, back into the group itself. */
  readonly group?: string
  /** Default: each to the queue it was dead lettered from; those that were sent here directly stay. */
  readonly to?: string
  readonly maxPerSecond?: number
  readonly by?: string
}

export type TaskState = 'running' | 'completed' | 'cancelled' | 'failed'

export type TaskKind = 'redrive' | OperatorAction['do']

export interface TaskView {
  readonly id: string
  readonly kind: TaskKind
  readonly queue: string
  readonly group: string | null
  /** The queue to redrive or copy to, or the type to move to. */
  readonly to: string | null
  readonly state: TaskState
  /** Messages it was done to so far. */
  readonly changed: number
  /** Messages that match, but were in work, changed meanwhile or refused. */
  readonly skipped: number
  /** Messages looked at so far. */
  readonly examined: number
  /** Messages there when it began. */
  readonly total: number
  readonly startedAt: Millis
  readonly endedAt: Millis | null
  readonly maxPerSecond: number | null
  readonly failure: string | null
  /** Who began it. */
  readonly by: string | null
}
