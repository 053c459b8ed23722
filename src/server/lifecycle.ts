import type { RunningServer } from './start.ts'

/** A terminal's Ctrl-C reaches the server, and npm passes on the one that reached it: one wish, two signals. */
const sameWishMs = 500

/**
 * Resolves when a signal has asked the server to stop and it has. A second signal ends the process at once, as does a
 * stop that takes far longer than it may.
 */
export const untilStopped = async (
  server: RunningServer,
  { stopTimeoutMs }: { stopTimeoutMs: number },
): Promise<void> => {
  const asked = Promise.withResolvers<void>()
  let askedAt: number | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    const now = performance.now()
    if (askedAt !== undefined && now - askedAt > sameWishMs) {
      server.log.warn({ signal }, 'stopped at once')
      process.exit(signalExitCodes[signal] ?? 1)
    }
    if (askedAt !== undefined) return
    askedAt = now
    server.log.info({ signal }, 'asked to stop')
    asked.resolve()
  }
  for (const signal of signals) process.on(signal, onSignal)
  try {
    await asked.promise
    const limit = setTimeout(() => {
      server.log.error('the stop has taken too long: stopped at once')
      process.exit(1)
    }, stopTimeoutMs + graceMs)
    await server.close().finally(() => clearTimeout(limit))
  } finally {
    for (const signal of signals) process.off(signal, onSignal)
  }
}

/** For the last commit and the store, once connections have been cut. */
const graceMs = 5000

const signals = ['SIGTERM', 'SIGINT'] as const
const signalExitCodes: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGINT: 130, SIGTERM: 143 }
