import type { Millis } from '../../../core/clock.ts'
import type { Deduplication } from '../../../core/store.ts'
import type { RangeNeed } from '../needs.ts'
import { rangeOf } from '../rows.ts'
import { deduplicationKey } from './keys.ts'
import { queueOfGroup } from './queues.ts'
import type { OverlayState } from './state.ts'

export const deduplication = (state: OverlayState, groupId: number, key: string): Deduplication | undefined => {
  const place = deduplicationKey(groupId, key)
  if (!state.deduplications.isKnown(place)) {
    if (queueOfGroup(state, groupId) === undefined) return undefined
    state.needs.deduplications.set(place, { groupId, key })
    state.miss()
  }
  return state.deduplications.get(place)
}

export const expiredDeduplications = (state: OverlayState, now: Millis, limit: number): Deduplication[] => {
  const need: RangeNeed = { of: 'expired-deduplications', now, limit }
  const range = state.range<string>(need)
  const query = {
    limit,
    matches: ({ expiresAt }: Deduplication) => expiresAt <= now,
    compare: (a: Deduplication, b: Deduplication) => a.expiresAt - b.expiresAt,
  }
  const found = state.within(need, rangeOf(state.deduplications, range, query))
  state.sawDue(now, found.length === limit)
  return found
}

export const putDeduplication = (state: OverlayState, entry: Deduplication): void => {
  if (queueOfGroup(state, entry.groupId) === undefined) throw new Error(`there is no group ${entry.groupId}`)
  state.deduplications.put(deduplicationKey(entry.groupId, entry.key), entry)
}

export const removeDeduplication = (state: OverlayState, groupId: number, key: string): void => {
  if (deduplication(state, groupId, key)) state.deduplications.remove(deduplicationKey(groupId, key))
}

export const removeDeduplications = (state: OverlayState, groupId: number, limit: number): number => {
  if (queueOfGroup(state, groupId) === undefined) return 0
  const need: RangeNeed = { of: 'group-deduplications', groupId, limit }
  const range = state.range<string>(need)
  const query = {
    limit,
    matches: (entry: Deduplication) => entry.groupId === groupId,
    compare: (a: Deduplication, b: Deduplication) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  }
  const found = rangeOf(state.deduplications, { keys: range.keys, complete: true }, query)
  if (found && found.length < limit && !range.complete) state.within(need, undefined)
  for (const { key } of found ?? []) state.deduplications.remove(deduplicationKey(groupId, key))
  return found?.length ?? 0
}
