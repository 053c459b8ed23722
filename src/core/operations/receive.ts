import { checkQueueName, requireGroup } from '../addressed.ts'
import type { Item } from '../delivery.ts'
import { Refusal } from '../errors.ts'
import { expiryOf } from '../expiry.ts'
import { messageId, receiptHandle } from '../ids.ts'
import type { EngineLimits } from '../limits.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import type { Pop, Receive, ReceivedMessage } from '../requests.ts'
import { tenYearsMs } from '../settings.ts'
import type { Step } from '../step.ts'
import { backfillSlice } from './backfill.ts'
import type { LimitOverrides } from './dead-letter.ts'
import { deadLetter, deadLetterIfExhausted, isExhausted } from './dead-letter.ts'
import { end, endEverywhere } from './ending.ts'
import { lease } from './lifecycle.ts'
import { isExpired } from './lifetime.ts'
import type { Placed } from './placed.ts'
import { isBackfilling } from './receivers.ts'
import { messageBytes } from './send.ts'
import { dropIfExcluded, withTagRule } from './tag-rules.ts'

/** Hands out up to `maxMessages` at this moment; waiting for more is the engine's part. */
export const receive = (step: Step, request: Receive): readonly ReceivedMessage[] => {
  const maxMessages = request.maxMessages ?? 1
  checkMaxMessages(maxMessages, step.limits.maxBatch)
  checkTerms(request, step.limits)
  const place = placeToReceive(step, request)
  if (!place) return []
  const { queue } = place
  const group = request.deadLetters ? place.group : withTagRule(step, queue, place.group, request.tagRule)
  const until = step.now + (request.visibilityTimeoutMs ?? queue.settings.visibilityTimeoutMs)
  const taken = takeReady(step, queue, group, {
    limit: withinLeaseLimit(step, queue, group, maxMessages),
    maxBytes: request.maxBytes ?? Number.POSITIVE_INFINITY,
    overrides: request,
  })
  if (request.batch) taken.sort((one, other) => one.delivery.position - other.delivery.position)
  // A batch is a claim that has no other use.
  const claimId = request.batch && taken.length > 0 ? messageId(step.now, step.tx.takeNumbers(1)) : undefined
  return taken.map((placed) => {
    const { receiveLimit, deadLetterQueue, holder } = request
    const terms = {
      until,
      ...(claimId === undefined ? {} : { claimId }),
      ...(receiveLimit === undefined ? {} : { receiveLimit }),
      ...(deadLetterQueue === undefined ? {} : { deadLetterQueue }),
      ...(holder === undefined ? {} : { holder }),
    }
    const delivery = lease(step, placed, terms)
    // A lease of no length is over already, and so may be the message.
    if (until <= step.now) deadLetterIfExhausted(step, { ...placed, delivery })
    return receivedMessage(queue, group, { delivery, message: placed.message }, receiptHandle(delivery), until)
  })
}

/** Hands out and deletes in one step. */
export const pop = (step: Step, request: Pop): readonly ReceivedMessage[] => {
  const limit = request.maxMessages ?? 1
  checkMaxMessages(limit, step.limits.maxBatch)
  const place = placeToReceive(step, request)
  if (!place) return []
  const { queue, group } = place
  const taken = takeReady(step, queue, group, {
    limit,
    maxBytes: request.maxBytes ?? Number.POSITIVE_INFINITY,
    overrides: {},
  })
  return taken.map((placed) => {
    const counted = {
      ...placed.delivery,
      receiveCount: placed.delivery.receiveCount + 1,
      firstReceivedAt: placed.delivery.firstReceivedAt ?? step.now,
    }
    const answer = receivedMessage(queue, group, { delivery: counted, message: placed.message }, null, null)
    step.countToday(group, 'P')
    end(step, { ...placed, delivery: counted }, 'deleted')
    return answer
  })
}

export const checkMaxMessages = (value: number, most: number): void => {
  if (Number.isInteger(value) && value >= 1 && value <= most) return
  throw new Refusal('ArgumentInvalid', { argument: 'maxMessages', reason: `must be a whole number from 1 to ${most}` })
}

const checkTerms = (request: Receive, limits: EngineLimits): void => {
  checkAtLeast('visibilityTimeoutMs', request.visibilityTimeoutMs, 0, tenYearsMs)
  checkAtLeast('maxBytes', request.maxBytes, 0)
  checkAtLeast('receiveLimit', request.receiveLimit, 1)
  if (request.deadLetterQueue === undefined) return
  checkQueueName(request.deadLetterQueue, limits, 'deadLetterQueue')
  if (request.deadLetterQueue === request.queue) {
    throw new Refusal('ArgumentInvalid', { argument: 'deadLetterQueue', reason: 'must be another queue' })
  }
}

const checkAtLeast = (argument: string, value: number | undefined, least: number, most?: number): void => {
  if (value === undefined) return
  if (Number.isSafeInteger(value) && value >= least && value <= (most ?? value)) return
  const upTo = most === undefined ? '' : ` to ${most}`
  throw new Refusal('ArgumentInvalid', { argument, reason: `must be a whole number from ${least}${upTo}` })
}

/** Where to receive from; undefined when there is nothing to be had there now. */
const placeToReceive = (step: Step, request: Receive | Pop): { queue: QueueRecord; group: GroupRecord } | undefined => {
  checkAtLeast('waitMs', request.waitMs, 0)
  const queue = step.queueOf(request)
  if (!queue || (request.ifMissing === 'refuse' && !step.isThere(queue))) {
    if (request.ifMissing === 'refuse') throw new Refusal('QueueNotFound', { queue: request.queue })
    return undefined
  }
  const group = requireGroup(queue, request, 'receive')
  if (!group || queue.settings.paused) return undefined
  return { queue, group }
}

export const withinLeaseLimit = (step: Step, queue: QueueRecord, group: GroupRecord, limit: number): number => {
  const { maxLeased } = queue.settings
  if (maxLeased === null) return limit
  const free = maxLeased - step.tx.counts(group.id, { exact: true }).leased
  if (free <= 0) throw new Refusal('TooManyLeased', { queue: queue.name, maxLeased })
  return Math.min(limit, free)
}

/**
 * The next messages to hand out, in order; none of them expired or received too often already (those are dealt with on the
 * way). The caller leases or removes what it gets, all of it.
 */
export const takeReady = (
  step: Step,
  queue: QueueRecord,
  group: GroupRecord,
  want: { limit: number; maxBytes: number; overrides: LimitOverrides },
): Placed[] => {
  if (isBackfilling(group)) backfillSlice(step, queue, group, Math.max(100, want.limit))
  let dropped = 0
  while (true) {
    step.refreshHeads(queue, group)
    const before = dropped
    const taken: Placed[] = []
    let bytes = 0
    const found = step.tx.ready(group.id, dropped === 0 ? want.limit : Math.max(want.limit, lookAgain))
    expectFollowers(step, group, found, want.limit)
    search: for (const item of found) {
      for (const candidate of withFollowers(step, queue, group, item, want.limit - taken.length)) {
        if (!isDeliverable(step, candidate, want.overrides)) {
          dropped++
          break
        }
        bytes += messageBytes(candidate.message)
        if (taken.length > 0 && bytes > want.maxBytes) break search
        taken.push(candidate)
        if (taken.length === want.limit) break search
      }
    }
    // Only what was dropped on the way makes it worth looking again, and that within bounds: sweeps deal with the rest.
    if (taken.length > 0 || dropped === before || dropped > mostDropped) return taken
  }
}

const lookAgain = 100
const mostDropped = 2000

/** In ordered queues one receive drains a message group before it goes to the next: its first message and the visible ones behind it. */
const withFollowers = (step: Step, queue: QueueRecord, group: GroupRecord, head: Item, limit: number): Placed[] => {
  const place = { queue, group }
  const { messageGroup } = head.delivery
  if (messageGroup === null || limit === 1) return [{ ...head, ...place }]
  const placed: Placed[] = []
  for (const item of step.tx.messageGroup(group.id, messageGroup, limit)) {
    const { state } = item.delivery
    if (state !== 'ready' && state !== 'behind') break
    placed.push({ ...item, ...place })
  }
  return placed
}

const expectFollowers = (step: Step, group: GroupRecord, heads: readonly Item[], limit: number): void => {
  if (limit > 1 && heads.some(({ delivery }) => delivery.messageGroup !== null)) {
    step.tx.expect?.(
      heads.flatMap(({ delivery: { messageGroup } }) =>
        messageGroup === null ? [] : [{ read: 'message-group', groupId: group.id, messageGroup, limit }],
      ),
    )
  }
}

const isDeliverable = (step: Step, placed: Placed, overrides: LimitOverrides): boolean => {
  if (dropIfExcluded(step, placed)) return false
  if (isExpired(placed, step.now)) {
    endEverywhere(step, placed, 'expired')
    return false
  }
  return !(isExhausted(placed, overrides) && deadLetter(step, placed, 'receive limit', overrides))
}

const receivedMessage = (
  queue: QueueRecord,
  group: GroupRecord,
  { delivery, message }: Item,
  handle: string | null,
  leasedUntil: number | null,
): ReceivedMessage => ({
  id: messageId(message.sentAt, message.serial),
  queue: queue.name,
  group: group.name,
  receiptHandle: handle,
  position: delivery.position,
  message,
  type: delivery.type,
  receiveCount: delivery.receiveCount,
  firstReceivedAt: delivery.firstReceivedAt ?? message.sentAt,
  reprocessCount: delivery.reprocessCount,
  failures: delivery.detail?.failures ?? 0,
  leasedUntil,
  expiresAt: expiryOf({ delivery, message }, queue, group),
  deadLetterSource: delivery.detail?.source ?? null,
})
