// Time for a server whose clock stands still until a test turns it.

import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Store } from '../../src/core/store.ts'
import type { FakeClock } from '../../src/testing/index.ts'
import { isBusy } from '../postgres/busy.ts'

/** So many stops at most: in a leap of hours or weeks what happens by itself every minute need not happen every minute. */
const mostStops = 100

/** Until nothing goes on by itself, however long the store takes over it. */
export const settled = async (store: Store): Promise<void> => {
  for (let turn = 0; turn < 10; turn = isBusy(store) ? 0 : turn + 1) await nextTurn()
}

/** Turns the clock, stopping wherever something falls due, as time does. */
export const advanceClock = async (clock: FakeClock, store: Store, ms: number): Promise<void> => {
  const end = clock.now() + ms
  const shortest = ms / mostStops
  await settled(store)
  for (let next = clock.nextCallAt(); next !== undefined && next <= end; next = clock.nextCallAt()) {
    clock.advanceTo(ms > leapMs ? Math.min(end, Math.max(next, clock.now() + shortest)) : next)
    await settled(store)
  }
  clock.advanceTo(end)
  await settled(store)
}

const leapMs = 3_600_000

/** Until so many receives wait, of whatever API. A machine with much else to do takes its time over it. */
export const untilWaiting = async (url: string, count: number): Promise<void> => {
  const deadline = performance.now() + 100_000
  let waiting = await waitingNow(url)
  while (waiting !== count) {
    assert.ok(performance.now() < deadline, `${waiting} receives wait, not ${count}`)
    await nextTurn()
    waiting = await waitingNow(url)
  }
}

const waitingNow = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^millrace_waiting_receives (\d+)$/m.exec(text)?.[1])
}
