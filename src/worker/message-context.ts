import type { Attributes, StepEvent, WorkMessage } from '../client/index.ts'
import { type Delay, delayMs } from './delay.ts'
import { eventText, outboundText } from './text.ts'

/** Delaying one message would hold up all behind it, or break their order. */
export class ReprocessNotAllowedError extends Error {
  override readonly name = 'ReprocessNotAllowedError'

  constructor(queue: string) {
    super(`Queue '${queue}' processes its messages in order, so none of them can be put aside for later.`)
  }
}

/** One run of a handler. What it marks is recorded once, when it has returned. */
export interface MessageContext<T> {
  readonly id: string
  readonly queue: string
  /** The body: parsed when it is JSON, a string for text, else bytes. */
  readonly message: T
  readonly metadata: Attributes
  /** Milliseconds since 1970. */
  readonly queuedAt: number
  /** How often it has been handed to a handler, this time included. */
  readonly attempts: number
  /** How often it has been put aside so far. */
  readonly reprocessCount: number
  /** Aborted when the worker stops and its grace is over, or when the message is lost to somebody else. */
  readonly signal: AbortSignal
  /**
   * Not yet: to be handed out again after so long, without counting as a failure, and as often as need be. The last call counts.
   * Throws a `ReprocessNotAllowedError` in ordered queues, and a `RangeError` for less than nothing or more than ten years.
   */
  reprocess(delay: Delay): void
  /** Not wanted; or, `as: 'error'`, in error. */
  filter(reason?: string, options?: { readonly as?: 'filtered' | 'error' }): void
  /** Not processed after all: back into the queue. */
  cancel(): void
  /** A line in the message's history. One of severity `error` makes the message errored. */
  writeEvent(severity: StepEvent['severity'], text: unknown): void
  /** What its processing gave, to be shown to people: a text, bytes, or what can be written as JSON. */
  setOutbound(body: unknown): void
}

/** What a handler has said of its message. */
export interface Marks {
  succeeded: boolean
  filtered: { readonly reason: string | undefined; readonly as: 'filtered' | 'error' } | undefined
  reprocessMs: number | undefined
  cancelled: boolean
  outbound: string | undefined
  readonly events: StepEvent[]
}

/** A context, what has been marked on it, and the end of all marking. */
export interface Run<T> {
  readonly message: WorkMessage<T>
  readonly context: MessageContext<T>
  readonly marks: Marks
  /** As `batch.succeed` does. */
  succeed(): void
  /** The handler has settled: from now on marking throws. */
  close(): void
}

export const beginRun = <T>(message: WorkMessage<T>, ordered: boolean): Run<T> => {
  const marks: Marks = {
    succeeded: false,
    filtered: undefined,
    reprocessMs: undefined,
    cancelled: false,
    outbound: undefined,
    events: [],
  }
  let open = true
  const mark = (name: string, change: () => void) => {
    if (!open) throw new Error(`${name}() was called after the handler of message ${message.id} had ended.`)
    change()
  }
  const context: MessageContext<T> = {
    id: message.id,
    queue: message.queue,
    get message() {
      return message.body
    },
    get metadata() {
      return message.attributes
    },
    queuedAt: message.sentAt,
    attempts: message.receiveCount,
    reprocessCount: message.reprocessCount,
    get signal() {
      return message.signal
    },
    reprocess: (delay) =>
      mark('reprocess', () => {
        if (ordered) throw new ReprocessNotAllowedError(message.queue)
        marks.reprocessMs = delayMs(delay)
      }),
    filter: (reason, { as = 'filtered' } = {}) =>
      mark('filter', () => {
        marks.filtered = { reason, as }
      }),
    cancel: () =>
      mark('cancel', () => {
        marks.cancelled = true
      }),
    writeEvent: (severity, text) =>
      mark('writeEvent', () => {
        if (!severities.includes(severity)) throw new TypeError(`'${severity}' is not a severity.`)
        marks.events.push({ severity, text: eventText(text) })
      }),
    setOutbound: (body) =>
      mark('setOutbound', () => {
        marks.outbound = outboundText(body)
      }),
  }
  return {
    message,
    context,
    marks,
    succeed: () =>
      mark('succeed', () => {
        marks.succeeded = true
      }),
    close() {
      open = false
    },
  }
}

const severities: readonly string[] = ['info', 'warning', 'error'] satisfies StepEvent['severity'][]
