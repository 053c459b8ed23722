import type { GroupRecord, QueueRecord } from '../queue.ts'
import { ownerGroup, readsAlong } from '../queue.ts'
import type { Step } from '../step.ts'

/**
 * The groups that get a delivery of each message sent, the owner first; of the consumer groups perhaps only one. A group that still
 * gets the messages that were there before it gets this one after them.
 */
export const receivers = (step: Step, queue: QueueRecord, onlyGroup?: string): GroupRecord[] => {
  if (queue.groups.length === 1) return queue.groups as GroupRecord[]
  const consumers = queue.groups.filter(readsAlong)
  const chosen = consumers.filter(({ name }) => name === onlyGroup)
  const readers = (chosen.length > 0 ? chosen : consumers).filter(
    (group) => !isBackfilling(group) && !isOver(group, step.now),
  )
  return [ownerGroup(queue), ...readers]
}

/** Its subscription has ended, though it is not removed yet. */
const isOver = ({ subscription }: GroupRecord, now: number): boolean =>
  subscription?.expiresAt != null && subscription.expiresAt <= now

export const isBackfilling = (group: GroupRecord): boolean => group.backfillFrom < group.backfillTo
