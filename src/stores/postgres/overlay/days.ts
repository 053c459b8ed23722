import type { CountsOfDay } from '../../../core/queue.ts'
import type { RangeNeed } from '../needs.ts'
import { dayKey } from './keys.ts'
import { queueOfGroup } from './queues.ts'
import type { OverlayState } from './state.ts'

export const countsOfDay = (state: OverlayState, groupId: number, day: number): CountsOfDay => {
  if (queueOfGroup(state, groupId) === undefined) return { processed: 0, errored: 0, filtered: 0 }
  const key = dayKey(groupId, day)
  const isRemoved = state.daysRemoved.has(key) || state.countsRemoved.has(groupId)
  const base = isRemoved ? { processed: 0, errored: 0, filtered: 0 } : state.dayBase.get(key)
  if (!base) {
    state.needs.days.set(key, { groupId, day })
    return state.miss()
  }
  const { processed = 0, errored = 0, filtered = 0 } = state.dayDifferences.get(key) ?? {}
  return {
    processed: base.processed + processed,
    errored: base.errored + errored,
    filtered: base.filtered + filtered,
  }
}

export const addCountsOfDay = (
  state: OverlayState,
  groupId: number,
  day: number,
  { processed = 0, errored = 0, filtered = 0 }: Partial<CountsOfDay>,
): void => {
  if (queueOfGroup(state, groupId) === undefined) throw new Error(`there is no group ${groupId} to count in`)
  const key = dayKey(groupId, day)
  const own = state.dayDifferences.get(key)
  if (!own) state.dayDifferences.set(key, { groupId, day, processed, errored, filtered })
  else {
    own.processed += processed
    own.errored += errored
    own.filtered += filtered
  }
}

export const removeCountsOfDays = (state: OverlayState, before: number, limit: number): number => {
  const need: RangeNeed = { of: 'old-days', before, limit }
  const range = state.range<string>(need)
  const isOld = (key: string, row: { groupId: number; day: number }) =>
    row.day < before && !state.daysRemoved.has(key) && !state.countsRemoved.has(row.groupId)
  const gone = new Map<string, { readonly groupId: number; readonly day: number }>()
  for (const key of range.keys) {
    const row = state.oldDays.get(key)
    if (row && isOld(key, row) && gone.size < limit) gone.set(key, row)
  }
  for (const [key, row] of state.dayDifferences) {
    if (row.day < before && gone.size < limit) gone.set(key, { groupId: row.groupId, day: row.day })
  }
  if (gone.size < limit && !range.complete) state.within(need, undefined)
  for (const [key, row] of gone) {
    state.dayDifferences.delete(key)
    state.daysRemoved.set(key, row)
  }
  return gone.size
}
