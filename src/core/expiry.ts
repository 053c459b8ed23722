import type { Millis } from './clock.ts'
import type { Item } from './delivery.ts'
import type { Message } from './message.ts'
import type { GroupRecord, QueueRecord } from './queue.ts'

/** The earliest time at which a message of the queue ends by itself; null: never. */
export const expiryOf = (item: Item, queue: QueueRecord, group: GroupRecord): Millis | null => {
  if (item.delivery.state === 'finished') return null
  if (group.kind === 'dead-letters') return item.delivery.detail?.expiresAt ?? null
  return messageExpiry(item.message, queue)
}

export const messageExpiry = (message: Message, queue: QueueRecord): Millis | null => {
  if (message.expiresAt !== null) return message.expiresAt
  const { retentionMs } = queue.settings
  return retentionMs === null ? null : message.sentAt + retentionMs
}

/**
 * When the store has to bring a delivery up again. Messages that inherit their queue's retention are not among the reasons: one
 * retention mark a queue watches over them all.
 */
export const dueTime = (
  event: Millis | null,
  message: Message,
  group: GroupRecord,
  detailExpiry?: Millis,
): Millis | null => {
  const expiry = group.kind === 'dead-letters' ? (detailExpiry ?? null) : message.expiresAt
  if (event === null) return expiry
  return expiry === null ? event : Math.min(event, expiry)
}
