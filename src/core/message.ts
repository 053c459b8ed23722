import type { Millis } from './clock.ts'

/**
 * A message as it was sent. Written once and never changed; only its place (`queueId`, `position`) follows it when it
 * is moved to another queue.
 */
export interface Message {
  /** Unique in the store and rising: the second half of the message's id, and its key. Below 2^48. */
  readonly serial: number
  readonly sentAt: Millis
  /** The queue it is in, and its place there: deliveries of it are at (a group of this queue, this position). */
  readonly queueId: number
  readonly position: number
  /** When it ceases to be, or null: then the retention of its queue decides, as it stands at the moment. */
  readonly expiresAt: Millis | null
  /** Higher first. -2^31 to 2^31 - 1, usually 0. */
  readonly priority: number
  readonly body: Uint8Array
  readonly contentType: string | null
  readonly messageGroup: string | null
  /** Attributes as JSON text, exactly as the sender's door gave it, or null. */
  readonly attributes: string | null
  /** What few messages have. */
  readonly extra: MessageExtra | null
}

export interface MessageExtra {
  readonly deduplicationId?: string
  /** Overrides the queue's receive limit; see `QueueSettings.receiveLimit`. */
  readonly receiveLimit?: number
  /** The receive limit goes with the message to its dead letter queue. */
  readonly keepsReceiveLimit?: true
  /** Overrides the queue's dead letter queue: a queue name of the same account. */
  readonly deadLetterQueue?: string
  /** Who sent it, as its door identifies clients; `browse` can leave a client's own messages out. */
  readonly clientId?: string
  /** The principal that sent it. */
  readonly senderId?: string
  /** What consumer groups with a tag rule go by. */
  readonly tags?: readonly string[]
  /** How long it was delayed when it was sent: its sender's delay, else its queue's. */
  readonly delayMs?: number
  /** W3C trace context of the send. */
  readonly traceparent?: string
  /** What a door must keep to give the message back in its own terms; no meaning to core. */
  readonly door?: unknown
}

/** What a sender says of one message. */
export interface NewMessage {
  readonly body: Uint8Array
  readonly contentType?: string | null
  /** JSON text of an object, kept to the letter. */
  readonly attributes?: string | null
  /** Default: the queue's. 0 to 10 years. */
  readonly delayMs?: number
  readonly priority?: number
  /** Default: the queue's retention, as it stands at any time. From 1 ms. */
  readonly retentionMs?: number
  readonly messageGroup?: string
  /** A message with the same id in the queue within the window is not stored again. */
  readonly deduplicationId?: string
  /** Default: the queue's window. 0 reserves nothing. */
  readonly deduplicationWindowMs?: number
  readonly receiveLimit?: number
  /**
   * The limit holds in the dead letter queue that the message is moved to as well, where it counts anew: received as often there, it is gone.
   * Otherwise dead letters stay until they are deleted or expire.
   */
  readonly keepsReceiveLimit?: boolean
  readonly deadLetterQueue?: string
  readonly clientId?: string
  readonly senderId?: string
  readonly traceparent?: string
  /** At most 20, each of 1 to 128 characters without commas. */
  readonly tags?: readonly string[]
  readonly door?: unknown
}
