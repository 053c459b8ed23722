import type { Item } from '../delivery.ts'
import { messageId, parseMessageId } from '../ids.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import type { DeliveryStatus, MessageStatus } from '../requests.ts'
import type { Step } from '../step.ts'
import { storedMessage } from './browse.ts'
import { removedQueues } from './discard.ts'
import { isExpired } from './lifecycle.ts'

/** What became of a message, whatever queue it is or was in; null when unknown here, or sent more than seven days ago. */
export const status = (step: Step, request: { account: string; id: string }): MessageStatus | null => {
  const id = parseMessageId(request.id)
  if (!id || id.sentAt + step.limits.historyMs <= step.now) return null
  const message = step.tx.message(id.serial)
  if (message && message.sentAt === id.sentAt) {
    const queue = step.tx.queueById(message.queueId)
    const known = queue ?? removedQueue(step, message.queueId)
    if (known?.account !== request.account) return null
    const items = queue ? liveDeliveries(step, queue, message.position) : []
    const deliveries = queue ? items.map(({ group, ...item }) => deliveryStatus(queue, group, item, step.now)) : []
    const delayMs = message.extra?.delayMs ?? 0
    const common = { id: messageId(id.sentAt, id.serial), queue: known.name, sentAt: id.sentAt, delayMs, deliveries }
    if (items.length > 0) return { ...common, ended: null }
    // Still stored, but no longer in any group: purged or expired, and about to be removed.
    const ended = {
      outcome: 'purged',
      at: step.now,
      receiveCount: 0,
      reprocessCount: 0,
      firstReceivedAt: null,
      reason: null,
    } as const
    return { ...common, ended }
  }
  const entry = step.tx.history(id.serial)
  if (!entry || entry.sentAt !== id.sentAt) return null
  const queue = step.tx.queueById(entry.queueId) ?? removedQueue(step, entry.queueId)
  if (queue?.account !== request.account) return null
  return {
    id: messageId(id.sentAt, id.serial),
    queue: queue.name,
    sentAt: id.sentAt,
    delayMs: entry.detail?.delayMs ?? 0,
    deliveries: [],
    ended: {
      outcome: entry.outcome,
      at: entry.finishedAt,
      receiveCount: entry.receiveCount,
      reprocessCount: entry.reprocessCount,
      firstReceivedAt: entry.firstReceivedAt,
      reason: entry.detail?.reason ?? null,
    },
  }
}

const removedQueue = (step: Step, queueId: number): { account: string; name: string } | undefined =>
  step.tx.document(removedQueues, String(queueId))?.value as { account: string; name: string } | undefined

const liveDeliveries = (step: Step, queue: QueueRecord, position: number): (Item & { group: GroupRecord })[] =>
  queue.groups.flatMap((group) => {
    const item = step.tx.item(group.id, position)
    return item && !isExpired({ ...item, queue, group }, step.now) ? [{ ...item, group }] : []
  })

const deliveryStatus = (queue: QueueRecord, group: GroupRecord, item: Item, now: number): DeliveryStatus => {
  const stored = storedMessage(queue, group, item, now)
  return {
    group: group.name,
    type: stored.type,
    state: stored.state,
    visibleAt: stored.visibleAt,
    receiveCount: stored.receiveCount,
    reprocessCount: stored.reprocessCount,
    firstReceivedAt: stored.firstReceivedAt,
    modifiedAt: stored.modifiedAt,
    holder: stored.holder,
    reason: stored.reason,
  }
}
