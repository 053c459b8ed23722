import type { Refusal, RefusalCode, RefusalData } from '../../core/errors.ts'
import { type Code, Refused } from './problems.ts'

/** How each way in which core says no is answered here; without a text of its own, as core says it. Most of them no request of this door can meet. */
const codes = {
  QueueNotFound: 10240401,
  QueueExists: 10240017,
  GroupNotFound: 10240405,
  GroupExists: 10240018,
  GroupsNotEnabled: 10240019,
  TooManyQueues: 10240020,
  TooManyGroups: 10240019,
  TagRuleFixed: 10542204,
  LeaseLost: 10542209,
  ReceiptHandleInvalid: 10542209,
  MessageTooLarge: 10540011,
  ArgumentInvalid: 10540001,
  InputInvalid: 10540001,
  SettingInvalid: 10240009,
  QueueFull: 10240407,
  TooManyLeased: 10240407,
  TooManyWaiting: 10240407,
  MessageNotFound: 10540001,
  ClaimNotFound: 10540001,
  TaskNotFound: 10540001,
  TaskNotRunning: 10540001,
  TaskAlreadyRunning: 10540001,
  MessageLeased: 10540001,
  MessageNotClaimed: 10540001,
  OrderedQueue: 10540001,
  QueueNotEmpty: 10540001,
  IdempotencyKeyReused: 10540001,
  StoreUnavailable: 10250002,
  ShuttingDown: 10250002,
} satisfies Record<RefusalCode, Code>

/** Where this API's own text says it better. */
const ownWords: ReadonlySet<Code> = new Set([10240401, 10240405, 10240017, 10240018, 10240020, 10542209])

export const refusalOf = (refusal: Refusal): Refused => {
  const code =
    refusal.code === 'ReceiptHandleInvalid'
      ? handleCode(refusal as Refusal<'ReceiptHandleInvalid'>)
      : codes[refusal.code]
  if (code === 10250002) return new Refused(code, refusal.message, 503)
  return ownWords.has(code) || refusal.code === 'ReceiptHandleInvalid'
    ? new Refused(code)
    : new Refused(code, refusal.message)
}

const handleCode = ({ data }: { data: RefusalData['ReceiptHandleInvalid'] }): Code => {
  if (data.of === undefined) return codes.ReceiptHandleInvalid
  return data.of === 'another-group' ? 10540004 : 10542205
}
