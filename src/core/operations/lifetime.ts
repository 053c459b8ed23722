/** How long messages live, and who watches over it. */
import type { Delivery } from '../delivery.ts'
import { expiryOf } from '../expiry.ts'
import type { Message } from '../message.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import { ownerGroup } from '../queue.ts'
import type { Step } from '../step.ts'
import type { Placed } from './placed.ts'

export const isExpired = (placed: Placed, now: number): boolean => {
  const expiry = expiryOf(placed, placed.queue, placed.group)
  return expiry !== null && expiry <= now
}

/** Gives a message an end of its own, for every group that has it. */
export const liveUntil = (step: Step, { queue, group, message }: Placed, until: number): Message => {
  if (message.expiresAt === until) return message
  step.writes++
  step.tx.moveMessage(message.serial, message.queueId, message.position, until)
  // Its owner watches over it; other groups find out when their own time comes.
  const owner = ownerGroup(queue)
  const owned = owner.id === group.id ? undefined : step.tx.item(owner.id, message.position)
  if (owned) noteExpiry(step, queue, owner, owned.delivery, until)
  return { ...message, expiresAt: until }
}

export const noteExpiry = (
  step: Step,
  queue: QueueRecord,
  group: GroupRecord,
  delivery: Delivery,
  until: number,
): void => {
  const dueAt = delivery.visibleAt > 0 ? Math.min(delivery.visibleAt, until) : until
  step.updateDelivery(queue, group, delivery, { ...delivery, dueAt })
}

/** Sees to it that messages which live by their queue's retention are looked after. */
export const keepRetention = (step: Step, queue: QueueRecord, message: Message): void => {
  if (message.expiresAt !== null || queue.settings.retentionMs === null) return
  if (step.tx.retentionMark(queue.id)) return
  step.writes++
  step.tx.putRetentionMark({ queueId: queue.id, checkAt: message.sentAt + queue.settings.retentionMs, cursor: 0 })
}
