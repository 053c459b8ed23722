/** The machine's own clock and randomness; whoever composes an engine passes them in. */
import { randomFillSync } from 'node:crypto'
import type { Clock, Millis, Random } from './clock.ts'

export const systemClock = (): Clock => ({
  now: () => Date.now(),
  callAt(at, run, options) {
    let timer: ReturnType<typeof setTimeout> | undefined
    // Timers know nothing of a clock that is set, and fire at once beyond 2^31 - 1 ms: long waits are taken in stages.
    const longest = options?.watchful ? watchfulStageMs : stageMs
    const arm = () => {
      const left = at - Date.now()
      timer = setTimeout(left > longest ? arm : run, Math.max(0, Math.min(left, longest)))
      if (!options?.keepAlive) timer.unref()
    }
    arm()
    return () => clearTimeout(timer)
  },
})

const stageMs: Millis = 86_400_000
const watchfulStageMs: Millis = 1000

export const systemRandom = (): Random => {
  const pool = Buffer.allocUnsafe(6 * 1024)
  let used = pool.length
  return {
    nonce() {
      if (used === pool.length) {
        randomFillSync(pool)
        used = 0
      }
      const value = (pool.readUInt16LE(used) & 0xfff) * 2 ** 32 + pool.readUInt32LE(used + 2)
      used += 6
      // 0 stands for "never leased".
      return value || 1
    },
  }
}
