import { isRefusal, type Refusal, type RefusalCode, type RefusalData } from '../../core/errors.ts'
import { type Answer, type ErrorCode, invalidFields, refused } from './answer.ts'

interface RefusalAnswer {
  readonly status: number
  readonly code: ErrorCode
  readonly retryAfter?: number
}

const impossible = { status: 400, code: 'invalid_request' } as const
const absent = { status: 404, code: 'resource_not_found' } as const
const later = { status: 503, code: 'service_unavailable', retryAfter: 1 } as const

/** How each way in which core says no is answered here. Most of them no request of this door can meet. */
const refusals = {
  InputInvalid: { status: 400, code: 'validation_error' },
  ArgumentInvalid: { status: 400, code: 'validation_error' },
  SettingInvalid: { status: 400, code: 'validation_error' },
  MessageTooLarge: { status: 413, code: 'request_body_size_too_large' },
  QueueNotFound: { status: 404, code: 'queue_not_found' },
  QueueFull: { status: 429, code: 'queue_full', retryAfter: 1 },
  TooManyLeased: { status: 429, code: 'rate_limit_exceeded', retryAfter: 1 },
  TooManyWaiting: { status: 429, code: 'rate_limit_exceeded', retryAfter: 1 },
  StoreUnavailable: later,
  ShuttingDown: later,
  GroupNotFound: absent,
  MessageNotFound: absent,
  ClaimNotFound: absent,
  TaskNotFound: absent,
  ReceiptHandleInvalid: impossible,
  QueueExists: impossible,
  GroupExists: impossible,
  GroupsNotEnabled: impossible,
  TaskNotRunning: impossible,
  TaskAlreadyRunning: impossible,
  LeaseLost: impossible,
  MessageLeased: impossible,
  MessageNotClaimed: impossible,
  OrderedQueue: impossible,
  QueueNotEmpty: impossible,
  IdempotencyKeyReused: impossible,
  TagRuleFixed: impossible,
  TooManyGroups: impossible,
  TooManyQueues: impossible,
} satisfies Record<RefusalCode, RefusalAnswer>

export const refusalAnswer = (refusal: Refusal): Answer => {
  if (isRefusal(refusal, 'InputInvalid')) return invalidInput(refusal.data)
  const { status, code, retryAfter }: RefusalAnswer = refusals[refusal.code]
  const headers = retryAfter === undefined ? undefined : ['Retry-After', String(retryAfter)]
  return refused(status, code, refusal.message, { ...refusal.data }, headers).answer
}

/** One entry for each fault that was found. */
const invalidInput = ({ violations, more }: RefusalData['InputInvalid']): Answer => {
  const faults = violations.map(({ message, ...details }) => ({ message, details: { ...details } }))
  const rest = more > 0 ? [{ message: `And ${more} more.`, details: { more } }] : []
  return invalidFields([...faults, ...rest]).answer
}
