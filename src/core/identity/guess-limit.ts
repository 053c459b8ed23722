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
  take(account: string, now: Millis): boolean {
    const bucket = this.#buckets.get(account) ?? this.#add(account, now)
    bucket.left = Math.min(burst, bucket.left + (now - bucket.at) / oneMoreEveryMs)
    bucket.at = now
    if (bucket.left < 1) return false
    bucket.left--
    return true
  }

  /** The guess was right. */
  giveBack(account: string): void {
    const bucket = this.#buckets.get(account)
    if (!bucket) return
    bucket.left++
    if (bucket.left >= burst) this.#buckets.delete(account)
  }

  #add(account: string, now: Millis): Bucket {
    const bucket = { left: burst, at: now }
    this.#buckets.set(account, bucket)
    const [first] = this.#buckets.keys()
    if (this.#buckets.size > mostBuckets && first !== undefined) this.#buckets.delete(first)
    return bucket
  }
}
