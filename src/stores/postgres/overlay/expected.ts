import type { Prefetch } from '../../../core/store.ts'
import { recall } from './assumed.ts'
import { deduplicationKey, itemKey, messageGroupKey, stepKey } from './keys.ts'
import { findId } from './queues.ts'
import type { OverlayState } from './state.ts'

export const expect = (state: OverlayState, reads: readonly Prefetch[]): void => {
  for (const read of reads) {
    switch (read.read) {
      case 'queue':
        findId(state, read.account, read.name)
        break
      case 'item': {
        const key = itemKey(read.groupId, read.position)
        if (!state.deliveries.isKnown(key) && isPlace(state, read.groupId) && !recall(state, key, read.groupId)) {
          state.needs.items.set(key, read)
        }
        break
      }
      case 'message':
        if (!state.messages.isKnown(read.serial)) state.needs.messages.add(read.serial)
        break
      case 'message-group': {
        const key = messageGroupKey(read.groupId, read.messageGroup)
        const range = state.groupRanges.get(key)
        if ((!range || (!range.complete && range.limit < read.limit)) && isPlace(state, read.groupId)) {
          state.needs.messageGroups.set(key, read)
        }
        break
      }
      case 'deduplication': {
        const key = deduplicationKey(read.groupId, read.key)
        if (!state.deduplications.isKnown(key) && isPlace(state, read.groupId))
          state.needs.deduplications.set(key, read)
        break
      }
      case 'steps':
        if (!state.stepRows.isKnown(stepKey(read.queueId, read.serial))) {
          state.needs.steps.set(stepKey(read.queueId, read.serial), read)
        }
        break
      case 'history':
        if (!state.histories.isKnown(read.serial)) state.needs.history.add(read.serial)
        break
      case 'ready':
        // How much of it all units want together shows when they run.
        break
    }
  }
}

/** Whether anything can be there. While the group is unknown it is loaded first, and asked for again. */
const isPlace = (state: OverlayState, groupId: number): boolean => {
  if (state.placeOf(groupId) !== undefined) return true
  if (!state.groupBase.has(groupId) && !state.groupsWritten.has(groupId)) state.needs.groups.add(groupId)
  return false
}
