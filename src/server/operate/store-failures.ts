import type { Logger } from 'pino'
import type { Clock, Millis } from '../../core/clock.ts'
import type { EngineObserver } from '../../core/observer.ts'

/** While the store fails every commit meets the same failure, and the log may be on the disk that is full. */
const sameAgainMs = 60_000

/** Says in the log why the store fails: whoever is refused because of it is not told. */
export const logStoreFailures = (log: Logger, clock: Clock): Pick<EngineObserver, 'storeFailed'> => {
  const loggedAt = new Map<string, Millis>()
  return {
    storeFailed(failure) {
      const now = clock.now()
      for (const [text, at] of loggedAt) if (now - at >= sameAgainMs) loggedAt.delete(text)
      if (loggedAt.has(failure.message)) return
      loggedAt.set(failure.message, now)
      log.error({ err: failure }, 'the store fails')
    },
  }
}
