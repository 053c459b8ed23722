import type { Millis } from './clock.ts'
import type { Failure } from './failure.ts'
import type { Message } from './message.ts'

/**
 * What a message is to one consumer group, in one letter: Queued (waiting or being processed), Delayed by its worker,
 * Processed, Errored, Filtered, Shelved. Only Q is ever handed out; P, E, F and S are finished and stay as the queue's settings say.
 */
export type DeliveryType = 'Q' | 'D' | 'P' | 'E' | 'F' | 'S'
export type FinishedType = 'P' | 'E' | 'F' | 'S'

/**
 * - `ready`: may be handed out now; the only state in the index that receives read
 * - `behind`: visible, but an older message of its message group comes first (ordered queues)
 * - `delayed`: not visible before `visibleAt`: the sender's delay, a reprocess (type D) or a retry
 * - `leased`: handed out, until `visibleAt`
 * - `finished`: type P, E, F or S
 */
export type DeliveryState = 'ready' | 'behind' | 'delayed' | 'leased' | 'finished'

/** One message's state for one consumer group: small and hot. Its key is (`groupId`, `position`). */
export interface Delivery {
  readonly groupId: number
  /** Rises in the order in which messages came into the queue. Below 2^48. */
  readonly position: number
  readonly serial: number
  readonly type: DeliveryType
  readonly state: DeliveryState
  /** While delayed or leased: until when. Otherwise 0. */
  readonly visibleAt: Millis
  /** When something happens to it by itself: the end of its lease or delay, its expiry, its removal. Null: nothing. */
  readonly dueAt: Millis | null
  /** Ready deliveries are handed out in ascending order of (`urgency`, `rank`). */
  readonly urgency: number
  readonly rank: number
  readonly messageGroup: string | null
  /** How often it was handed out. */
  readonly receiveCount: number
  readonly firstReceivedAt: Millis | null
  /** How often its worker has put it aside for later; never counts towards the receive limit. */
  readonly reprocessCount: number
  /** Names the latest lease; 0 before the first. */
  readonly nonce: number
  /** The claim that the lease belongs to, or the batch. */
  readonly claimId: string | null
  readonly modifiedAt: Millis
  /** What few deliveries have. */
  readonly detail: DeliveryDetail | null
}

export interface DeliveryDetail {
  /** The queue it was dead lettered from, with the cause. */
  readonly source?: { readonly queue: string; readonly group?: string; readonly reason: string; readonly at: Millis }
  /** Overrides that the latest receive brought along. */
  readonly receiveLimit?: number
  readonly deadLetterQueue?: string
  /** Who holds the lease, to show to people. */
  readonly holder?: string
  readonly leasedAt?: Millis
  /** Its own end of life, where it differs from its message's (dead letters kept within their group). */
  readonly expiresAt?: Millis
  /** The latest lease was released: a repeated request gets the first answer. */
  readonly settled?: 'release'
  /** The latest reprocess, by the nonce of its lease: a repeated request gets the first answer, even when the delay is over. */
  readonly reprocessed?: { readonly nonce: number; readonly count: number; readonly until: Millis | null }
  /** By hand, to its old place in an ordered queue, and not handed out since. */
  readonly broughtBack?: true
  /** Receives that ended in a reprocess: they do not count against the receive limit. */
  readonly excusedReceives?: number
  /** Releases in a row that were failures. */
  readonly failures?: number
  /** What its handler said: the latest first, bounded. */
  readonly reason?: string
  readonly outbound?: string
  /** Why its handling failed. */
  readonly failure?: Failure
}

/** A delivery with its message. */
export interface Item {
  readonly delivery: Delivery
  readonly message: Message
}
