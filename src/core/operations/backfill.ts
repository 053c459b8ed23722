import type { GroupRecord, QueueRecord } from '../queue.ts'
import { ownerGroup } from '../queue.ts'
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import type { SliceResult, Work } from './background.ts'
import { removeWork } from './background.ts'
import { isExpired, newDelivery } from './lifecycle.ts'

/** Gives a consumer group that was made later the next retained messages that it has not got yet, oldest first. */
export const backfillSlice = (step: Step, queue: QueueRecord, group: GroupRecord, limit: number): GroupRecord => {
  const owner = ownerGroup(queue)
  const retained = step.tx
    .scan(owner.id, { after: group.backfillFrom, limit })
    .filter((item) => item.delivery.position <= group.backfillTo)
  for (const item of retained) {
    if (isExpired({ ...item, queue, group: owner }, step.now)) continue
    const { message, delivery } = item
    const delayMs = message.extra?.delayMs ?? 0
    step.insertDelivery(
      queue,
      group,
      newDelivery(step, queue, group, message, delivery.position, message.sentAt + delayMs),
    )
  }
  const last = retained.at(-1)
  const next = { ...group, backfillFrom: last && retained.length === limit ? last.delivery.position : group.backfillTo }
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
  if (queue && group && group.backfillFrom < group.backfillTo) {
    const next = backfillSlice(step, queue, group, sliceSize)
    if (next.backfillFrom < next.backfillTo) return { done: false }
  }
  removeWork(step, document)
  return { done: true }
}
