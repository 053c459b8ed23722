import type { GroupRecord } from '../../../core/queue.ts'
import { isOwn, lockQueue } from './locks.ts'
import { baseQueue, groupById } from './queues.ts'
import type { OverlayState, StoredQueue } from './state.ts'

export const putQueue = (state: OverlayState, queue: StoredQueue): void => {
  change(state, queue.id)
  const { id, account, name, explicit, settings, createdAt, modifiedAt } = queue
  state.queuesWritten.set(id, { id, account, name, explicit, settings, createdAt, modifiedAt })
}

export const removeQueue = (state: OverlayState, id: number): void => {
  change(state, id)
  state.queuesWritten.set(id, undefined)
}

export const putGroup = (state: OverlayState, group: GroupRecord): void => {
  change(state, group.queueId)
  state.groupsWritten.set(group.id, group)
  state.placesWritten.set(group.id, group.queueId)
}

export const removeGroup = (state: OverlayState, id: number): void => {
  const group = groupById(state, id)
  if (group) change(state, group.queueId)
  state.groupsWritten.set(id, undefined)
  state.countDifferences.delete(id)
  state.countsRemoved.add(id)
  for (const [key, { groupId }] of state.dayDifferences) if (groupId === id) state.dayDifferences.delete(key)
}

/** A queue is changed by one transaction at a time. */
const change = (state: OverlayState, queueId: number): void => {
  lockQueue(state, queueId)
  if (isOwn(state, queueId)) state.queueBase.set(queueId, { record: undefined, version: 0 })
  else if (!state.queuesWritten.has(queueId)) baseQueue(state, queueId)
  state.merged.clear()
}
