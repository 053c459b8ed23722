import type { Logger } from 'pino'
import type { Clock, Millis } from '../../core/clock.ts'

/** What fails fails again with everything that is tried, and the log may be on the disk that is full. */
const sameAgainMs = 60_000

/** Says in the log what fails and why, the same no more than once a minute. */
export const failureLog = (log: Logger, clock: Clock): ((what: string, error: unknown) => void) => {
  const loggedAt = new Map<string, Millis>()
  return (what, error) => {
    const now = clock.now()
    for (const [text, at] of loggedAt) if (now - at >= sameAgainMs) loggedAt.delete(text)
    const text = `${what}: ${error}`
    if (loggedAt.has(text)) return
    loggedAt.set(text, now)
    log.error({ err: error }, what)
  }
}
