import type { Clock } from './clock.ts'
import type { SharedStore } from './store.ts'

/** Nodes over one store go by one clock, however wrong that of their own machine is. */
export const sharedClock = (clock: Clock, store: SharedStore): Clock => ({
  now: () => clock.now() + store.clockOffsetMs,
  callAt: (at, run, options) => clock.callAt(at - store.clockOffsetMs, run, options),
})
