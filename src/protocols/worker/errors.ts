import type { Refusal, RefusalCode } from '../../core/errors.ts'
import type { Answer } from './operation.ts'

/** Everything that can go wrong, in the words of this protocol. */
export type ErrorCode =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'lock_lost'
  | 'ordered_queue'
  | 'conflict'
  | 'too_large'
  | 'queue_full'
  | 'too_many_requests'
  | 'unavailable'
  | 'internal'

export class ProtocolError extends Error {
  readonly status: number
  readonly code: ErrorCode
  readonly headers: readonly string[]

  constructor(status: number, code: ErrorCode, message: string, headers: readonly string[] = []) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

export const badRequest = (message: string): ProtocolError => new ProtocolError(400, 'bad_request', message)

export const lockLost = (): ProtocolError =>
  new ProtocolError(
    409,
    'lock_lost',
    'The lock is not the latest of this message: its hold has run out, or it is settled.',
  )

/** How each way in which core says no is answered here. Most of them no request of this door can meet. */
const refusals = {
  ArgumentInvalid: [400, 'bad_request'],
  SettingInvalid: [400, 'bad_request'],
  InputInvalid: [400, 'bad_request'],
  ReceiptHandleInvalid: [409, 'lock_lost'],
  LeaseLost: [409, 'lock_lost'],
  OrderedQueue: [409, 'ordered_queue'],
  QueueNotFound: [404, 'not_found'],
  GroupNotFound: [404, 'not_found'],
  MessageNotFound: [404, 'not_found'],
  ClaimNotFound: [404, 'not_found'],
  TaskNotFound: [404, 'not_found'],
  QueueExists: [409, 'conflict'],
  GroupExists: [409, 'conflict'],
  GroupsNotEnabled: [409, 'conflict'],
  TagRuleFixed: [409, 'conflict'],
  TooManyQueues: [409, 'conflict'],
  TooManyGroups: [409, 'conflict'],
  TaskNotRunning: [409, 'conflict'],
  TaskAlreadyRunning: [409, 'conflict'],
  MessageLeased: [409, 'conflict'],
  MessageNotClaimed: [409, 'conflict'],
  QueueNotEmpty: [409, 'conflict'],
  IdempotencyKeyReused: [409, 'conflict'],
  MessageTooLarge: [413, 'too_large'],
  QueueFull: [429, 'queue_full'],
  TooManyLeased: [429, 'too_many_requests'],
  TooManyWaiting: [503, 'too_many_requests'],
  StoreUnavailable: [503, 'unavailable'],
  ShuttingDown: [503, 'unavailable'],
} satisfies Record<RefusalCode, readonly [number, ErrorCode]>

export const asProtocolError = (refusal: Refusal): ProtocolError => {
  const [status, code] = refusals[refusal.code]
  return new ProtocolError(status, code, refusal.message, status === 429 || status === 503 ? ['Retry-After', '1'] : [])
}

export const errorAnswer = ({ status, code, message, headers }: ProtocolError): Answer => ({
  status,
  content: { error: { code, message } },
  headers,
})
