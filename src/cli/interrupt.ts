import { exitCodes } from './exit.ts'

/**
 * A signal that is aborted by Ctrl-C (or SIGTERM), so that a command can give back what it holds and stop. A second
 * Ctrl-C does not wait for that.
 */
export const listenForInterrupt = (): AbortSignal => {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return controller.signal
}

/** Resolves after so long, or as soon as the signal is aborted; never rejects. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
  })
