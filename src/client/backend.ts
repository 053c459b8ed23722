/**
 * What the client needs of Millrace, wherever that is: over HTTP, or in this process. Everything above it (coalescing,
 * workers, checks of bodies) is the same for both. Every method rejects with a `MillraceError`.
 */
import type { DeliveryState, DeliveryType } from '../protocols/native/schemas/common.ts'
import type { ActAnswer, CountAnswer, MessageFilter, OperatorAction } from '../protocols/native/schemas/operate.ts'
import type { HandleRule, SettleAction } from '../protocols/native/schemas/settle.ts'
import type { Task } from '../protocols/native/schemas/tasks.ts'
import type { BodyForm } from './body.ts'
import type { MillraceError } from './error.ts'
import type { Attributes, DeadLetterSource, SendOptions, SentMessage, Settled, StepEvent } from './types/message.ts'
import type { Admin, Groups, Millrace, Queues, Tasks } from './types/millrace.ts'
import type { QueueWorker, SearchOptions } from './types/operate.ts'
import type { BrowseOptions } from './types/queue.ts'

export interface Backend {
  /** In one atomic step, at most `limits.maxBatch` messages and about `limits.maxBatchBytes`. */
  send(request: SendRequest): Promise<readonly SentMessage[]>
  receive(request: ReceiveRequest): Promise<readonly ReceivedRecord[]>
  pop(request: PopRequest): Promise<readonly MessageRecord[]>
  settle(request: SettleRequest): Promise<readonly SettleResult[]>
  deleteMessages(request: DeleteRequest): Promise<readonly SettleResult[]>

  claim(request: ClaimRequest): Promise<ClaimRecord | null>
  getClaim(request: ClaimAddress): Promise<ClaimRecord>
  renewClaim(request: RenewClaimRequest): Promise<ClaimRecord>
  releaseClaim(request: ClaimAddress): Promise<boolean>

  browse(request: BrowseRequest): Promise<RecordPage>
  getMessages(request: GetRequest): Promise<readonly StoredRecord[]>

  purge(queue: string, signal: AbortSignal | undefined): Promise<number>
  redrive(request: RedriveRequest): Promise<Task>
  search(request: SearchRequest): Promise<FoundRecords>
  count(request: CountRequest): Promise<CountAnswer>
  act(request: ActRequest): Promise<ActAnswer>
  actOnAll(request: ActOnAllRequest): Promise<Task>
  workers(queue: string, signal: AbortSignal | undefined): Promise<readonly QueueWorker[]>
  readonly queues: Queues
  readonly groups: Groups
  readonly tasks: Tasks
  readonly admin: Admin
  readonly status: Millrace['status']

  close(): Promise<void>
}

/** A message ready to be sent. */
export interface OutgoingRecord {
  readonly form: BodyForm
  /** JSON text, text, or bytes. */
  readonly body: string | Uint8Array
  /** Undefined: the one that goes with the form. */
  readonly contentType: string | undefined
  /** JSON text of an object. */
  readonly attributes: string | undefined
  readonly options: MessageOptions | undefined
}

/** What is said of few messages; only members that are given. */
export type MessageOptions = {
  -readonly [Name in Exclude<keyof SendOptions, 'contentType' | 'attributes'>]?: NonNullable<SendOptions[Name]>
}

interface Request {
  readonly queue: string
  readonly signal?: AbortSignal | undefined
}

interface GroupRequest extends Request {
  /** Undefined: `default`. */
  readonly group: string | undefined
}

export interface SendRequest extends Request {
  readonly messages: readonly OutgoingRecord[]
  readonly idempotencyKey?: string | undefined
  readonly ifMissing?: 'create' | 'refuse' | undefined
}

export interface PopRequest extends GroupRequest {
  readonly maxMessages: number
  readonly waitMs: number | undefined
  readonly ifMissing: 'wait' | 'refuse' | undefined
}

export interface ReceiveRequest extends PopRequest {
  readonly deadLetters: boolean | undefined
  readonly maxBytes: number | undefined
  readonly visibilityTimeoutMs: number | undefined
  readonly receiveLimit: number | undefined
  readonly deadLetterQueue: string | undefined
  readonly holder: string | undefined
}

export interface SettleRequest extends Request {
  readonly handles: HandleRule
  readonly entries: readonly {
    readonly receiptHandle: string
    readonly action: SettleAction
    readonly events?: readonly StepEvent[]
  }[]
}

export interface DeleteRequest extends GroupRequest {
  readonly ids: readonly string[]
  readonly claim: string | undefined
  readonly leased: 'anyway' | 'refuse'
}

/** One for each entry of the request, in its order. */
export type SettleResult =
  | { readonly ok: true; readonly value: Settled }
  | { readonly ok: false; readonly error: MillraceError }

export interface ClaimRequest extends GroupRequest {
  readonly maxMessages: number
  readonly ttlMs: number
  readonly graceMs: number
  readonly holder: string | undefined
}

export interface ClaimAddress extends Request {
  readonly claim: string
}

export interface RenewClaimRequest extends ClaimAddress {
  readonly ttlMs: number
  readonly graceMs: number
}

export interface ClaimRecord {
  readonly id: string
  readonly ttlMs: number
  readonly graceMs: number
  readonly renewedAt: number
  readonly expiresAt: number
  readonly messages: readonly StoredRecord[]
}

export interface BrowseRequest extends GroupRequest, Omit<BrowseOptions, 'signal'> {
  readonly deadLetters: boolean | undefined
}

export interface RecordPage {
  readonly messages: readonly StoredRecord[]
  readonly marker: string | null
}

export interface GetRequest extends GroupRequest {
  readonly deadLetters: boolean | undefined
  readonly ids: readonly string[]
}

export interface RedriveRequest extends Request {
  readonly group: string | undefined
  readonly to: string | undefined
  readonly maxPerSecond: number | undefined
}

interface OperateRequest extends GroupRequest {
  readonly deadLetters: boolean | undefined
}

export interface SearchRequest extends OperateRequest, Omit<SearchOptions, 'signal'> {}

export interface FoundRecords {
  readonly messages: readonly StoredRecord[]
  readonly next: string | null
  readonly previous: string | null
  readonly examined: number
  readonly end: string | null
}

export interface CountRequest extends OperateRequest {
  readonly filter: MessageFilter | undefined
  readonly page: string | undefined
}

export interface ActRequest extends OperateRequest {
  readonly ids: readonly string[]
  readonly action: OperatorAction
}

export interface ActOnAllRequest extends OperateRequest {
  readonly action: OperatorAction
  readonly filter: MessageFilter | undefined
}

/** A message as the backend holds it: nothing is decoded before it is asked for. */
export interface MessageRecord {
  readonly id: string
  readonly position: number
  readonly type: DeliveryType
  readonly form: BodyForm
  json(): unknown
  text(): string
  bytes(): Uint8Array
  readonly contentType: string | null
  attributes(): Attributes
  attributesText(): string | null
  readonly priority: number
  readonly messageGroup: string | null
  readonly deduplicationId: string | null
  readonly tags: readonly string[]
  readonly clientId: string | null
  readonly sentAt: number
  readonly expiresAt: number | null
  readonly receiveCount: number
  readonly firstReceivedAt: number | null
  readonly reprocessCount: number
  readonly deadLetterSource: DeadLetterSource | null
  readonly traceparent: string | null
}

export interface ReceivedRecord extends MessageRecord {
  readonly failures: number
  readonly receiptHandle: string
  readonly leasedUntil: number
}

export interface StoredRecord extends MessageRecord {
  readonly state: DeliveryState
  readonly visibleAt: number | null
  readonly modifiedAt: number
  readonly claim: string | null
  readonly holder: string | null
  readonly reason: string | null
  readonly outbound: string | null
}
