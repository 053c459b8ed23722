import { aborted, closed } from '../error.ts'
import { maxBatch } from '../limits.ts'
import type { Runtime } from '../runtime.ts'

interface Waiter<Message> {
  readonly want: number
  /** When it is content with nothing. */
  readonly deadline: number
  resolve(messages: readonly Message[]): void
  reject(error: unknown): void
  /** Called once it waits no more. */
  left?: () => void
}

export type Poll<Message> = (maxMessages: number, waitMs: number, signal: AbortSignal) => Promise<readonly Message[]>

interface Polling {
  readonly abort: AbortController
  readonly endsAt: number
}

/** A poll lasts no longer, so that a connection that died in silence is noticed. */
const longestPollMs = 60_000

/** Ends of a wait so close together count as one, since the server's clock and ours tick apart. */
const slackMs = 20

/**
 * Receives of one process that wait for messages of one kind: a single long poll asks for as many messages as all of them
 * want, and they are served in the order of the calls.
 */
export class Receives<Message> {
  readonly #poll: Poll<Message>
  readonly #giveBack: (messages: readonly Message[]) => void
  readonly #runtime: Runtime
  #waiters: Waiter<Message>[] = []
  #polling: Polling | undefined
  #scheduled = false
  #closed = false

  /** `giveBack` gets messages that came for somebody who has given up meanwhile. */
  constructor(poll: Poll<Message>, giveBack: (messages: readonly Message[]) => void, runtime: Runtime) {
    this.#poll = poll
    this.#giveBack = giveBack
    this.#runtime = runtime
  }

  get idle(): boolean {
    return !this.#polling && this.#waiters.length === 0
  }

  receive(want: number, waitMs: number, signal: AbortSignal | undefined): Promise<readonly Message[]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(closed())
      if (signal?.aborted) return reject(aborted(signal))
      const waiter: Waiter<Message> = { want, deadline: this.#runtime.now() + waitMs, resolve, reject }
      if (this.#polling && waiter.deadline + slackMs < this.#polling.endsAt) this.#limit(waiter, waitMs)
      if (signal) this.#watch(waiter, signal)
      this.#waiters.push(waiter)
      this.#schedule()
    })
  }

  /** Everybody who waits is content with nothing. */
  close(): void {
    this.#closed = true
    for (const waiter of [...this.#waiters]) if (this.#leave(waiter)) waiter.resolve([])
  }

  /** The poll that is under way does not end in time for it. */
  #limit(waiter: Waiter<Message>, waitMs: number): void {
    waiter.left = this.#runtime.after(waitMs, () => {
      if (this.#leave(waiter)) waiter.resolve([])
    })
  }

  #watch(waiter: Waiter<Message>, signal: AbortSignal): void {
    const stop = () => {
      if (this.#leave(waiter)) waiter.reject(aborted(signal))
    }
    signal.addEventListener('abort', stop, { once: true })
    const limited = waiter.left
    waiter.left = () => {
      limited?.()
      signal.removeEventListener('abort', stop)
    }
  }

  /** False if it had left before. With nobody left to wait, the poll takes nothing any more. */
  #leave(waiter: Waiter<Message>): boolean {
    const at = this.#waiters.indexOf(waiter)
    if (at < 0) return false
    this.#waiters.splice(at, 1)
    waiter.left?.()
    if (this.#waiters.length === 0) this.#polling?.abort.abort()
    return true
  }

  #schedule(): void {
    if (this.#scheduled || this.#polling) return
    this.#scheduled = true
    this.#runtime.soon(this.#start)
  }

  readonly #start = (): void => {
    this.#scheduled = false
    if (this.#polling || this.#waiters.length === 0) return
    const now = this.#runtime.now()
    let want = 0
    let waitMs = longestPollMs
    for (const waiter of this.#waiters) {
      want += waiter.want
      waitMs = Math.min(waitMs, Math.max(0, Math.ceil(waiter.deadline - now)))
    }
    const asked = [...this.#waiters]
    const abort = new AbortController()
    const polling = { abort, endsAt: now + waitMs }
    this.#polling = polling
    this.#poll(Math.min(want, maxBatch), waitMs, abort.signal).then(
      (messages) => this.#serve(polling, asked, messages),
      (error) => this.#fail(polling, asked, error),
    )
  }

  #serve(polling: Polling, asked: readonly Waiter<Message>[], messages: readonly Message[]): void {
    this.#polling = undefined
    let at = 0
    while (at < messages.length) {
      const waiter = this.#waiters.shift()
      if (!waiter) break
      waiter.left?.()
      waiter.resolve(messages.slice(at, at + waiter.want))
      at += waiter.want
    }
    if (at < messages.length) this.#giveBack(messages.slice(at))
    if (messages.length === 0) this.#dismiss(polling, asked)
    if (this.#waiters.length > 0) this.#schedule()
  }

  /**
   * The server found nothing for so long: those who did not want to wait any longer are content. So are all it was asked
   * for when it did not wait, as one that is about to stop does not.
   */
  #dismiss(polling: Polling, asked: readonly Waiter<Message>[]): void {
    const until = polling.endsAt + slackMs
    const early = this.#runtime.now() + slackMs < polling.endsAt
    const content = early ? asked : this.#waiters.filter((waiter) => waiter.deadline <= until)
    for (const waiter of content) if (this.#leave(waiter)) waiter.resolve([])
  }

  /** Those it was made for learn of it; whoever has come since is worth another. */
  #fail(polling: Polling, asked: readonly Waiter<Message>[], error: unknown): void {
    this.#polling = undefined
    const failed = polling.abort.signal.aborted ? [] : asked
    for (const waiter of failed) if (this.#leave(waiter)) waiter.reject(error)
    if (this.#waiters.length > 0) this.#schedule()
  }
}
