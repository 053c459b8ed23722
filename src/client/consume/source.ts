import { isTransient } from '../error.ts'
import { maxBatch } from '../limits.ts'
import { type Runtime, sleep } from '../runtime.ts'
import type { HeldMessage } from './held-message.ts'
import { Leases } from './leases.ts'

export interface SourceOptions<T> {
  /** Messages in the hands of handlers at once. */
  readonly concurrency: number
  /** Messages held ready beyond those. */
  readonly prefetch: number
  readonly visibilityTimeoutMs: number
  poll(maxMessages: number, waitMs: number, signal: AbortSignal): Promise<readonly HeldMessage<T>[]>
  onError(error: unknown, during: 'receive' | 'renew' | 'settle', message: HeldMessage<T> | null): void
}

const pollMs = 20_000
const longestPauseMs = 30_000

/**
 * Messages for handlers: one long poll at a time keeps a few ready, and the lease of each is renewed until its handler is
 * done with it.
 */
export class Source<T> {
  readonly #options: SourceOptions<T>
  readonly #runtime: Runtime
  readonly #leases: Leases<HeldMessage<T>>
  readonly #stopping = new AbortController()
  readonly #ready: HeldMessage<T>[] = []
  readonly #takers: ((message: HeldMessage<T> | undefined) => void)[] = []
  #taken = 0
  #polling = false
  #failures = 0
  /** Why nothing can be received any more. */
  #failure: { readonly error: unknown } | undefined
  #polled: Promise<void> = Promise.resolve()

  constructor(options: SourceOptions<T>, runtime: Runtime) {
    this.#options = options
    this.#runtime = runtime
    this.#leases = new Leases(options.visibilityTimeoutMs, runtime, (error, message) =>
      options.onError(error, 'renew', message),
    )
  }

  /** The next message; undefined once it is stopped, or when receiving is refused for good. */
  next(): Promise<HeldMessage<T> | undefined> {
    return new Promise((resolve) => {
      if (this.#stopping.signal.aborted) return resolve(undefined)
      const message = this.#takeReady()
      if (message) resolve(message)
      else this.#takers.push(resolve)
      this.#fill()
    })
  }

  /** Its handler has finished: its lease is no longer renewed. */
  drop(message: HeldMessage<T>): void {
    this.#leases.drop(message)
  }

  /** It has been dealt with to the end: there is room for another. */
  done(message: HeldMessage<T>): void {
    this.#leases.drop(message)
    this.#taken--
    this.#fill()
  }

  /** Why it ended by itself, if it did. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure
  }

  /** Takes no more, and hands back what is held ready. Leases of messages that are being handled are renewed until `done`. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const taker of this.#takers.splice(0)) taker(undefined)
    await this.#polled
    await this.#handBack(this.#ready.splice(0))
    this.#leases.end()
  }

  #takeReady(): HeldMessage<T> | undefined {
    for (let message = this.#ready.shift(); message; message = this.#ready.shift()) {
      if (message.lost) continue
      this.#taken++
      return message
    }
    return undefined
  }

  /** Asks for more when half of what should be held ready is gone, or somebody waits. */
  #fill(): void {
    const { concurrency, prefetch } = this.#options
    if (this.#polling || this.#stopping.signal.aborted) return
    const want = Math.min(concurrency + prefetch - this.#taken - this.#ready.length, maxBatch)
    if (want <= 0 || (this.#takers.length === 0 && this.#ready.length > prefetch / 2)) return
    this.#polling = true
    // Whoever asks in the same moment is counted in.
    this.#polled = new Promise((resolve) => this.#runtime.soon(() => resolve(this.#poll())))
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping
    try {
      const early = await this.#receive(signal)
      if (early) await this.#pause()
      else this.#failures = 0
    } catch (error) {
      if (signal.aborted) return
      this.#options.onError(error, 'receive', null)
      if (!isTransient(error)) return this.#end(error)
      await this.#pause()
    } finally {
      this.#polling = false
    }
    this.#fill()
  }

  /** True when nothing was answered though there was time to wait, as by a server that is about to stop. */
  async #receive(signal: AbortSignal): Promise<boolean> {
    const { concurrency, prefetch, poll } = this.#options
    const want = Math.min(concurrency + prefetch - this.#taken - this.#ready.length, maxBatch)
    if (want <= 0 || signal.aborted) return false
    const startedAt = this.#runtime.now()
    const messages = await poll(want, pollMs, signal)
    this.#deal(messages)
    return messages.length === 0 && this.#runtime.now() - startedAt < pollMs / 2
  }

  #deal(messages: readonly HeldMessage<T>[]): void {
    for (const message of messages) {
      this.#leases.keep(message)
      const taker = this.#takers.shift()
      if (taker) {
        this.#taken++
        taker(message)
      } else this.#ready.push(message)
    }
  }

  async #pause(): Promise<void> {
    const longest = Math.min(longestPauseMs, 200 * 2 ** this.#failures++)
    const pauseMs = (longest * (1 + this.#runtime.random())) / 2
    await sleep(this.#runtime, pauseMs, this.#stopping.signal).catch(() => {})
  }

  #end(error: unknown): void {
    this.#failure = { error }
    this.#stopping.abort()
    for (const taker of this.#takers.splice(0)) taker(undefined)
  }

  /** As if they had never been received. */
  async #handBack(messages: readonly HeldMessage<T>[]): Promise<void> {
    await Promise.all(
      messages.map(async (message) => {
        this.#leases.drop(message)
        try {
          await message.release({ failed: false })
        } catch (error) {
          this.#options.onError(error, 'settle', message)
        }
      }),
    )
  }
}
