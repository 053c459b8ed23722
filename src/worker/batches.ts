import type { Run } from './message-context.ts'

interface Waiting<T> {
  readonly run: Run<T>
  readonly bytes: number
  /** Its batch has been handled, and it settled. */
  readonly done: () => void
}

export interface BatchesOptions<T> {
  readonly maxCount: number
  readonly maxBytes: number
  /** Batches in work at once. */
  readonly concurrency: number
  /** Handles a batch and settles its messages. Never rejects. */
  handle(runs: readonly Run<T>[]): Promise<void>
}

/** Puts what comes message by message together into batches: all that has come in one turn, or while earlier ones are handled. */
export class Batches<T> {
  readonly #options: BatchesOptions<T>
  #waiting: Waiting<T>[] = []
  #handling = 0
  #scheduled = false

  constructor(options: BatchesOptions<T>) {
    this.#options = options
  }

  /** Resolves when the message has been dealt with. */
  add(run: Run<T>, bytes: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ run, bytes, done: resolve })
    this.#schedule()
    return promise
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    // All messages of one answer come before the next turn of the event loop.
    setTimeout(() => {
      this.#scheduled = false
      while (this.#handling < this.#options.concurrency && this.#waiting.length > 0) void this.#handle(this.#take())
    }, 0)
  }

  async #handle(batch: readonly Waiting<T>[]): Promise<void> {
    this.#handling++
    await this.#options.handle(batch.map(({ run }) => run))
    this.#handling--
    for (const { done } of batch) done()
    if (this.#waiting.length > 0) this.#schedule()
  }

  #take(): Waiting<T>[] {
    // Lost while they waited: nobody is to handle them here.
    for (const { run, done } of this.#waiting) if (run.message.lost || run.message.settled) done()
    this.#waiting = this.#waiting.filter(({ run: { message } }) => !message.lost && !message.settled)
    let count = 0
    let bytes = 0
    while (count < this.#waiting.length && count < this.#options.maxCount) {
      bytes += this.#waiting[count]?.bytes ?? 0
      if (count > 0 && bytes > this.#options.maxBytes) break
      count++
    }
    return this.#waiting.splice(0, count)
  }
}
