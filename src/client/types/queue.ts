import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { DeliveryState, DeliveryType } from '../../protocols/native/schemas/common.ts'
import type { Queue as QueueInfo } from '../../protocols/native/schemas/queues.ts'
import type { QueueSettingsPatch } from '../../protocols/native/schemas/settings.ts'
import type { Task } from '../../protocols/native/schemas/tasks.ts'
import type {
  AnyMessage,
  CallOptions,
  ClaimedMessage,
  Message,
  OutgoingMessage,
  SendOptions,
  SentMessage,
  Settled,
  StoredMessage,
  WorkMessage,
} from './message.ts'
import type { Operate } from './operate.ts'
import type { Work, WorkOptions } from './work.ts'

export interface QueueOptions {
  /** The consumer group to receive as; default `default`. */
  readonly group?: string | undefined
  /** Receives from the dead letters that the group keeps apart, instead. */
  readonly deadLetters?: boolean | undefined
  /** Who receives, to be shown to people. */
  readonly holder?: string | undefined
}

/** What bodies are held to: any validator that speaks Standard Schema. */
export interface CheckedQueueOptions<Schema extends StandardSchemaV1, Check extends BodyCheck = BodyCheck>
  extends QueueOptions {
  readonly schema: Schema
  /** When bodies are checked; default `both`. */
  readonly check?: Check | undefined
}

export type BodyCheck = 'send' | 'receive' | 'both'

export interface RequestOptions extends CallOptions {
  /** A second send with the same key (and the same messages) within 24 hours stores nothing and gets the first answer. */
  readonly idempotencyKey?: string | undefined
  /** When there is no such queue: make a virtual one (default), or refuse. */
  readonly ifMissing?: 'create' | 'refuse' | undefined
}

export interface PopOptions extends CallOptions {
  /** 1 to 1,000; default 1. */
  readonly maxMessages?: number | undefined
  /** How long to wait for a first message; default: the queue's `receiveWaitMs`. At most 10 minutes. */
  readonly waitMs?: number | undefined
  /** When there is no such queue: wait for it to come into being (default), or refuse. */
  readonly ifMissing?: 'wait' | 'refuse' | undefined
}

export interface ReceiveOptions extends PopOptions {
  /** Stops before this many bytes of bodies and attributes, but hands out at least one message. */
  readonly maxBytes?: number | undefined
  /** How long the messages are hidden from others; default: the queue's. */
  readonly visibilityTimeoutMs?: number | undefined
  /** Overrides for the messages that this request hands out. */
  readonly receiveLimit?: number | undefined
  readonly deadLetterQueue?: string | undefined
}

export interface BrowseOptions extends CallOptions {
  /** From an earlier page, or a message id; absent: from the head of the queue. */
  readonly marker?: string | undefined
  /** 1 to 1,000; default 10. */
  readonly limit?: number | undefined
  readonly newestFirst?: boolean | undefined
  /** Default: all that wait, delayed ones too, but not the leased and not the finished. */
  readonly states?: readonly DeliveryState[] | undefined
  readonly types?: readonly DeliveryType[] | undefined
  /** Leaves out messages that this client sent. */
  readonly exceptClientId?: string | undefined
}

export interface MessagePage<T> {
  readonly messages: readonly StoredMessage<T>[]
  /** Where the next page begins; null only when the queue does not exist, or an unknown marker was given. */
  readonly marker: string | null
}

export interface DeleteByIdOptions extends CallOptions {
  /** What about messages that are leased; default `refuse`. */
  readonly leased?: 'anyway' | 'refuse' | undefined
  /** The claim that the message is under. */
  readonly claim?: string | undefined
}

export interface ClaimOptions extends CallOptions {
  /** 1 to 1,000; default 10. */
  readonly maxMessages?: number | undefined
  /** How long the claim lasts. */
  readonly ttlMs: number
  /** The messages live at least until the claim ends and this much longer; default 0. */
  readonly graceMs?: number | undefined
}

/** Several messages under one lease. */
export interface Claim<T> {
  readonly id: string
  readonly ttlMs: number
  readonly graceMs: number
  readonly renewedAt: number
  readonly expiresAt: number
  readonly messages: readonly ClaimedMessage<T>[]
}

export interface RenewClaimOptions extends CallOptions {
  readonly ttlMs: number
  readonly graceMs?: number | undefined
}

export interface Claims<T> {
  /** Null when there was nothing to claim. */
  create(options: ClaimOptions): Promise<Claim<T> | null>
  get(claim: string, options?: CallOptions): Promise<Claim<T>>
  renew(claim: string, options: RenewClaimOptions): Promise<Claim<T>>
  /** False when there was no such claim. */
  release(claim: string, options?: CallOptions): Promise<boolean>
}

export interface RedriveOptions extends CallOptions {
  /** Dead letters kept within this consumer group, back into the group itself. */
  readonly group?: string | undefined
  /** Default: each to the queue it was dead lettered from. */
  readonly to?: string | undefined
  readonly maxPerSecond?: number | undefined
}

export interface MessagesOptions extends CallOptions {
  /** How many messages to hold ready beyond the one that is being looked at; default 10. */
  readonly prefetch?: number | undefined
  /** How long the lease of a message lasts if this process dies; it is renewed meanwhile. Default 30 s. */
  readonly visibilityTimeoutMs?: number | undefined
}

/** One queue: `Out` is what bodies are when they come in, `In` what they must be to go out. */
export interface Queue<Out, In = Out> extends AsyncIterable<WorkMessage<Out>> {
  readonly name: string
  readonly group: string

  /** Resolves when the message is durable. Sends of the same moment travel together, in the order of the calls. */
  send(body: In, options?: SendOptions & RequestOptions): Promise<SentMessage>
  /** Up to 1,000 messages (8 MiB) are stored in one atomic step; more go in several, in order. */
  sendMany(messages: Iterable<OutgoingMessage<In>>, options?: RequestOptions): Promise<readonly SentMessage[]>
  /** Waiting receives of one process travel together, and are served in the order of the calls. */
  receive(options?: ReceiveOptions): Promise<readonly Message<Out>[]>
  /** Receives and deletes in one step. */
  pop(options?: PopOptions): Promise<readonly AnyMessage<Out>[]>
  /** Message after message until the loop is left. Delete each one; what is not settled comes again. */
  messages(options?: MessagesOptions): AsyncIterableIterator<WorkMessage<Out>>
  /** Runs the handler for each message: returns deletes the message, throws hands it back for a later try. */
  work(handler: (message: WorkMessage<Out>) => unknown, options?: WorkOptions<Out>): Work

  browse(options?: BrowseOptions): Promise<MessagePage<Out>>
  /** Null when the queue does not hold it. */
  get(id: string, options?: CallOptions): Promise<StoredMessage<Out> | null>
  /** In the order asked for, without those that the queue does not hold; at most 1,000. */
  getMany(ids: readonly string[], options?: CallOptions): Promise<readonly StoredMessage<Out>[]>
  /** `changed` is false in the answer when there was no such message. */
  deleteById(id: string, options?: DeleteByIdOptions): Promise<Settled>
  /** For a message that another process received: acknowledged, as long as nobody else has been handed it since. */
  deleteByReceipt(receiptHandle: string, options?: CallOptions): Promise<Settled>
  readonly claims: Claims<Out>
  readonly operate: Operate<Out>

  info(options?: CallOptions & { readonly span?: boolean | undefined }): Promise<QueueInfo>
  update(settings: QueueSettingsPatch, options?: CallOptions): Promise<QueueInfo>
  /** Removes every message, in whatever state; answers how many. */
  purge(options?: CallOptions): Promise<number>
  /** Moves dead letters back to where they came from, or elsewhere, in the background; see `tasks`. */
  redrive(options?: RedriveOptions): Promise<Task>
}
