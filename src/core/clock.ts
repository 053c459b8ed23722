/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Millis = number

/** Time, passed in: core never reads the machine's clock itself. */
export interface Clock {
  now(): Millis
  /**
   * Calls `run` once, at or soon after `at` (any distance into the future, or the past). Returns a function that cancels it.
   * `keepAlive`: somebody waits for it, so the process must not end before. `watchful`: it is noticed within a second when the clock is
   * set forward meanwhile.
   */
  callAt(
    at: Millis,
    run: () => void,
    options?: { readonly keepAlive?: boolean; readonly watchful?: boolean },
  ): () => void
}

/** Randomness, passed in. Whoever can guess it can settle messages that others received. */
export interface Random {
  /** A whole number from 0 to 2^44 - 1. */
  nonce(): number
}
