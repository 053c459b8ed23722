import type { OverlayState } from './state.ts'

/** What was taken for granted turned out wrong, or is not all there is to load. */
export const distrust = (state: OverlayState): void => {
  state.trusting = false
  for (const id of state.ahead) {
    state.ends.lost(id)
    state.known.forget(id)
  }
  for (const id of state.needs.unverified) state.known.forget(id)
  for (const id of state.assumedMarks) state.known.noteMark(id, undefined)
  for (const key of state.assumedItems.keys()) state.recent.forget(key)
}

/** What was taken for granted has to be read. */
export const readAssumed = (state: OverlayState): void => {
  if (state.assumedItems.size > 0) state.trusting = false
  for (const key of state.assumedItems.keys()) {
    const delivery = state.deliveries.loaded.get(key)?.value
    if (!delivery) continue
    state.deliveries.loaded.delete(key)
    state.messages.loaded.delete(delivery.serial)
    state.needs.items.set(key, delivery)
  }
  state.assumedItems.clear()
}

/** What is remembered of it, where a change of it is sure to show in its stamp. */
export const recall = (state: OverlayState, key: string, groupId: number): boolean => {
  if (!state.trusting) return false
  const item = state.recent.get(key)
  const queueId = item && state.known.queueOfGroup(groupId)
  const queue = queueId !== undefined && state.queueBase.get(queueId)?.record
  if (!item || !queue || queue.groups.length !== 1 || state.messages.loaded.has(item.message.serial)) return false
  state.deliveries.load(key, item.delivery, item.stamp)
  state.messages.load(item.message.serial, item.message, 0)
  state.assumedItems.set(key, item.stamp)
  return true
}
