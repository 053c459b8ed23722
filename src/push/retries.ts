import type { Millis } from '../core/clock.ts'
import type { PushTarget } from '../core/push-target.ts'

/** How long a message waits before its next call; undefined when it has had them all. `failures`: those before this one. */
export const retryDelay = ({ retries }: PushTarget, failures: number, random: () => number): Millis | undefined => {
  if (!retries || failures >= retries.max) return undefined
  const { delaysMs, minDelayMs, maxDelayMs } = retries
  if (delaysMs) return delaysMs[Math.min(failures, delaysMs.length - 1)]
  // Full jitter: many that failed together do not come again together.
  return Math.round(random() * Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(failures, 40)))
}

/** The longest that a service can put us off. */
export const maxRetryAfterMs = 3_600_000

/** The header Retry-After, in seconds or as a date; undefined when it says nothing that can be used. */
export const retryAfterMs = (header: string | undefined, now: Millis): Millis | undefined => {
  if (header === undefined) return undefined
  const wait = /^\s*\d{1,12}\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), maxRetryAfterMs)
}
