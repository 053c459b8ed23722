import type { Clock, Millis } from '../core/clock.ts'

/** A clock that stands still until a test turns it. */
export interface FakeClock extends Clock {
  /**
   * Turns the clock forward and runs the callbacks that fall due on the way, in order of their time, each at its own
   * time; also those they ask for meanwhile. `advance(0)` runs what is due already. Synchronous.
   */
  advance(ms: Millis): void
  /** As `advance`, to a point in time; a past one only runs what is due already. */
  advanceTo(at: Millis): void
  /** When the next callback is due, if one is waiting. */
  nextCallAt(): Millis | undefined
}

interface Call {
  readonly at: Millis
  readonly run: () => void
}

export const fakeClock = (start: Millis = Date.UTC(2030, 0, 1)): FakeClock => {
  let now = start
  /** In the order in which they were asked for. */
  const calls = new Set<Call>()

  const earliest = (): Call | undefined => {
    let first: Call | undefined
    for (const call of calls) if (!first || call.at < first.at) first = call
    return first
  }

  const advanceTo = (at: Millis) => {
    const end = Math.max(now, at)
    for (let call = earliest(); call && call.at <= end; call = earliest()) {
      calls.delete(call)
      now = Math.max(now, call.at)
      call.run()
    }
    now = end
  }

  return {
    now: () => now,
    callAt(at, run) {
      const call = { at, run }
      calls.add(call)
      return () => {
        calls.delete(call)
      }
    },
    advance: (ms) => advanceTo(now + ms),
    advanceTo,
    nextCallAt: () => earliest()?.at,
  }
}
