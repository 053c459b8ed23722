import type { Millis } from '../../../core/clock.ts'
import type { HistoryEntry } from '../../../core/store.ts'
import type { RangeNeed } from '../needs.ts'
import { rangeOf } from '../rows.ts'
import type { OverlayState } from './state.ts'

export const history = (state: OverlayState, serial: number): HistoryEntry | undefined => {
  if (!state.histories.isKnown(serial)) {
    state.needs.history.add(serial)
    state.miss()
  }
  return state.histories.get(serial)
}

export const putHistory = (state: OverlayState, entry: HistoryEntry): void => {
  state.histories.put(entry.serial, entry)
}

export const insertHistory = (state: OverlayState, entry: HistoryEntry): void => {
  if (state.histories.get(entry.serial)) throw new Error(`message ${entry.serial} has an entry of history already`)
  if (!state.histories.isKnown(entry.serial)) state.histories.load(entry.serial, undefined, 0)
  state.histories.put(entry.serial, entry)
}

export const removeHistory = (state: OverlayState, sentBefore: Millis, limit: number): number => {
  const need: RangeNeed = { of: 'old-history', sentBefore, limit }
  const range = state.range<number>(need)
  const query = {
    limit,
    matches: ({ sentAt }: HistoryEntry) => sentAt < sentBefore,
    compare: (a: HistoryEntry, b: HistoryEntry) => a.sentAt - b.sentAt || a.serial - b.serial,
  }
  const found = state.within(need, rangeOf(state.histories, range, query))
  for (const { serial } of found) state.histories.remove(serial)
  return found.length
}
