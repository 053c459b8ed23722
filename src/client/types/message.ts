import type { DeliveryState, DeliveryType } from '../../protocols/native/schemas/common.ts'

/** Names and JSON values that travel with a message. */
export type Attributes = Readonly<Record<string, unknown>>

/** What a sender may say of one message. */
export interface SendOptions {
  /** Default: `application/json`; `text/plain; charset=utf-8` for strings, `application/octet-stream` for bytes. */
  readonly contentType?: string | undefined
  readonly attributes?: Attributes | undefined
  /** How long the message stays hidden first; default: the queue's. */
  readonly delayMs?: number | undefined
  /** Higher ones are handed out first; default 0. */
  readonly priority?: number | undefined
  /** How long the message lives; default: the queue's retention. */
  readonly retentionMs?: number | undefined
  /** The ordering key: within a message group, first in, first out. */
  readonly messageGroup?: string | undefined
  /** Another message with this id within the window is not stored again. */
  readonly deduplicationId?: string | undefined
  readonly deduplicationWindowMs?: number | undefined
  /** Overrides the queue's. */
  readonly receiveLimit?: number | undefined
  /** Overrides the queue's. */
  readonly deadLetterQueue?: string | undefined
  /** What consumer groups with a tag rule go by: at most 20, without commas. */
  readonly tags?: readonly string[] | undefined
  /** Who sends it; `browse` can leave a client's own messages out. */
  readonly clientId?: string | undefined
  /** W3C trace context of the send. */
  readonly traceparent?: string | undefined
}

/** A message to send, with its options beside its body. */
export interface OutgoingMessage<T> extends SendOptions {
  readonly body: T
}

export interface SentMessage {
  readonly id: string
  /** Rises within the queue. */
  readonly position: number
  readonly sentAt: number
  /** True when its deduplication id was taken: nothing was stored, and `id` is the first message's. */
  readonly duplicate: boolean
}

/** A message, however it was met. Times are milliseconds since 1970. */
export interface AnyMessage<T> {
  readonly id: string
  readonly queue: string
  readonly group: string
  /**
   * JSON parsed, text as a string, anything else as bytes; what the queue's schema made of it, if it has one. Throws a
   * `MillraceError` with the code `InvalidBody` when it is not what it says it is.
   */
  readonly body: T
  /** The body as text, to the letter: JSON keeps its long numbers, spaces and order of names. */
  text(): string
  /** The body's bytes, as they came. Not to be written to. */
  bytes(): Uint8Array
  readonly contentType: string | null
  readonly attributes: Attributes
  /** The attributes as JSON text, to the letter; null when there are none. */
  attributesText(): string | null
  /** Rises within the queue. */
  readonly position: number
  readonly type: DeliveryType
  readonly priority: number
  readonly messageGroup: string | null
  readonly deduplicationId: string | null
  readonly tags: readonly string[]
  readonly clientId: string | null
  readonly sentAt: number
  readonly expiresAt: number | null
  /** How often it was handed out, this time included. */
  readonly receiveCount: number
  readonly firstReceivedAt: number | null
  /** How often a worker put it aside for later. */
  readonly reprocessCount: number
  readonly deadLetterSource: DeadLetterSource | null
  readonly traceparent: string | null
}

export interface DeadLetterSource {
  readonly queue: string
  readonly group?: string
  readonly reason: string
  readonly at: number
}

/** What became of a message when it was settled. */
export interface Settled {
  readonly id: string
  /** What the message is now; null when it is gone. */
  readonly type: DeliveryType | null
  readonly reprocessCount: number
  readonly visibleAt: number | null
  /** False when there was nothing left to do: the message was gone already. */
  readonly changed: boolean
}

/** Something to be said of a message, in its history. */
export interface StepEvent {
  readonly severity: 'info' | 'warning' | 'error'
  readonly text: string
}

interface SettleOptions {
  /** Lines for the message's history, written with what is done to it. */
  readonly events?: readonly StepEvent[] | undefined
}

export type FinishedAs = 'processed' | 'errored' | 'filtered' | 'shelved'

export interface ReleaseOptions extends SettleOptions {
  /** How long it stays hidden; default 0. */
  readonly delayMs?: number | undefined
  /** To its old place (default), or behind the messages that wait. */
  readonly to?: 'place' | 'back' | undefined
  /** False takes this receive back off its receive count; default true. */
  readonly failed?: boolean | undefined
  /** Kept with the message, to be shown to people. */
  readonly reason?: string | undefined
}

export interface FinishOptions extends SettleOptions {
  readonly reason?: string | undefined
  /** What its processing gave; kept with the message. */
  readonly outbound?: string | undefined
}

export interface CallOptions {
  /** Gives up; what was sent already may still be carried out. */
  readonly signal?: AbortSignal | undefined
}

/** A message under a lease of its own, to be settled before the lease ends. */
export interface Message<T> extends AnyMessage<T> {
  readonly receiptHandle: string
  /** By the server's clock; moves on when the lease is extended. */
  readonly leasedUntil: number
  /** Releases in a row that were failures, since it was sent, put aside or reprocessed by hand. */
  readonly failures: number
  /** Whether it has been deleted, released, put aside or finished through this object. */
  readonly settled: boolean
  /** Gone for this group: acknowledged. */
  delete(options?: CallOptions): Promise<Settled>
  /** The lease ends so long from now, whatever was left of it. */
  extend(visibilityTimeoutMs: number, options?: CallOptions): Promise<Settled>
  /** Back into the queue. */
  release(options?: ReleaseOptions & CallOptions): Promise<Settled>
  /** Aside for so long, without limit and without counting as a failure; refused in ordered queues. */
  reprocess(
    delayMs: number,
    options?: { readonly reason?: string | undefined } & SettleOptions & CallOptions,
  ): Promise<Settled>
  /** Done; what is kept of it is for the queue's settings to say. */
  finish(as: FinishedAs, options?: FinishOptions & CallOptions): Promise<Settled>
  /** To the dead letters at once, whatever its receive count. */
  deadLetter(options?: { readonly reason?: string | undefined } & SettleOptions & CallOptions): Promise<Settled>
}

/** A message in the hands of a worker, or of a `for await` loop: its lease is renewed until it is settled or the work on it ends. */
export interface WorkMessage<T> extends Message<T> {
  /** Aborted when the lease is lost, or when the worker stops and its grace is over. */
  readonly signal: AbortSignal
  /** Whether that has happened. */
  readonly lost: boolean
}

/** A message as it is seen without taking it. */
export interface StoredMessage<T> extends AnyMessage<T> {
  readonly state: DeliveryState
  /** While it is delayed or leased: until when. */
  readonly visibleAt: number | null
  readonly modifiedAt: number
  readonly claim: string | null
  readonly holder: string | null
  /** What its worker last said of it. */
  readonly reason: string | null
  readonly outbound: string | null
}

/** A message under a claim, to be deleted before the claim ends. */
export interface ClaimedMessage<T> extends StoredMessage<T> {
  delete(options?: CallOptions): Promise<Settled>
}
