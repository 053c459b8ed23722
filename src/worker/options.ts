import type { ClientOptions, Millrace, Queue } from '../client/index.ts'

interface CommonOptions {
  /** Messages in work at once, or batches; default 1. An ordered queue allows no more. */
  readonly concurrency?: number | undefined
  /** How long others wait for its messages should this process die; renewed by itself meanwhile. Default 60. */
  readonly holdSeconds?: number | undefined
  /** Of batches: messages in one, at most; default 100, at most 1,000. */
  readonly maxBatchCount?: number | undefined
  /** Of batches: bytes of the bodies in one; default 20 MB. One message is handed out in any case. */
  readonly maxBatchBytes?: number | undefined
  /** Told of what goes wrong besides: receiving, renewing, recording an outcome. Default: `console.error`. */
  readonly onFault?: ((error: unknown) => void) | undefined
}

/** The queue itself, or its name and where it is: a Millrace that is open, or a server. */
export type WorkerSettings<T> = CommonOptions &
  (
    | { readonly queue: Queue<T, never> }
    | (NamedQueue & { readonly client: Millrace })
    | (NamedQueue & ClientOptions & { readonly client?: never })
  )

export interface NamedQueue {
  readonly queue: string
  readonly group?: string | undefined
  /** Shown to people as the holder of its messages; default: the name of the machine and the number of the process. */
  readonly name?: string | undefined
}

/** What stops and may be waited for. */
export interface MessageWorker {
  /** Resolves when it is connected and has begun to take messages. */
  start(): Promise<void>
  /** Takes no more, aborts what still runs after `graceMs` (default 10 s), and hands unfinished messages back. */
  stop(options?: { readonly graceMs?: number | undefined }): Promise<void>
  /** Resolves when it has stopped; rejects when it had to, because receiving is refused for good. */
  readonly done: Promise<void>
}
