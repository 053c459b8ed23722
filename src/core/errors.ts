import type { Violation } from './structure/declared.ts'

/**
 * Every way in which core says no. Each door maps each code to an answer of its own
 * (`satisfies Record<RefusalCode, …>`), so that a new code does not compile until every door answers it.
 */
export interface RefusalData {
  /** The account has no such queue. */
  QueueNotFound: { queue: string }
  /** A queue of that name is there already, with settings that differ from the ones asked for. */
  QueueExists: { queue: string; setting: string }
  /** The consumer group does not exist. */
  GroupNotFound: { queue: string; group: string }
  GroupExists: { queue: string; group: string }
  /** The request would leave the account with more queues, or the queue with more consumer groups, than it says there may be. */
  TooManyQueues: { limit: number }
  TooManyGroups: { queue: string; limit: number }
  /** The consumer group has another tag rule, or has one where the request says that it has none. */
  TagRuleFixed: { queue: string; group: string }
  /** Consumer groups need a queue that was created with `consumerGroups`. */
  GroupsNotEnabled: { queue: string }
  MessageNotFound: { id: string }
  ClaimNotFound: { claim: string }
  TaskNotFound: { task: string }
  /** The task has ended, so there is nothing to cancel; or one is under way where only one may be. */
  TaskNotRunning: { task: string }
  TaskAlreadyRunning: { queue: string }
  /** The text is not a receipt handle, or one of another queue; `of`: or of another group, or of its dead letters (or of none of them). */
  ReceiptHandleInvalid: { receiptHandle: string; of?: 'another-group' | 'dead-letters' | 'live-messages' }
  /** The lease that the handle names has ended, or another one has replaced it. */
  LeaseLost: { receiptHandle: string }
  /** The message is leased, and the request did not show the lease or claim that it is under. */
  MessageLeased: { id: string }
  /** A claim was named, but the message is not under it. */
  MessageNotClaimed: { id: string; claim: string }
  /** Not possible in a queue whose messages are processed in order. */
  OrderedQueue: { queue: string; action: string }
  /** A setting, or a pair of them, that cannot be. */
  SettingInvalid: { setting: string; reason: string }
  /** An argument of the request that is out of its range. */
  ArgumentInvalid: { argument: string; reason: string }
  MessageTooLarge: { sizeBytes: number; limitBytes: number }
  /**
   * A message that is not as its queue's declared structure says: one violation for each faulty field, of the first such message of
   * the request (`message`, from 0). `more`: violations beyond those listed.
   */
  InputInvalid: { queue: string; message: number; violations: readonly Violation[]; more: number }
  /** The queue holds as many messages as its `maxMessages` allows. */
  QueueFull: { queue: string; maxMessages: number }
  /** More leased messages than `maxLeased` allows. */
  TooManyLeased: { queue: string; maxLeased: number }
  /** A change of settings that the messages in the queue do not allow. */
  QueueNotEmpty: { queue: string; reason: string }
  /** The idempotency key was used for another request. */
  IdempotencyKeyReused: { key: string }
  /** Too many requests wait for messages already. */
  TooManyWaiting: { limit: number }
  /** The store fails; `retryable`: certainly nothing was done, so the same request can be tried again. */
  StoreUnavailable: { retryable: boolean }
  /** The engine is stopping and takes no new work. */
  ShuttingDown: Record<never, never>
}

export type RefusalCode = keyof RefusalData

export class Refusal<Code extends RefusalCode = RefusalCode> extends Error {
  override readonly name = 'Refusal'
  readonly code: Code
  readonly data: RefusalData[Code]

  constructor(code: Code, data: RefusalData[Code], options?: ErrorOptions) {
    super(describe(code, data), options)
    this.code = code
    this.data = data
  }
}

export const isRefusal = <Code extends RefusalCode>(error: unknown, code?: Code): error is Refusal<Code> =>
  error instanceof Refusal && (code === undefined || error.code === code)

const sentences: { [Code in RefusalCode]: (data: RefusalData[Code]) => string } = {
  QueueNotFound: ({ queue }) => `There is no queue named '${queue}'.`,
  QueueExists: ({ queue, setting }) => `A queue named '${queue}' exists already with another value of '${setting}'.`,
  GroupNotFound: ({ queue, group }) => `Queue '${queue}' has no consumer group '${group}'.`,
  GroupExists: ({ queue, group }) => `Queue '${queue}' has a consumer group '${group}' already.`,
  TooManyQueues: ({ limit }) => `There may be at most ${limit} queues.`,
  TooManyGroups: ({ queue, limit }) => `Queue '${queue}' may have at most ${limit} consumer groups.`,
  TagRuleFixed: ({ queue, group }) =>
    `The tag rule of consumer group '${group}' of queue '${queue}' is fixed, and another one.`,
  GroupsNotEnabled: ({ queue }) =>
    `Queue '${queue}' was not created with consumer groups; create one with consumerGroups: true.`,
  MessageNotFound: ({ id }) => `There is no message '${id}'.`,
  ClaimNotFound: ({ claim }) => `There is no claim '${claim}', or it has ended.`,
  TaskNotFound: ({ task }) => `There is no task '${task}'.`,
  TaskNotRunning: ({ task }) => `Task '${task}' is not running.`,
  TaskAlreadyRunning: ({ queue }) => `A task that moves messages out of '${queue}' is running already.`,
  ReceiptHandleInvalid: ({ receiptHandle }) => `'${receiptHandle}' is not a receipt handle of this queue.`,
  LeaseLost: () => 'The lease has ended: the message may have been handed to another receiver.',
  MessageLeased: ({ id }) => `Message '${id}' is leased; only the holder of its lease or claim can do that.`,
  MessageNotClaimed: ({ id, claim }) => `Message '${id}' is not under claim '${claim}'.`,
  OrderedQueue: ({ queue, action }) =>
    `Queue '${queue}' processes its messages in order, so ${action} is not possible.`,
  SettingInvalid: ({ setting, reason }) => `${setting} ${reason}.`,
  ArgumentInvalid: ({ argument, reason }) => `${argument} ${reason}.`,
  MessageTooLarge: ({ sizeBytes, limitBytes }) =>
    `The message has ${sizeBytes} bytes; this queue takes at most ${limitBytes}.`,
  InputInvalid: ({ queue, message, violations, more }) =>
    `${message === 0 ? 'The message' : `Message ${message}`} is not as queue '${queue}' declares it: ${violations
      .slice(0, 3)
      .map((violation) => violation.message)
      .join(' ')}${violations.length + more > 3 ? ` And ${violations.length + more - 3} more.` : ''}`,
  QueueFull: ({ queue, maxMessages }) => `Queue '${queue}' is full: it holds ${maxMessages} messages, its limit.`,
  TooManyLeased: ({ queue, maxLeased }) => `Queue '${queue}' has ${maxLeased} messages leased, its limit.`,
  QueueNotEmpty: ({ reason }) => `${reason}.`,
  IdempotencyKeyReused: ({ key }) => `The idempotency key '${key}' was used for a different request.`,
  TooManyWaiting: ({ limit }) => `${limit} requests wait for messages already, which is the limit.`,
  StoreUnavailable: ({ retryable }) =>
    retryable
      ? 'The store is unavailable; nothing was done. Try again.'
      : 'The store is unavailable; it is not known whether this was done. See whether it was before you try again.',
  ShuttingDown: () => 'The server is shutting down; nothing was done. Try again shortly, or another node.',
}

const describe = <Code extends RefusalCode>(code: Code, data: RefusalData[Code]): string => sentences[code](data)
