import type { WorkMessage } from './message.ts'

export interface WorkOptions<T> {
  /** Messages in work at once; default 1. */
  readonly concurrency?: number | undefined
  /** Messages to hold ready beyond those; default: as many as `concurrency`, at most 100. */
  readonly prefetch?: number | undefined
  /** How long others wait for a message if this process dies; leases are renewed meanwhile. Default 30 s. */
  readonly visibilityTimeoutMs?: number | undefined
  /** Aborting it stops the work, as `stop()` does. */
  readonly signal?: AbortSignal | undefined
  /** How long handlers may go on after a stop before their `message.signal` is aborted; default 10 s. */
  readonly graceMs?: number | undefined
  /**
   * When a message is tried again after its handler threw; default: after 1 s, doubling with each receive, up to 60 s.
   * Only for messages that neither the handler nor `onError` has settled.
   */
  readonly retryDelayMs?: number | ((message: WorkMessage<T>, error: unknown) => number) | undefined
  /** Told of everything that goes wrong. May settle the message itself: dead letter it, delete it. */
  readonly onError?: ((error: unknown, context: WorkErrorContext<T>) => unknown) | undefined
}

export interface WorkErrorContext<T> {
  /** What failed: the handler, the settling or the renewal of its message, or the receive that is tried again. */
  readonly during: 'handle' | 'settle' | 'renew' | 'receive'
  /** Null during `receive`. */
  readonly message: WorkMessage<T> | null
}

export interface StopOptions {
  /** Overrides the `graceMs` of the work. */
  readonly graceMs?: number | undefined
}

/** A worker loop that is running. */
export interface Work {
  /** Takes no more, hands back what is only held ready, and waits for the handlers that run. */
  stop(options?: StopOptions): Promise<void>
  /** Resolves when it has stopped; rejects when it had to, because receiving is refused for good. */
  readonly done: Promise<void>
}
