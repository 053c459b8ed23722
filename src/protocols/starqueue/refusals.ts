import type { Refusal, RefusalCode } from '../../core/errors.ts'
import type { Answer } from './answer.ts'

interface RefusalAnswer {
  readonly status: number
  /** Instead of what core says of it; with a status of 500 or more, beside that. */
  readonly error?: string
  readonly retryAfter?: number
}

/** How each way in which core says no is answered here. Most of them no request of this door can meet. */
const refusals = {
  ArgumentInvalid: { status: 400 },
  SettingInvalid: { status: 400 },
  MessageTooLarge: { status: 400 },
  InputInvalid: { status: 400 },
  ReceiptHandleInvalid: { status: 400 },
  QueueNotFound: { status: 404, error: 'not found' },
  QueueExists: { status: 400 },
  GroupNotFound: { status: 400 },
  GroupExists: { status: 400 },
  GroupsNotEnabled: { status: 400 },
  TooManyQueues: { status: 400 },
  TooManyGroups: { status: 400 },
  TagRuleFixed: { status: 400 },
  MessageNotFound: { status: 404, error: 'not found' },
  ClaimNotFound: { status: 404, error: 'not found' },
  TaskNotFound: { status: 404, error: 'not found' },
  TaskNotRunning: { status: 400 },
  TaskAlreadyRunning: { status: 400 },
  LeaseLost: { status: 400 },
  MessageLeased: { status: 400 },
  MessageNotClaimed: { status: 400 },
  OrderedQueue: { status: 400 },
  QueueNotEmpty: { status: 400 },
  IdempotencyKeyReused: { status: 400 },
  QueueFull: { status: 429, error: 'queue is full', retryAfter: 1 },
  TooManyLeased: { status: 429, error: 'too many messages are in flight', retryAfter: 1 },
  TooManyWaiting: { status: 429, error: 'too many requests are waiting', retryAfter: 1 },
  StoreUnavailable: { status: 503, error: 'service unavailable', retryAfter: 1 },
  ShuttingDown: { status: 503, error: 'service unavailable', retryAfter: 1 },
} satisfies Record<RefusalCode, RefusalAnswer>

export const refusalAnswer = (refusal: Refusal): Answer => {
  const { status, error, retryAfter }: RefusalAnswer = refusals[refusal.code]
  return {
    status,
    content: {
      ...(error !== undefined && { error }),
      ...((error === undefined || status >= 500) && { detail: refusal.message }),
    },
    ...(retryAfter === undefined ? {} : { headers: ['Retry-After', String(retryAfter)] }),
  }
}
