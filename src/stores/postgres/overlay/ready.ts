import type { Delivery, Item } from '../../../core/delivery.ts'
import { itemsOf } from './items.ts'
import { lockQueue } from './locks.ts'
import { queueById, queueOfGroup } from './queues.ts'
import type { OverlayState } from './state.ts'

export const ready = (state: OverlayState, groupId: number, limit: number): Item[] => {
  const queueId = queueOfGroup(state, groupId)
  if (queueId === undefined) return []
  // What is ready next depends on what comes before it in its message group.
  if (queueById(state, queueId)?.settings.ordering !== 'unordered' && queueById(state, queueId))
    lockQueue(state, queueId)
  const range = state.readyRanges.get(groupId)
  if (!range) {
    state.needs.ready.set(groupId, (state.needs.ready.get(groupId) ?? 0) + limit)
    return state.miss()
  }
  let from = state.takenUpTo.get(groupId) ?? 0
  while (from < range.keys.length && state.deliveries.written.has(range.keys[from] as string)) from++
  state.takenUpTo.set(groupId, from)
  const found: Delivery[] = []
  let at = from
  for (; at < range.keys.length && found.length < limit; at++) {
    const key = range.keys[at] as string
    if (state.deliveries.written.has(key)) continue
    found.push(state.deliveries.get(key) as Delivery)
  }
  const made = state.madeReady.get(groupId)
  if (made && made.size > 0) {
    const last = state.deliveries.loaded.get(range.keys.at(-1) ?? '')?.value
    for (const key of made) {
      const delivery = state.deliveries.get(key) as Delivery
      // Beyond the last one that was loaded there may be others in between.
      if (range.complete || (last && readyOrder(delivery, last) < 0)) found.push(delivery)
    }
    found.sort(readyOrder)
  }
  if (found.length < limit && !range.complete) {
    state.needs.ready.set(groupId, (state.needs.ready.get(groupId) ?? range.limit) + limit)
    return state.miss()
  }
  return itemsOf(state, found.length > limit ? found.slice(0, limit) : found)
}

const readyOrder = (a: Delivery, b: Delivery): number => a.urgency - b.urgency || a.rank - b.rank
