import type { DeliveryStatus, MessageStatus } from '../../core/requests.ts'

/** What the client calls `MessageInfo`. */
export interface MessageInfo {
  readonly messageId: string
  readonly queueId: string
  readonly queueName: string
  readonly submittedAt: string
  readonly status: 'pending' | 'processing' | 'completed' | 'errors'
  readonly startedAt?: string
  readonly completedAt?: string
  readonly errors?: { readonly errors: readonly ProcessingError[] }
  /** Seconds; absent if there was none. */
  readonly delay?: number
}

interface ProcessingError {
  readonly origin: 'client_error' | 'server_error'
  readonly code: string
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
}

export const timestamp = (ms: number): string => new Date(ms).toISOString()

export const delayOf = (delayMs: number): { readonly delay?: number } => (delayMs > 0 ? { delay: delayMs / 1000 } : {})

type QueueName = Pick<MessageStatus, 'queue' | 'queuePublicId'>

/** The queue that a dead letter was in, where it is known to its senders. */
export const deadLetteredFrom = ({ deliveries }: MessageStatus): string | undefined =>
  deliveries.find(({ deadLetterSource }) => deadLetterSource !== null)?.deadLetterSource?.queue

/** Where a message stands, in the four words of this API; docs/protocols/altogic.md has the table. */
export const messageInfo = (status: MessageStatus, queue: QueueName = status): MessageInfo => ({
  messageId: status.id,
  queueId: queue.queuePublicId,
  queueName: queue.queue,
  submittedAt: timestamp(status.sentAt),
  ...progressOf(status),
  ...delayOf(status.delayMs),
})

type Progress = Pick<MessageInfo, 'status' | 'startedAt' | 'completedAt' | 'errors'>

const progressOf = (status: MessageStatus): Progress => (status.ended ? ended(status, status.ended) : living(status))

const ended = ({ queue }: MessageStatus, end: NonNullable<MessageStatus['ended']>): Progress => {
  const { outcome, at, firstReceivedAt } = end
  const times = { ...startedAt(firstReceivedAt), completedAt: timestamp(at) }
  switch (outcome) {
    case 'processed':
    case 'filtered':
      return { status: 'completed', ...times }
    case 'deleted':
      // Its consumer was done with it; or somebody removed it that no consumer had ever seen.
      if (firstReceivedAt !== null) return { status: 'completed', ...times }
      return { status: 'errors', ...times, errors: problem('message_deleted', 'The message was deleted unprocessed.') }
    case 'errored':
    case 'shelved':
    case 'dead-letter':
      return { status: 'errors', ...times, errors: executionError(queue, end) }
    case 'expired':
      return { status: 'errors', ...times, errors: problem('message_expired', 'The message expired unprocessed.') }
    case 'purged':
      return { status: 'errors', ...times, errors: problem('message_purged', 'The queue was emptied of its messages.') }
  }
}

/** As far as the consumer group that is furthest behind; subscribers only look on. */
const living = ({ queue, deliveries: all, groupsDone }: MessageStatus): Progress => {
  const deliveries = all.filter(({ subscriber }) => !subscriber)
  // Consumer groups drop what they are done with, while the message itself stays.
  if (deliveries.length === 0) return { status: groupsDone === 0 ? 'pending' : 'completed' }
  const started = startedAt(earliest(deliveries))
  const dead = deliveries.find(({ deadLetterSource }) => deadLetterSource !== null)
  if (dead?.deadLetterSource) {
    const completedAt = timestamp(dead.deadLetterSource.at)
    return { status: 'errors', ...started, completedAt, errors: executionError(dead.deadLetterSource.queue, dead) }
  }
  const unfinished = deliveries.filter(({ type }) => type === 'Q' || type === 'D')
  if (unfinished.length > 0) {
    const hasBegun = started.startedAt !== undefined || groupsDone > 0
    return { status: hasBegun ? 'processing' : 'pending', ...started }
  }
  const completedAt = timestamp(Math.max(...deliveries.map(({ modifiedAt }) => modifiedAt)))
  const failed = deliveries.find(({ type }) => type === 'E' || type === 'S')
  if (!failed) return { status: 'completed', ...started, completedAt }
  return { status: 'errors', ...started, completedAt, errors: executionError(queue, failed) }
}

const startedAt = (at: number | null): { readonly startedAt?: string } =>
  at === null ? {} : { startedAt: timestamp(at) }

const earliest = (deliveries: readonly DeliveryStatus[]): number | null =>
  deliveries.reduce<number | null>(
    (first, { firstReceivedAt: at }) => (at === null || (first !== null && first <= at) ? first : at),
    null,
  )

/** Why handling failed: what the routed service answered, or what another consumer said. */
const executionError = (queue: string, { failure, reason }: Pick<DeliveryStatus, 'failure' | 'reason'>): Problem => {
  const service = `The service of queue '${queue}'`
  const said = reason === null ? {} : { reason }
  switch (failure?.kind) {
    case 'status': {
      const details = { status: failure.status, body: failure.answer ?? '' }
      return problem('queue_execution_error', `${service} answered with status ${failure.status}.`, { details })
    }
    case 'timeout':
      return problem('request_timed_out', `${service} did not answer in time.`, { origin: 'server_error' })
    case 'connection':
      return problem('queue_execution_error', `${service} could not be reached.`, { details: said })
    case undefined:
      return problem(
        'queue_execution_error',
        `The message could not be processed by the consumer of queue '${queue}'.`,
        {
          details: said,
        },
      )
  }
}

type Problem = NonNullable<MessageInfo['errors']>

const problem = (code: string, message: string, more: Partial<ProcessingError> = {}): Problem => ({
  errors: [{ origin: 'client_error', code, message, ...more }],
})
