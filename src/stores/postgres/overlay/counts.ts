import { type Counts, noCounts } from '../../../core/queue.ts'
import { lockQueue } from './locks.ts'
import { queueOfGroup } from './queues.ts'
import type { OverlayState } from './state.ts'

export const counts = (state: OverlayState, groupId: number, options?: { readonly exact: boolean }): Counts => {
  const queueId = queueOfGroup(state, groupId)
  if (queueId === undefined) return noCounts()
  if (options?.exact) {
    if (!state.countBase.has(groupId)) state.needs.counts.add(groupId)
    lockQueue(state, queueId)
  }
  const base = state.countsRemoved.has(groupId) ? noCounts() : state.countBase.get(groupId)
  if (!base) {
    state.needs.counts.add(groupId)
    return state.miss()
  }
  const counts = { ...base }
  add(counts, state.countDifferences.get(groupId))
  return counts
}

export const addCounts = (state: OverlayState, groupId: number, difference: Partial<Counts>): void => {
  if (queueOfGroup(state, groupId) === undefined) throw new Error(`there is no group ${groupId} to count in`)
  let own = state.countDifferences.get(groupId)
  if (!own) {
    own = noCounts()
    state.countDifferences.set(groupId, own)
  }
  add(own, difference)
}

const add = (counts: Counts, difference: Partial<Counts> | undefined): void => {
  // One of ten, most often.
  for (const counter in difference) counts[counter as keyof Counts] += difference[counter as keyof Counts] ?? 0
}
