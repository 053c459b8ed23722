import { MillraceError } from '../error.ts'
import { type Runtime, sleep } from '../runtime.ts'

export interface RetryPolicy {
  /** How often a request is made at most, the first time included. */
  readonly attempts: number
  /** The first pause; it doubles with each attempt, up to `maxDelayMs`, and a random part of it is waited. */
  readonly minDelayMs: number
  readonly maxDelayMs: number
}

export const defaultRetry: RetryPolicy = { attempts: 5, minDelayMs: 100, maxDelayMs: 5_000 }

/**
 * When a connection that broke, or a time-out, may be followed by another attempt. That nobody listens, or that the server
 * says "not now", is a reason for any request, since then nothing has been done.
 * - `always`: doing it twice is no more than doing it once
 * - `unanswered`: not once an answer has begun
 * - `refused`: never, because nobody knows whether it was done
 */
export type Repeatable = 'always' | 'unanswered' | 'refused'

export interface Retrying {
  readonly policy: RetryPolicy
  readonly runtime: Runtime
  readonly repeatable: Repeatable
  readonly signal: AbortSignal | undefined
}

export const withRetries = async <Value>(attempt: () => Promise<Value>, retrying: Retrying): Promise<Value> => {
  const { policy, runtime, repeatable, signal } = retrying
  for (let made = 1; ; made++) {
    try {
      return await attempt()
    } catch (error) {
      if (made >= policy.attempts || !mayRepeat(error, repeatable)) throw error
      await sleep(runtime, pauseMs(error, made, policy, runtime), signal)
    }
  }
}

/** The server is well, but the queue is not: what to do about that is for the caller to say, and to be told at once. */
const answersOfQueues: ReadonlySet<string> = new Set(['QueueFull', 'TooManyLeased'])

const mayRepeat = (error: unknown, repeatable: Repeatable): error is MillraceError => {
  if (!(error instanceof MillraceError)) return false
  if (error.code === 'Network' || error.code === 'Timeout') {
    if (repeatable === 'always' || error.data.connected === false) return true
    return repeatable === 'unanswered' && error.data.answered !== true
  }
  const later = error.status === 429 || (error.status === 503 && error.retryAfterMs !== null)
  if (!later || answersOfQueues.has(error.code)) return false
  // A store that failed in the middle of a commit may have written it all the same.
  return repeatable === 'always' || error.data.retryable !== false
}

/** Full jitter: clients that failed together do not come back together. Never before the server wants them. */
const pauseMs = (error: unknown, made: number, policy: RetryPolicy, runtime: Runtime): number => {
  const longest = Math.min(policy.maxDelayMs, policy.minDelayMs * 2 ** (made - 1))
  const wanted = error instanceof MillraceError ? (error.retryAfterMs ?? 0) : 0
  return wanted + runtime.random() * longest
}
