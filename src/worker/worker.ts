import type { Batch, BatchErrorArgs } from './batch.ts'
import type { Handlers } from './handlers.ts'
import type { MessageContext } from './message-context.ts'
import type { MessageWorker, WorkerSettings } from './options.ts'
import type { ErrorArgs } from './retry-policy.ts'
import { Runner } from './runner.ts'

/**
 * A program that handles the messages of a queue and records what became of each: processed, put aside for later, filtered,
 * errored, or not touched. Extend it with `processMessage` (or, for many at a time, `processMessages`).
 */
export abstract class Worker<T = unknown> implements MessageWorker, Handlers<T> {
  readonly #runner: Runner<T>

  constructor(settings: WorkerSettings<T>) {
    this.#runner = new Runner(settings, this)
  }

  processMessage?(context: MessageContext<T>): unknown
  processMessages?(batch: Batch<T>): unknown
  onError?(context: MessageContext<T>, args: ErrorArgs): unknown
  onBatchError?(batch: Batch<T>, args: BatchErrorArgs): unknown
  onStart?(): unknown
  onStop?(): unknown

  start(): Promise<void> {
    return this.#runner.start()
  }

  stop(options?: { readonly graceMs?: number | undefined }): Promise<void> {
    return this.#runner.stop(options)
  }

  get done(): Promise<void> {
    return this.#runner.done
  }
}

export type WorkerOptions<T> = WorkerSettings<T> &
  Handlers<T> &
  (Required<Pick<Handlers<T>, 'processMessage'>> | Required<Pick<Handlers<T>, 'processMessages'>>)

/** The same without a class. */
export const createWorker = <T = unknown>(options: WorkerOptions<T>): MessageWorker => new Runner<T>(options, options)
