import type { Millis } from '../clock.ts'

interface Bucket {
  left: number
  at: Millis
}

/** So many wrong guesses at once, and then one whenever a while has passed. */
const burst = 10
const oneMoreEveryMs = 10_000
const mostBuckets = 10_000

/** How often somebody may guess the password of an account. Right ones cost nothing. */
export class GuessLimit {
  readonly #buckets = new Map<string, Bucket>()

  /** Before the guess is looked at, so that many at once are counted too. False: it must not be looked at. */
  take(guesser: string, now: Millis): boolean {
    const bucket = this.#buckets.get(guesser) ?? this.#add(guesser, now)
    bucket.left = Math.min(burst, bucket.left + (now - bucket.at) / oneMoreEveryMs)
    bucket.at = now
    if (bucket.left < 1) return false
    bucket.left--
    return true
  }

  /** It was right, or nobody looked at it. */
  giveBack(guesser: string): void {
    const bucket = this.#buckets.get(guesser)
    if (!bucket) return
    bucket.left++
    if (bucket.left >= burst) this.#buckets.delete(guesser)
  }

  #add(guesser: string, now: Millis): Bucket {
    const bucket = { left: burst, at: now }
    this.#buckets.set(guesser, bucket)
    const [first] = this.#buckets.keys()
    if (this.#buckets.size > mostBuckets && first !== undefined) this.#buckets.delete(first)
    return bucket
  }
}
