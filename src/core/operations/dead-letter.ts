import type { DeliveryDetail } from '../delivery.ts'
import { messageExpiry } from '../expiry.ts'
import type { Message } from '../message.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import { ownerGroup, readsAlong } from '../queue.ts'
import type { Step } from '../step.ts'
import { contentId, deduplicationKey } from './deduplication.ts'
import { end, leaveToSubscribers } from './ending.ts'
import { newDelivery } from './lifecycle.ts'
import { moveToQueue } from './moving.ts'
import type { Placed } from './placed.ts'
import { addStep } from './steps.ts'

/** What the receive at hand says about limits, which counts for the messages it hands out or meets. */
export interface LimitOverrides {
  readonly receiveLimit?: number | undefined
  readonly deadLetterQueue?: string | undefined
}

/** Whether a message has been received as often as it may be. Receives that ended in a reprocess do not count. */
export const isExhausted = (placed: Placed, overrides: LimitOverrides): boolean => {
  const { delivery, message, queue, group } = placed
  // A subscriber gives up as its own target says.
  if (group.kind === 'dead-letters' || group.kind === 'subscriber') return false
  const isOwn = !delivery.detail?.source || message.extra?.keepsReceiveLimit
  const own = isOwn ? message.extra?.receiveLimit : undefined
  const limit = overrides.receiveLimit ?? own ?? queue.settings.receiveLimit
  return limit !== null && delivery.receiveCount - (delivery.detail?.excusedReceives ?? 0) >= limit
}

/**
 * Puts a message where its dead letters go: the queue that the message names, else the one of the receive, else the queue's own;
 * without any, within its group or away. False when the queue's dead letter queue does not exist: then the message stays and is
 * delivered as usual, since dropping it would lose it. What is a dead letter of its group already stays where it is, too.
 */
export const deadLetter = (step: Step, placed: Placed, reason: string, overrides: LimitOverrides = {}): boolean => {
  const { queue, message, delivery } = placed
  if (placed.group.kind === 'dead-letters') return false
  const wasDeadLettered = delivery.detail?.source !== undefined
  const named = (wasDeadLettered ? undefined : message.extra?.deadLetterQueue) ?? overrides.deadLetterQueue
  if (named !== undefined && named !== queue.name) {
    step.happened('dead-letter', queue)
    moveDeadLetter(step, placed, step.queueOrVirtual(queue.account, named), reason, { startsAnew: true })
    return true
  }
  if (queue.settings.deadLetterQueue !== null) {
    const target = step.tx.queue(queue.account, queue.settings.deadLetterQueue)
    if (!target) return false
    step.happened('dead-letter', queue)
    moveDeadLetter(step, placed, target, reason, { startsAnew: false })
    return true
  }
  step.happened('dead-letter', queue)
  if (queue.settings.deadLetters === 'group') keepInGroup(step, placed, reason)
  else end(step, placed, 'dead-letter', { reason })
  return true
}

/** At the end of a lease without success, with the overrides of the receive that began it. True: the message is gone from here. */
export const deadLetterIfExhausted = (step: Step, placed: Placed, reason = 'receive limit'): boolean => {
  const overrides = placed.delivery.detail ?? {}
  const bites = placed.queue.settings.deadLetterAt === 'lease-end' && isExhausted(placed, overrides)
  return bites && deadLetter(step, placed, reason, overrides)
}

/**
 * `startsAnew`: the message named its dead letter queue itself (StarQueue), so there it is a plain message with a receive count of
 * 0, and its deduplication id is free. A queue's dead letters (SQS) keep their receive count, which only no longer counts
 * against a limit.
 */
const moveDeadLetter = (
  step: Step,
  placed: Placed,
  target: QueueRecord,
  reason: string,
  { startsAnew }: { startsAnew: boolean },
): void => {
  const { queue, group, delivery, message } = placed
  const detail: DeliveryDetail = {
    source: sourceOf(step, queue, group, reason),
    ...(startsAnew ? {} : { excusedReceives: delivery.receiveCount }),
  }
  const { deadLetterRetentionMs } = queue.settings
  moveToQueue(step, placed, target, {
    receiveCount: startsAnew ? 0 : delivery.receiveCount,
    detail,
    ...(deadLetterRetentionMs === null ? {} : { expiresAt: step.now + deadLetterRetentionMs }),
  })
  if (startsAnew) freeReservation(step, queue, message)
}

/** The message's deduplication id is free, unless a later message has taken it meanwhile. */
const freeReservation = (step: Step, queue: QueueRecord, message: Message): void => {
  const id =
    message.extra?.deduplicationId ?? (queue.settings.contentDeduplication ? contentId(message.body) : undefined)
  if (id === undefined) return
  const groupId = ownerGroup(queue).id
  const key = deduplicationKey(queue, message.messageGroup, id)
  if (step.tx.deduplication(groupId, key)?.serial !== message.serial) return
  step.writes++
  step.tx.removeDeduplication(groupId, key)
}

const keepInGroup = (step: Step, placed: Placed, reason: string): void => {
  const { queue, group, delivery, message } = placed
  const dead = deadLettersOf(step, queue, group)
  const { deadLetterRetentionMs } = queue.settings
  const expiresAt = deadLetterRetentionMs === null ? messageExpiry(message, queue) : step.now + deadLetterRetentionMs
  addStep(step, placed, 'Q', { text: `dead letter: ${reason}` })
  step.removeDelivery(queue, group, delivery)
  step.countDone(group.id)
  leaveToSubscribers(step, placed)
  step.makeWayFor(queue, dead, delivery)
  step.insertDelivery(
    queue,
    dead,
    newDelivery(step, queue, dead, message, delivery.position, 0, {
      firstReceivedAt: delivery.firstReceivedAt,
      reprocessCount: delivery.reprocessCount,
      detail: {
        source: sourceOf(step, queue, group, reason),
        ...(expiresAt === null ? {} : { expiresAt }),
      },
    }),
  )
}

const deadLettersOf = (step: Step, queue: QueueRecord, group: GroupRecord): GroupRecord => {
  const current = step.tx.queueById(queue.id)?.groups ?? queue.groups
  return (
    current.find((candidate) => candidate.kind === 'dead-letters' && candidate.deadLettersOf === group.id) ??
    step.createGroup(queue.id, 'dead-letters', group.name, { deadLettersOf: group.id })
  )
}

const sourceOf = (
  step: Step,
  queue: QueueRecord,
  group: GroupRecord,
  reason: string,
): DeliveryDetail['source'] & object => ({
  queue: queue.name,
  ...(readsAlong(group) ? { group: group.name } : {}),
  reason,
  at: step.now,
})
