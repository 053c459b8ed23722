import { aborted, closed, MillraceError } from '../error.ts'
import type { Runtime } from '../runtime.ts'

/** One call that waits to travel with others. */
export interface Entry {
  /** Messages in it. */
  readonly count: number
  /** About how many bytes it is on the wire, and never less. */
  readonly weight: number
  /** Travels in a request of its own. */
  readonly alone: boolean
  reject(error: unknown): void
  /** Set when its caller has given up. */
  cancelled: boolean
}

export interface BatchLimits {
  readonly maxCount: number
  readonly maxWeight: number
  /** False: every call travels at once and alone. */
  readonly together: boolean
}

/**
 * Gathers the calls of one moment, and those that come while an earlier batch is under way, and runs them together, in
 * their order, one batch at a time.
 */
export class Batcher<Of extends Entry> {
  readonly #request: (entries: readonly Of[]) => Promise<void>
  readonly #limits: BatchLimits
  readonly #runtime: Runtime
  #waiting: Of[] = []
  #scheduled = false
  /** Requests under way: more than one only when calls do not travel together. */
  #running = 0
  #closed = false
  readonly #whenIdle: (() => void)[] = []

  /** `request` answers every entry it is given, or throws, and then nothing was done for any of them. */
  constructor(request: (entries: readonly Of[]) => Promise<void>, limits: BatchLimits, runtime: Runtime) {
    this.#request = request
    this.#limits = limits
    this.#runtime = runtime
  }

  get idle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0
  }

  add(entry: Of): void {
    if (this.#closed) entry.reject(closed())
    else if (!this.#limits.together) this.#run([entry])
    else {
      this.#waiting.push(entry)
      this.#schedule()
    }
  }

  /** Takes no more; resolves when all that waits has been answered. */
  close(): Promise<void> {
    this.#closed = true
    return this.idle ? Promise.resolve() : new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  #schedule(): void {
    if (this.#scheduled || this.#running > 0) return
    this.#scheduled = true
    this.#runtime.soon(this.#flush)
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    const entries = this.#take()
    if (entries.length > 0) this.#run(entries)
    else this.#rest()
  }

  #run(entries: readonly Of[]): void {
    this.#running++
    void this.#attempt(entries).then(this.#next)
  }

  readonly #next = (): void => {
    this.#running--
    if (this.#waiting.length > 0) this.#schedule()
    else this.#rest()
  }

  #rest(): void {
    if (this.idle) for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  /** Returns the error after which no other entry can succeed, if there was one. */
  async #attempt(entries: readonly Of[]): Promise<MillraceError | undefined> {
    try {
      await this.#request(entries)
      return undefined
    } catch (error) {
      if (entries.length > 1 && concernsSome(error)) return await this.#attemptHalves(entries)
      for (const entry of entries) entry.reject(error)
      return isFull(error) ? error : undefined
    }
  }

  /** Halving finds the ones at fault in a few requests, while the others are carried out, in their order. */
  async #attemptHalves(entries: readonly Of[]): Promise<MillraceError | undefined> {
    const middle = Math.ceil(entries.length / 2)
    const full = await this.#attempt(entries.slice(0, middle))
    if (!full) return await this.#attempt(entries.slice(middle))
    for (const entry of entries.slice(middle)) entry.reject(full)
    return full
  }

  /** The longest run of entries from the front that fits into one request. */
  #take(): Of[] {
    const taken: Of[] = []
    let count = 0
    let weight = 0
    let at = 0
    for (; at < this.#waiting.length; at++) {
      const entry = this.#waiting[at] as Of
      if (entry.cancelled) continue
      const fits =
        !entry.alone && count + entry.count <= this.#limits.maxCount && weight + entry.weight <= this.#limits.maxWeight
      if (taken.length > 0 && !fits) break
      taken.push(entry)
      count += entry.count
      weight += entry.weight
      if (entry.alone) {
        at++
        break
      }
    }
    this.#waiting = at === this.#waiting.length ? [] : this.#waiting.slice(at)
    return taken
  }
}

/** Refusals of a whole request in which some of its entries may have no part. */
const refusalsOfSome: ReadonlySet<string> = new Set([
  'ArgumentInvalid',
  'InvalidRequest',
  'MalformedJson',
  'MessageTooLarge',
  'PayloadTooLarge',
  'QueueFull',
])

const concernsSome = (error: unknown): boolean => error instanceof MillraceError && refusalsOfSome.has(error.code)

const isFull = (error: unknown): error is MillraceError => error instanceof MillraceError && error.code === 'QueueFull'

/** The promise of an entry: rejects when the signal is aborted, be the entry waiting or under way. */
export const settledBy = <Value, Of extends Entry>(
  signal: AbortSignal | undefined,
  add: (resolve: (value: Value) => void, reject: (error: unknown) => void) => Of,
): Promise<Value> =>
  new Promise((resolve, reject) => {
    if (signal === undefined) {
      add(resolve, reject)
      return
    }
    if (signal.aborted) return reject(aborted(signal))
    const stop = () => {
      entry.cancelled = true
      reject(aborted(signal))
    }
    const entry = add(
      (value) => {
        signal.removeEventListener('abort', stop)
        resolve(value)
      },
      (error) => {
        signal.removeEventListener('abort', stop)
        reject(error)
      },
    )
    signal.addEventListener('abort', stop, { once: true })
  })
