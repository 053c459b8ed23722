import type { GroupRecord, QueueRecord } from '../queue.ts'
import { ownerGroup } from '../queue.ts'
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import type { SliceResult, Work } from './background.ts'
import { removeWork } from './background.ts'
import { newDelivery } from './lifecycle.ts'
import { isExpired } from './lifetime.ts'
import { isBackfilling } from './receivers.ts'
import { admits } from './tag-rules.ts'

/** The `backfillTo` of a group that has not caught up with its queue. Larger than any position. */
export const untilCaughtUp = 2 ** 48

/**
 * Gives a consumer group that was made later the next retained messages that it has not got yet, oldest first. Until it has
 * caught up it gets the ones sent meanwhile in this way too, so that they stay behind the older ones.
 */
export const backfillSlice = (step: Step, queue: QueueRecord, group: GroupRecord, limit: number): GroupRecord => {
  const owner = ownerGroup(queue)
  const retained = step.tx.scan(owner.id, { after: group.backfillFrom, limit })
  for (const item of retained) {
    if (isExpired({ ...item, queue, group: owner }, step.now)) continue
    const { message, delivery } = item
    if (!admits(group, message)) continue
    const delayMs = message.extra?.delayMs ?? 0
    step.insertDelivery(
      queue,
      group,
      newDelivery(step, queue, group, message, delivery.position, message.sentAt + delayMs),
    )
  }
  const last = retained.at(-1)
  const next =
    last && retained.length === limit
      ? { ...group, backfillFrom: last.delivery.position, backfilled: group.backfilled + limit }
      : { ...group, backfillFrom: 0, backfillTo: 0, backfilled: 0 }
  step.writes++
  step.tx.putGroup(next)
  return next
}

export const backfillWorkSlice = (
  step: Step,
  document: StoredDocument,
  work: Work & { kind: 'backfill' },
  sliceSize: number,
): SliceResult => {
  const queue = step.tx.queueById(work.queueId)
  const group = queue?.groups.find((candidate) => candidate.id === work.groupId)
  if (queue && group && isBackfilling(group) && isBackfilling(backfillSlice(step, queue, group, sliceSize))) {
    return { done: false }
  }
  removeWork(step, document)
  return { done: true }
}
