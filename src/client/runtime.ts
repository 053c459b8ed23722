import { aborted } from './error.ts'

/** Time, randomness and the event loop, passed in, so that tests can turn the clock. */
export interface Runtime {
  /** Milliseconds; only differences count. */
  now(): number
  /** From 0 up to, but not including, 1. */
  random(): number
  /** Runs once, after everything that was called in the same moment. */
  soon(run: () => void): void
  /** Runs once, after so long; the function returned cancels it. */
  after(ms: number, run: () => void): () => void
}

/** Longest span that timers of JavaScript hold; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1

const after = (ms: number, run: () => void): (() => void) => {
  let timer: ReturnType<typeof setTimeout>
  const arm = (left: number) => {
    timer = setTimeout(
      () => (left > longestTimerMs ? arm(left - longestTimerMs) : run()),
      Math.min(left, longestTimerMs),
    )
  }
  arm(Math.max(0, ms))
  return () => clearTimeout(timer)
}

/** `setImmediate` where there is one; else a message to oneself, which unlike `setTimeout` is not slowed down by browsers. */
const chooseSoon = (): ((run: () => void) => void) => {
  if (typeof setImmediate === 'function') return (run) => void setImmediate(run)
  if (typeof MessageChannel !== 'function') return (run) => void setTimeout(run, 0)
  const channel = new MessageChannel()
  const waiting: (() => void)[] = []
  channel.port1.onmessage = () => waiting.shift()?.()
  return (run) => {
    waiting.push(run)
    channel.port2.postMessage(null)
  }
}

export const systemRuntime = (): Runtime => ({
  now: () => performance.now(),
  random: Math.random,
  soon: chooseSoon(),
  after,
})

/** Resolves after so long; rejects as soon as the signal is aborted. */
export const sleep = (runtime: Runtime, ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal))
    const stop = () => {
      cancel()
      if (signal) reject(aborted(signal))
    }
    const cancel = runtime.after(ms, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    signal?.addEventListener('abort', stop, { once: true })
  })
