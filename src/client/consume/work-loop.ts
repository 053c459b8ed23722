import { closed } from '../error.ts'
import type { Runtime } from '../runtime.ts'
import type { WorkMessage } from '../types/message.ts'
import type { StopOptions, Work, WorkErrorContext } from '../types/work.ts'
import type { HeldMessage } from './held-message.ts'
import type { Source } from './source.ts'

export interface WorkLoopOptions<T> {
  readonly concurrency: number
  readonly graceMs: number
  readonly signal: AbortSignal | undefined
  retryDelayMs(message: WorkMessage<T>, error: unknown): number
  onError(error: unknown, context: WorkErrorContext<T>): unknown
  onEnd(): void
}

type Handler<T> = (message: WorkMessage<T>) => unknown

/** Takes messages from a source, runs the handler for each, and settles it by how that went. */
export class WorkLoop<T> implements Work {
  readonly done: Promise<void>
  readonly #source: Source<T>
  readonly #handler: Handler<T>
  readonly #options: WorkLoopOptions<T>
  readonly #runtime: Runtime
  readonly #handling = new Set<HeldMessage<T>>()
  readonly #settling = new Set<Promise<void>>()
  readonly #slots: Promise<unknown>
  readonly #end: PromiseWithResolvers<void> = Promise.withResolvers()
  #failure: { readonly error: unknown } | undefined
  #stopped: Promise<void> | undefined

  constructor(source: Source<T>, handler: Handler<T>, options: WorkLoopOptions<T>, runtime: Runtime) {
    this.#source = source
    this.#handler = handler
    this.#options = options
    this.#runtime = runtime
    this.done = this.#end.promise
    this.#slots = Promise.all(Array.from({ length: options.concurrency }, this.#slot))
    // They end by themselves when receiving is refused for good.
    void this.#slots.then(this.#onAbort)
    if (options.signal?.aborted) this.#onAbort()
    else options.signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Never rejects: what goes wrong is reported. */
  stop(options: StopOptions = {}): Promise<void> {
    this.#stopped ??= this.#stop(options.graceMs ?? this.#options.graceMs)
    return this.#stopped
  }

  readonly #onAbort = (): void => void this.stop()

  readonly #slot = async (): Promise<void> => {
    for (let message = await this.#source.next(); message; message = await this.#source.next()) {
      this.#handling.add(message)
      await this.#handle(message)
      this.#handling.delete(message)
    }
  }

  async #handle(message: HeldMessage<T>): Promise<void> {
    try {
      await this.#handler(message)
    } catch (error) {
      if (!message.settled && !message.lost) await this.report(error, { during: 'handle', message })
      return this.#settle(message, () => this.#retry(message, error))
    }
    this.#settle(message, () => message.delete())
  }

  async #retry(message: HeldMessage<T>, error: unknown): Promise<unknown> {
    const delayMs = Math.round(this.#options.retryDelayMs(message, error))
    return message.release({ delayMs, reason: error instanceof Error ? error.message : String(error) })
  }

  /** The slot does not wait for it: the next message can be handled meanwhile. */
  #settle(message: HeldMessage<T>, settle: () => Promise<unknown>): void {
    if (message.settled || message.lost) {
      this.#source.done(message)
      return
    }
    this.#source.drop(message)
    const settling: Promise<void> = settle()
      .catch((error) => this.report(error, { during: 'settle', message }))
      .then(() => {
        this.#settling.delete(settling)
        this.#source.done(message)
      })
    this.#settling.add(settling)
  }

  /** An `onError` that throws ends the work. */
  async report(error: unknown, context: WorkErrorContext<T>): Promise<void> {
    try {
      await this.#options.onError(error, context)
    } catch (thrown) {
      this.#failure ??= { error: thrown }
      this.#onAbort()
    }
  }

  async #stop(graceMs: number): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    const handedBack = this.#source.stop()
    await this.#slotsOr(graceMs)
    for (const message of this.#handling) this.#abandon(message)
    await handedBack
    await Promise.all(this.#settling)
    this.#options.onEnd()
    const failure = this.#failure ?? this.#source.failure
    if (failure) this.#end.reject(failure.error)
    else this.#end.resolve()
  }

  #slotsOr(graceMs: number): Promise<unknown> {
    if (graceMs <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#runtime.after(graceMs, () => resolve(undefined))
      void this.#slots.then((ended) => {
        cancel()
        resolve(ended)
      })
    })
  }

  /** Its handler has had its time: the message goes back as if it had never been received. */
  #abandon(message: HeldMessage<T>): void {
    if (!message.settled && !message.lost) this.#settle(message, () => message.release({ failed: false }))
    message.lose(closed())
  }
}
