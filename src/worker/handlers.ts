import type { Batch, BatchErrorArgs } from './batch.ts'
import type { MessageContext } from './message-context.ts'
import type { ErrorArgs } from './retry-policy.ts'

/** What a worker does with its messages: one of `processMessage` and `processMessages`, and what else it wants to be told of. */
export interface Handlers<T> {
  /** Called once for each message. When it returns, the message is processed, unless it has marked something else. */
  processMessage?(context: MessageContext<T>): unknown
  /** Called with what is waiting instead, many at a time. Not in ordered queues. */
  processMessages?(batch: Batch<T>): unknown
  /** Called for each exception of `processMessage`. Unless it asks for a retry, the message becomes errored. */
  onError?(context: MessageContext<T>, args: ErrorArgs): unknown
  /** Called for each exception of `processMessages`. */
  onBatchError?(batch: Batch<T>, args: BatchErrorArgs): unknown
  /** Called before the first message is taken. */
  onStart?(): unknown
  /** Called when the last message has been dealt with, and also where there was no start. */
  onStop?(): unknown
}
