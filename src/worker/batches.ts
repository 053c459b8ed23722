import type { Run } from './message-context.ts'

interface Waiting<T, Outcome> {
  readonly run: Run<T>
  readonly bytes: number
  readonly resolve: (outcome: Promise<Outcome> | undefined) => void
}

export interface BatchesOptions<T, Outcome> {
  readonly maxCount: number
  readonly maxBytes: number
  /** Batches in work at once. */
  readonly concurrency: number
  handle(runs: readonly Run<T>[]): Promise<Outcome>
}

/** Puts what comes message by message together into batches: all that has come in one turn, or while earlier ones are handled. */
export class Batches<T, Outcome> {
  readonly #options: BatchesOptions<T, Outcome>
  #waiting: Waiting<T, Outcome>[] = []
  #handling = 0
  #scheduled = false

  constructor(options: BatchesOptions<T, Outcome>) {
    this.#options = options
  }

  /** How the handling of its batch went; undefined when the message was lost before its turn came. */
  add(run: Run<T>, bytes: number): Promise<Outcome | undefined> {
    const { promise, resolve } = Promise.withResolvers<Outcome | undefined>()
    this.#waiting.push({ run, bytes, resolve })
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

  async #handle(batch: readonly Waiting<T, Outcome>[]): Promise<void> {
    this.#handling++
    const handled = this.#options.handle(batch.map(({ run }) => run))
    for (const { resolve } of batch) resolve(handled)
    // Each message is told of it should that fail.
    await Promise.allSettled([handled])
    this.#handling--
    if (this.#waiting.length > 0) this.#schedule()
  }

  #take(): Waiting<T, Outcome>[] {
    // Lost while they waited: nobody is to handle them here.
    for (const { run, resolve } of this.#waiting) if (run.message.lost || run.message.settled) resolve(undefined)
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
