import { expiryOf } from '../expiry.ts'
import type { StepsRecord } from '../history.ts'
import { messageId, parseMessageId } from '../ids.ts'
import type { QueueRecord } from '../queue.ts'
import type { DeliveryStatus, MessageStatus } from '../requests.ts'
import type { Step } from '../step.ts'
import type { HistoryEntry } from '../store.ts'
import { storedMessage } from './browse.ts'
import { type RemovedQueue, removedQueues } from './discard.ts'
import { isExpired } from './lifetime.ts'
import type { Placed } from './placed.ts'
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
    const ended = queue && endedForItsOwner(placed) ? step.tx.history(id.serial) : undefined
    const live = placed.filter((delivery) => !isExpired(delivery, step.now))
    const delayMs = message.extra?.delayMs ?? 0
    return {
      id: messageId(id.sentAt, id.serial),
      queue: known.name,
      queuePublicId: known.publicId,
      sentAt: id.sentAt,
      delayMs,
      groupsDone: queue ? groupsDone(queue, message.position, placed) : 0,
      deliveries: live
        .filter(({ group }) => group.kind !== 'retained')
        .map((delivery) => deliveryStatus(delivery, step.now)),
      ended: ended ? endOf(ended) : live.length > 0 ? null : aboutToBeRemoved(step, placed[0]),
      ...stepsOf(ended, queue?.settings.history === 'steps' ? step.tx.steps(queue.id, id.serial) : undefined),
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
    groupsDone: 0,
    deliveries: [],
    ended: endOf(entry),
    ...stepsOf(entry, undefined),
  }
}

/** Only subscribers have it still, or nobody: a store that is not read all at one moment may show the message and no more its deliveries. */
const endedForItsOwner = (placed: readonly Placed[]): boolean =>
  placed.every(({ group }) => group.kind === 'subscriber')

const endOf = (entry: HistoryEntry): MessageStatus['ended'] => ({
  outcome: entry.outcome,
  at: entry.finishedAt,
  receiveCount: entry.receiveCount,
  reprocessCount: entry.reprocessCount,
  firstReceivedAt: entry.firstReceivedAt,
  reason: entry.detail?.reason ?? null,
  failure: entry.detail?.failure ?? null,
})

/** Those that went into the entry at its end, and those since. */
export const stepsOf = (
  entry: HistoryEntry | undefined,
  record: StepsRecord | undefined,
): Pick<MessageStatus, 'steps' | 'stepsOmitted'> => ({
  steps: [...(entry?.detail?.steps ?? []), ...(record?.lines ?? [])],
  stepsOmitted: (entry?.detail?.stepsOmitted ?? 0) + (record?.omitted ?? 0),
})

/** Consumer groups that have it no more. One that was made later may be given it still. */
export const groupsDone = ({ groups }: QueueRecord, position: number, placed: readonly Placed[]): number =>
  groups.filter(
    ({ id, kind, tagRule, backfillFrom, backfillTo }) =>
      kind === 'consumer' &&
      tagRule === null &&
      !placed.some(({ group }) => group.id === id) &&
      !(position > backfillFrom && position <= backfillTo),
  ).length

/** As it is, or as it was when it was deleted. */
const knownQueue = (step: Step, queueId: number): RemovedQueue | undefined => {
  const queue = step.tx.queueById(queueId)
  if (queue) {
    return { account: queue.account, name: queue.name, publicId: publicIdOf(queue) }
  }
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
  failure: null,
})

const deliveryStatus = ({ queue, group, ...item }: Placed, now: number): DeliveryStatus => {
  const stored = storedMessage(queue, group, item, now)
  return {
    group: group.name,
    subscriber: group.kind === 'subscriber',
    type: stored.type,
    state: stored.state,
    visibleAt: stored.visibleAt,
    receiveCount: stored.receiveCount,
    reprocessCount: stored.reprocessCount,
    firstReceivedAt: stored.firstReceivedAt,
    modifiedAt: stored.modifiedAt,
    holder: stored.holder,
    reason: stored.reason,
    failure: stored.failure,
    deadLetterSource: stored.deadLetterSource,
  }
}
