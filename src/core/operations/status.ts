import { messageId, parseMessageId } from '../ids.ts'
import type { QueueRecord } from '../queue.ts'
import type { DeliveryStatus, MessageStatus } from '../requests.ts'
import type { Step } from '../step.ts'
import { expiryOf } from '../step.ts'
import { storedMessage } from './browse.ts'
import { type RemovedQueue, removedQueues } from './discard.ts'
import type { Placed } from './lifecycle.ts'
import { isExpired } from './lifecycle.ts'
import { publicIdOf } from './public-id.ts'

/** What became of a message, whatever queue it is or was in; null when unknown here, or sent more than seven days ago. */
export const status = (step: Step, request: { account: string; id: string }): MessageStatus | null => {
  const id = parseMessageId(request.id)
  if (!id || id.sentAt + step.limits.historyMs <= step.now) return null
  const message = step.tx.message(id.serial)
  if (message && message.sentAt === id.sentAt) {
    const queue = step.tx.queueById(message.queueId)
    const known = knownQueue(step, message.queueId)
    if (known?.account !== request.account) return null
    const placed = queue ? allDeliveries(step, queue, message.position) : []
    const live = placed.filter((delivery) => !isExpired(delivery, step.now))
    const delayMs = message.extra?.delayMs ?? 0
    return {
      id: messageId(id.sentAt, id.serial),
      queue: known.name,
      queuePublicId: known.publicId,
      sentAt: id.sentAt,
      delayMs,
      deliveries: live
        .filter(({ group }) => group.kind !== 'retained')
        .map((delivery) => deliveryStatus(delivery, step.now)),
      ended: live.length > 0 ? null : aboutToBeRemoved(step, placed[0]),
    }
  }
  const entry = step.tx.history(id.serial)
  if (!entry || entry.sentAt !== id.sentAt) return null
  const queue = knownQueue(step, entry.queueId)
  if (queue?.account !== request.account) return null
  return {
    id: messageId(id.sentAt, id.serial),
    queue: queue.name,
    queuePublicId: queue.publicId,
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

/** As it is, or as it was when it was deleted. */
const knownQueue = (step: Step, queueId: number): RemovedQueue | undefined => {
  const queue = step.tx.queueById(queueId)
  if (queue) return { account: queue.account, name: queue.name, publicId: publicIdOf(queue) }
  return step.tx.document(removedQueues, String(queueId))?.value as RemovedQueue | undefined
}

export const allDeliveries = (step: Step, queue: QueueRecord, position: number): Placed[] =>
  queue.groups.flatMap((group) => {
    const item = step.tx.item(group.id, position)
    return item ? [{ ...item, queue, group }] : []
  })

/** The end of a message that is stored still: it has expired, or its queue was purged of it. */
const aboutToBeRemoved = (step: Step, expired: Placed | undefined): MessageStatus['ended'] => ({
  outcome: expired ? 'expired' : 'purged',
  at: (expired && expiryOf(expired, expired.queue, expired.group)) ?? step.now,
  receiveCount: expired?.delivery.receiveCount ?? 0,
  reprocessCount: expired?.delivery.reprocessCount ?? 0,
  firstReceivedAt: expired?.delivery.firstReceivedAt ?? null,
  reason: null,
})

const deliveryStatus = ({ queue, group, ...item }: Placed, now: number): DeliveryStatus => {
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
