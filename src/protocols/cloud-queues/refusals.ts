import type { Refusal, RefusalCode } from '../../core/errors.ts'
import { type Answer, json } from './answer.ts'

interface RefusalAnswer {
  readonly status: number
  readonly title: string
  /** What to do, where core does not say it. */
  readonly advice?: string
}

const badRequest = { status: 400, title: 'Invalid API request' }
const absent = { status: 404, title: 'Not found' }
const conflict = { status: 409, title: 'Resource conflict' }
/** Clients of this API take most other numbers for a success. */
const unavailable = { status: 503, title: 'Service temporarily unavailable' }
const busy = { ...unavailable, advice: 'Please try again in a few seconds.' }

/** How each way in which core says no is answered here. Most of them no request of this door can meet. */
const refusals = {
  ArgumentInvalid: badRequest,
  SettingInvalid: badRequest,
  MessageTooLarge: badRequest,
  InputInvalid: badRequest,
  ReceiptHandleInvalid: badRequest,
  QueueNotFound: absent,
  QueueExists: conflict,
  GroupNotFound: badRequest,
  GroupExists: conflict,
  GroupsNotEnabled: badRequest,
  TagRuleFixed: badRequest,
  TooManyGroups: badRequest,
  TooManyQueues: badRequest,
  MessageNotFound: absent,
  ClaimNotFound: absent,
  TaskNotFound: absent,
  TaskNotRunning: badRequest,
  TaskAlreadyRunning: conflict,
  LeaseLost: badRequest,
  MessageLeased: { status: 403, title: 'Forbidden' },
  MessageNotClaimed: badRequest,
  OrderedQueue: badRequest,
  QueueNotEmpty: badRequest,
  IdempotencyKeyReused: badRequest,
  QueueFull: busy,
  TooManyLeased: busy,
  TooManyWaiting: busy,
  StoreUnavailable: unavailable,
  ShuttingDown: unavailable,
} satisfies Record<RefusalCode, RefusalAnswer>

export const refusalAnswer = (refusal: Refusal): Answer => {
  const { status, title, advice }: RefusalAnswer = refusals[refusal.code]
  const description = advice === undefined ? refusal.message : `${refusal.message} ${advice}`
  const answer = { status, content: json({ title, description }) }
  return status === 503 ? { ...answer, headers: ['Retry-After', '1'] } : answer
}
