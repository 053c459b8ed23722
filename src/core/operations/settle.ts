import type { Delivery, DeliveryDetail } from '../delivery.ts'
import { isRefusal, Refusal } from '../errors.ts'
import type { Cause } from '../history.ts'
import { messageId, parseReceiptHandle } from '../ids.ts'
import type { QueueRecord } from '../queue.ts'
import type { EntryResult, HandleRule, Settle, SettleAction, Settled, SettleEntry } from '../requests.ts'
import { tenYearsMs } from '../settings.ts'
import type { Step } from '../step.ts'
import { deadLetter, deadLetterIfExhausted } from './dead-letter.ts'
import { end } from './ending.ts'
import { ageRank, delay, finish, makeVisible } from './lifecycle.ts'
import { isExpired } from './lifetime.ts'
import type { Placed } from './placed.ts'
import { isExcluded } from './tag-rules.ts'

/** Settles leases one by one; an entry that is refused changes nothing and spoils none of the others. */
export const settle = (step: Step, request: Settle): readonly EntryResult[] => {
  if (request.entries.length < 1 || request.entries.length > step.limits.maxBatch) {
    throw new Refusal('ArgumentInvalid', {
      argument: 'entries',
      reason: `must be 1 to ${step.limits.maxBatch}, not ${request.entries.length}`,
    })
  }
  const queue = step.requireQueue(request)
  return request.entries.map((entry) => perEntry(() => settleOne(step, queue, entry, request.handles ?? 'leased')))
}

export const perEntry = (run: () => Settled): EntryResult => {
  try {
    return { ok: true, value: run() }
  } catch (error) {
    if (isRefusal(error)) return { ok: false, refusal: error }
    throw error
  }
}

const settleOne = (step: Step, queue: QueueRecord, entry: SettleEntry, rule: HandleRule): Settled => {
  const { receiptHandle: handle, action } = entry
  checkAction(queue, action)
  const lease = parseReceiptHandle(handle)
  if (!lease) throw new Refusal('ReceiptHandleInvalid', { receiptHandle: handle })
  const group = queue.groups.find((candidate) => candidate.id === lease.groupId)
  if (!group) {
    const elsewhere = step.tx.group(lease.groupId)
    if (elsewhere && elsewhere.kind !== 'discarded') {
      throw new Refusal('ReceiptHandleInvalid', { receiptHandle: handle })
    }
  }
  const item = group && step.tx.item(lease.groupId, lease.position)
  if (!group || !item || isExpired({ ...item, queue, group }, step.now)) return gone(action, handle)

  const placed: Placed = { ...item, queue, group, cause: causeOf(entry, item.delivery) }
  const { delivery } = item
  const { reprocessed } = delivery.detail ?? {}
  if (action.do === 'reprocess' && reprocessed?.nonce === lease.nonce) {
    const { count: reprocessCount, until } = reprocessed
    const id = messageId(item.message.sentAt, item.message.serial)
    return { id, type: until === null ? 'Q' : 'D', reprocessCount, visibleAt: until, changed: false }
  }
  if (delivery.nonce === lease.nonce && delivery.state !== 'leased' && isRepeated(delivery, action)) {
    return settled(placed, delivery, false)
  }
  // Put aside by its worker it is nobody's: no request brings it back before its time.
  const mayEnd = delivery.type !== 'D' || action.do === 'delete'
  const valid =
    mayEnd &&
    delivery.state !== 'finished' &&
    delivery.nonce !== 0 &&
    (rule === 'any' ||
      (delivery.nonce === lease.nonce &&
        (rule === 'latest' || (delivery.state === 'leased' && delivery.visibleAt > step.now))))
  if (!valid) throw new Refusal('LeaseLost', { receiptHandle: handle })
  return settled(placed, act(step, placed, action), true)
}

const checkAction = (queue: QueueRecord, action: SettleAction): void => {
  if (action.do === 'reprocess' && queue.settings.ordering !== 'unordered') {
    throw new Refusal('OrderedQueue', { queue: queue.name, action: 'reprocessing after a delay' })
  }
  const duration = action.do === 'extend' ? 'visibilityTimeoutMs' : 'delayMs'
  const value = action.do === 'extend' ? action.visibilityTimeoutMs : 'delayMs' in action ? (action.delayMs ?? 0) : 0
  if (!Number.isInteger(value) || value < 0 || value > tenYearsMs) {
    throw new Refusal('ArgumentInvalid', {
      argument: duration,
      reason: `must be a whole number of milliseconds from 0 to ${tenYearsMs}`,
    })
  }
}

/** Ending what is gone is no mistake, nor is the same request that comes again; anything else comes too late. */
const gone = (action: SettleAction, receiptHandle: string): Settled => {
  if (action.do !== 'delete' && action.do !== 'finish' && action.do !== 'dead-letter' && action.do !== 'fail') {
    throw new Refusal('LeaseLost', { receiptHandle })
  }
  return { id: '', type: null, reprocessCount: 0, visibleAt: null, changed: false }
}

/** The answer to the first request was lost, and it came again: the same answer, and nothing counted twice. */
const isRepeated = ({ state, type, detail }: Delivery, action: SettleAction): boolean =>
  action.do === 'finish'
    ? state === 'finished' && type === action.as
    : action.do === 'release' && detail?.settled === 'release'

const settled = ({ message, delivery: before }: Placed, after: Delivery | null, changed: boolean): Settled => ({
  id: messageId(message.sentAt, message.serial),
  type: after?.type ?? null,
  reprocessCount: (after ?? before).reprocessCount,
  visibleAt: after && after.visibleAt > 0 ? after.visibleAt : null,
  changed,
})

const act = (step: Step, placed: Placed, action: SettleAction): Delivery | null => {
  switch (action.do) {
    case 'delete':
      step.countToday(placed.group, 'P')
      end(step, placed, 'deleted')
      return null
    case 'extend':
      return action.visibilityTimeoutMs === 0
        ? endLease(step, placed, { reason: 'receive limit' })
        : extend(step, placed, step.now + action.visibilityTimeoutMs)
    case 'release':
      return release(step, placed, action)
    case 'reprocess':
      return reprocess(step, placed, action)
    case 'finish':
      return finish(step, placed, action.as, action)
    case 'dead-letter':
      if (!deadLetter(step, placed, action.reason ?? 'by its receiver', placed.delivery.detail ?? {})) {
        throw noPlaceForDeadLetter(placed)
      }
      return null
    case 'fail':
      return fail(step, placed, action)
  }
}

/** Without a place for dead letters, or without the queue that is named for them, it is kept or forgotten as errored. */
const fail = (step: Step, placed: Placed, action: SettleAction & { do: 'fail' }): Delivery | null => {
  const { queue, message, delivery, group } = placed
  const named = message.extra?.deadLetterQueue ?? delivery.detail?.deadLetterQueue ?? queue.settings.deadLetterQueue
  const hasPlace = named !== null || queue.settings.deadLetters === 'group'
  const isOwners = group.kind !== 'subscriber'
  if (hasPlace && isOwners && deadLetter(step, placed, action.reason ?? 'failed', delivery.detail ?? {})) return null
  return finish(step, placed, 'E', action)
}

const causeOf = ({ by, detail, events, action }: SettleEntry, delivery: Delivery): Cause => ({
  by: by ?? delivery.detail?.holder ?? 'receiver',
  ...('reason' in action && action.reason !== undefined ? { text: action.reason } : {}),
  ...(detail ? { detail } : {}),
  ...(events ? { events } : {}),
})

const noPlaceForDeadLetter = ({ queue, group }: Placed): Refusal => {
  const { deadLetterQueue } = queue.settings
  return group.kind === 'dead-letters' || deadLetterQueue === null
    ? new Refusal('ArgumentInvalid', {
        argument: 'action',
        reason: 'cannot be dead-letter: the message is one already',
      })
    : new Refusal('QueueNotFound', { queue: deadLetterQueue })
}

export const extend = (step: Step, placed: Placed, until: number, change: Partial<Delivery> = {}): Delivery => {
  const { queue, group, delivery, message } = placed
  const expiry = group.kind === 'dead-letters' ? (delivery.detail?.expiresAt ?? null) : message.expiresAt
  const extended: Delivery = {
    ...delivery,
    ...change,
    state: 'leased',
    visibleAt: until,
    dueAt: expiry === null ? until : Math.min(until, expiry),
    modifiedAt: step.now,
  }
  step.updateDelivery(queue, group, delivery, extended)
  return extended
}

const release = (step: Step, placed: Placed, action: SettleAction & { do: 'release' }): Delivery | null => {
  const { delivery } = placed
  if (isExcluded(placed)) return leave(step, placed)
  const counts = action.failed !== false
  const detail: DeliveryDetail = {
    ...delivery.detail,
    settled: 'release',
    ...(counts ? { failures: (delivery.detail?.failures ?? 0) + 1 } : {}),
    ...(action.reason === undefined ? {} : { reason: action.reason }),
  }
  const receiveCount = counts ? delivery.receiveCount : Math.max(0, delivery.receiveCount - 1)
  const neverBegun = receiveCount === 0 && !action.keepsStart
  const change = { detail, receiveCount, firstReceivedAt: neverBegun ? null : delivery.firstReceivedAt }
  if (counts && deadLetterIfExhausted(step, placed, action.reason)) return null
  if (!action.delayMs) return makeVisible(step, placed, { ...change, toBack: action.to === 'back' })
  const back = action.to === 'back' ? { rank: step.tx.takePositions(placed.queue.id, 1) } : {}
  return delay(step, placed, step.now + action.delayMs, { ...change, ...back })
}

const reprocess = (step: Step, placed: Placed, action: SettleAction & { do: 'reprocess' }): Delivery => {
  const { delivery } = placed
  const { failures: _failures, settled: _settled, ...kept } = delivery.detail ?? {}
  const reprocessCount = delivery.reprocessCount + 1
  const until = action.delayMs === 0 ? null : step.now + action.delayMs
  const detail: DeliveryDetail = {
    ...kept,
    reprocessed: { nonce: delivery.nonce, count: reprocessCount, until },
    excusedReceives: (delivery.detail?.excusedReceives ?? 0) + 1,
    ...(action.reason === undefined ? {} : { reason: action.reason }),
  }
  // It comes back to the place of its arrival, wherever it stood meanwhile.
  const rank = ageRank(placed.queue, placed.message)
  if (until === null) return makeVisible(step, placed, { detail, reprocessCount, rank })
  return delay(step, placed, until, { type: 'D', detail, reprocessCount, rank })
}

/** A lease is over without success: the message is visible again, or a dead letter if its limit bites. Null: it is gone from here. */
export const endLease = (step: Step, placed: Placed, why: { reason?: string }): Delivery | null => {
  if (isExcluded(placed)) return leave(step, placed)
  return deadLetterIfExhausted(step, placed, why.reason) ? null : makeVisible(step, placed)
}

/** It was handed out before its group had a tag rule, and is nothing to it since. */
const leave = (step: Step, { queue, group, delivery }: Placed): null => {
  step.removeDelivery(queue, group, delivery)
  return null
}
