import type { Millis } from '../core/clock.ts'

/** So many calls in a row that could not be made, and the service counts as dead. */
const threshold = 5
const firstPauseMs = 1_000
const longestPauseMs = 60_000

/**
 * Pauses a service that cannot be reached: its messages wait, and one of them is tried at the end of each pause. Pauses double up to a
 * minute.
 */
export class Circuit {
  readonly #random: () => number
  #consecutive = 0
  #pauseMs = 0
  #openUntil: Millis | undefined

  constructor(random: () => number) {
    this.#random = random
  }

  /** It is not to be called, but for one message at a time from then on. */
  get openUntil(): Millis | undefined {
    return this.#openUntil
  }

  /** It answered, whatever it said. */
  reached(): void {
    this.#consecutive = 0
    this.#pauseMs = 0
    this.#openUntil = undefined
  }

  notReached(now: Millis): void {
    this.#consecutive++
    if (this.#consecutive < threshold) return
    // Those that were under way when it opened say nothing new.
    if (this.#openUntil !== undefined && this.#openUntil > now) return
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs === 0 ? firstPauseMs : this.#pauseMs * 2)
    // Many nodes and services that failed together are not tried together.
    this.#openUntil = now + Math.round(this.#pauseMs * (0.75 + this.#random() / 2))
  }

  /** Somebody says that it is there again. It is tried with one message at once. */
  resume(now: Millis): void {
    if (this.#openUntil !== undefined) this.#openUntil = now
    this.#pauseMs = 0
  }
}
