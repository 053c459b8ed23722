import type { Item } from '../delivery.ts'
import { dueTime, messageExpiry } from '../expiry.ts'
import { collections } from '../identity/model.ts'
import { ownerGroup } from '../queue.ts'
import type { Step } from '../step.ts'
import type { RetentionMark } from '../store.ts'
import { end, endEverywhere } from './ending.ts'
import { changedHistories, forgetSteps } from './forget-steps.ts'
import { forgetIdleQueue, idleQueues } from './idle-queues.ts'
import { makeVisible } from './lifecycle.ts'
import { isExpired } from './lifetime.ts'
import type { Placed } from './placed.ts'
import { bringBackAccount } from './removed-accounts.ts'
import { endLease } from './settle.ts'
import { endingSubscriptions, endSubscription } from './subscribers.ts'

/**
 * What happens by itself: delays and leases that end, messages that expire, finished messages that have been kept long enough.
 * One slice; true when there may be more that is due.
 */
export const processDue = (step: Step, sliceSize: number): boolean => {
  const deliveries = step.tx.due(step.now, sliceSize)
  for (const item of deliveries) fallDue(step, item)
  const marks = step.tx.dueRetentionMarks(step.now, 16)
  let swept = 0
  for (const mark of marks) swept += sweepRetention(step, mark, sliceSize)
  const deduplications = step.tx.expiredDeduplications(step.now, sliceSize)
  for (const { groupId, key } of deduplications) {
    step.writes++
    step.tx.removeDeduplication(groupId, key)
  }
  const documents = step.tx.expiredDocuments(step.now, sliceSize)
  for (const document of documents) {
    step.writes++
    step.tx.removeDocument(document.collection, document.key)
    if (document.collection === idleQueues) forgetIdleQueue(step, document)
    if (document.collection === endingSubscriptions) endSubscription(step, document)
    if (document.collection === changedHistories) forgetSteps(step, document)
    if (document.collection === collections.removed) bringBackAccount(step, document)
  }
  const most = Math.max(deliveries.length, deduplications.length, documents.length, swept)
  return most >= sliceSize || marks.length === 16
}

const fallDue = (step: Step, item: Item): void => {
  const place = step.placeOfGroup(item.delivery.groupId)
  if (!place) {
    // A group that is being discarded: it is emptied in slices of its own.
    step.writes++
    step.tx.updateDelivery(item.delivery, { ...item.delivery, dueAt: null })
    return
  }
  // Where several groups have the message, an earlier one of this slice may have ended it for all, or given it an end.
  const current = place.queue.groups.length > 1 ? step.tx.item(place.group.id, item.delivery.position) : item
  if (!current) return
  const placed: Placed = { ...current, ...place }
  if (isExpired(placed, step.now)) {
    endEverywhere(step, placed, 'expired')
    return
  }
  const { delivery, message } = placed
  if (delivery.visibleAt > step.now) {
    // Its expiry was put off (by a claim of another group) after this was noted down.
    const dueAt = dueTime(delivery.visibleAt, message, placed.group, delivery.detail?.expiresAt)
    step.updateDelivery(placed.queue, placed.group, delivery, { ...delivery, dueAt })
    return
  }
  switch (delivery.state) {
    case 'leased':
      step.happened('lease-end', placed.queue)
      endLease(step, placed, { reason: 'receive limit' })
      return
    case 'delayed':
      makeVisible(step, placed)
      return
    case 'finished':
      end(step, placed, keptOutcomes[delivery.type])
      return
    case 'ready':
    case 'behind':
      // Its expiry was put off (by a claim, or a change of the retention) after this was noted down.
      step.updateDelivery(placed.queue, placed.group, delivery, {
        ...delivery,
        dueAt: dueTime(null, message, placed.group, delivery.detail?.expiresAt),
      })
  }
}

const keptOutcomes = {
  P: 'processed',
  F: 'filtered',
  E: 'errored',
  S: 'shelved',
  Q: 'processed',
  D: 'processed',
} as const

/** Removes what has outlived its queue's retention, oldest first; returns how many it looked at. */
const sweepRetention = (step: Step, mark: RetentionMark, sliceSize: number): number => {
  const queue = step.tx.queueById(mark.queueId)
  if (!queue || queue.settings.retentionMs === null) {
    step.writes++
    step.tx.removeRetentionMark(mark.queueId)
    return 0
  }
  const group = ownerGroup(queue)
  const items = step.tx.scan(group.id, { after: mark.cursor, limit: sliceSize })
  let { cursor } = mark
  for (const item of items) {
    const inherits = item.message.expiresAt === null && item.delivery.state !== 'finished'
    const expiry = inherits ? messageExpiry(item.message, queue) : null
    if (expiry !== null && expiry > step.now) {
      putMark(step, { queueId: queue.id, checkAt: expiry, cursor })
      return items.length - 1
    }
    if (expiry !== null) endEverywhere(step, { ...item, queue, group }, 'expired')
    cursor = item.delivery.position
  }
  if (items.length === sliceSize) putMark(step, { queueId: queue.id, checkAt: step.now, cursor })
  else if (step.storedMessages(queue) > 0) {
    putMark(step, { queueId: queue.id, checkAt: step.now + queue.settings.retentionMs, cursor })
  } else {
    step.writes++
    step.tx.removeRetentionMark(queue.id)
  }
  return items.length
}

const putMark = (step: Step, mark: RetentionMark): void => {
  step.writes++
  step.tx.putRetentionMark(mark)
}
