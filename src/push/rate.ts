import type { Millis } from '../core/clock.ts'

/** At most so many calls a second, evenly but for a burst of a second's worth after a lull. */
export class Rate {
  #perMs: number | null = null
  #burst = 0
  #left = 0
  #at: Millis = 0

  /** Null: no limit. */
  set(perSecond: number | null, now: Millis): void {
    const perMs = perSecond === null ? null : perSecond / 1000
    if (perMs === this.#perMs) return
    this.#perMs = perMs
    this.#burst = Math.max(1, perSecond ?? 1)
    this.#left = 1
    this.#at = now
  }

  /** How many may go now. */
  allowed(now: Millis): number {
    if (this.#perMs === null) return Number.POSITIVE_INFINITY
    this.#left = Math.min(this.#burst, this.#left + Math.max(0, now - this.#at) * this.#perMs)
    this.#at = now
    return Math.floor(this.#left + 1e-9)
  }

  take(count: number): void {
    if (this.#perMs !== null) this.#left -= count
  }

  /** When the next one may go. */
  nextAt(now: Millis): Millis {
    return this.#perMs === null ? now : now + Math.max(1, Math.ceil((1 - this.#left) / this.#perMs))
  }
}
