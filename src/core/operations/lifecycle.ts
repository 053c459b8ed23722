/** How a delivery passes from state to state: every operation and every timer goes through these. */
import type { Delivery, DeliveryDetail, FinishedType } from '../delivery.ts'
import { dueTime, messageExpiry } from '../expiry.ts'
import type { Failure } from '../failure.ts'
import type { Message } from '../message.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import type { Step } from '../step.ts'
import { end, leaveToSubscribers } from './ending.ts'
import { liveUntil } from './lifetime.ts'
import type { Placed } from './placed.ts'
import { addStep } from './steps.ts'

/** The message group that orders a delivery; null where nothing does. */
const orderingGroup = (queue: QueueRecord, messageGroup: string | null): string | null => {
  switch (queue.settings.ordering) {
    case 'unordered':
      return null
    case 'grouped':
      return messageGroup
    case 'ordered':
      return ''
  }
}

/** By the time of sending, which goes with a message that was moved here from another queue. */
export const ageRank = (queue: QueueRecord, { serial }: Message): number =>
  queue.settings.newestFirst ? -serial : serial

/** The first delivery of a message in a group, visible from `visibleAt` on. */
export const newDelivery = (
  step: Step,
  queue: QueueRecord,
  group: GroupRecord,
  message: Message,
  position: number,
  visibleAt: number,
  more: Partial<Pick<Delivery, 'receiveCount' | 'firstReceivedAt' | 'reprocessCount' | 'detail'>> = {},
): Delivery => {
  const retained = group.kind === 'retained'
  const delayed = !retained && visibleAt > step.now
  const messageGroup = retained ? null : orderingGroup(queue, message.messageGroup)
  const unordered = queue.settings.ordering === 'unordered'
  return {
    groupId: group.id,
    position,
    serial: message.serial,
    type: 'Q',
    state: delayed ? 'delayed' : retained || messageGroup !== null ? 'behind' : 'ready',
    visibleAt: delayed ? visibleAt : 0,
    dueAt: dueTime(delayed ? visibleAt : null, message, group, more.detail?.expiresAt),
    urgency: unordered ? -message.priority : 0,
    rank: unordered ? ageRank(queue, message) : position,
    messageGroup,
    receiveCount: more.receiveCount ?? 0,
    firstReceivedAt: more.firstReceivedAt ?? null,
    reprocessCount: more.reprocessCount ?? 0,
    nonce: 0,
    claimId: null,
    modifiedAt: step.now,
    detail: more.detail ?? null,
  }
}

/** Visible again: at the end of a delay or lease, or released. In its old place, unless it has to go behind those that wait. */
export const makeVisible = (
  step: Step,
  placed: Placed,
  change: Partial<Pick<Delivery, 'receiveCount' | 'firstReceivedAt' | 'detail' | 'reprocessCount' | 'rank'>> & {
    toBack?: boolean
  } = {},
): Delivery => {
  const { queue, group, delivery, message } = placed
  const { toBack, ...changed } = change
  const detail = change.detail === undefined ? delivery.detail : change.detail
  const visible: Delivery = {
    ...delivery,
    ...changed,
    type: 'Q',
    state: delivery.messageGroup === null ? 'ready' : 'behind',
    visibleAt: 0,
    dueAt: dueTime(null, message, group, detail?.expiresAt),
    rank: toBack ? step.tx.takePositions(queue.id, 1) : (change.rank ?? delivery.rank),
    claimId: null,
    modifiedAt: step.now,
  }
  step.updateDelivery(queue, group, delivery, visible)
  addStep(step, placed, 'Q')
  return visible
}

/** Hidden until `visibleAt`: type Q for a retry, type D for a reprocess. */
export const delay = (
  step: Step,
  placed: Placed,
  visibleAt: number,
  change: Partial<Pick<Delivery, 'type' | 'receiveCount' | 'firstReceivedAt' | 'reprocessCount' | 'detail' | 'rank'>>,
): Delivery => {
  const { queue, group, delivery, message } = placed
  const detail = change.detail === undefined ? delivery.detail : change.detail
  const delayed: Delivery = {
    ...delivery,
    ...change,
    state: 'delayed',
    visibleAt,
    dueAt: dueTime(visibleAt, message, group, detail?.expiresAt),
    claimId: null,
    modifiedAt: step.now,
  }
  step.updateDelivery(queue, group, delivery, delayed)
  addStep(step, placed, delayed.type, {
    detail: { until: visibleAt, ...(delayed.type === 'D' ? { reprocessCount: delayed.reprocessCount } : {}) },
  })
  return delayed
}

export interface LeaseTerms {
  readonly until: number
  readonly claimId?: string
  readonly holder?: string
  readonly receiveLimit?: number
  readonly deadLetterQueue?: string
}

/** Hands a delivery out. A lease that ends at once leaves it visible, but counted. */
export const lease = (step: Step, placed: Placed, terms: LeaseTerms): Delivery => {
  const { queue, group, delivery, message } = placed
  const held = terms.until > step.now
  const ordered = delivery.messageGroup !== null
  const leased: Delivery = {
    ...delivery,
    state: held ? 'leased' : ordered ? 'behind' : 'ready',
    visibleAt: held ? terms.until : 0,
    dueAt: dueTime(held ? terms.until : null, message, group, delivery.detail?.expiresAt),
    receiveCount: delivery.receiveCount + 1,
    firstReceivedAt: delivery.firstReceivedAt ?? step.now,
    nonce: step.random.nonce(),
    claimId: held ? (terms.claimId ?? null) : null,
    modifiedAt: step.now,
    detail: leaseDetail(step.now, delivery.detail, terms, queue.settings.history === 'steps'),
  }
  step.updateDelivery(queue, group, delivery, leased)
  if (leased.state === 'ready') step.stillReady(queue, group)
  return leased
}

/** Most leases need no detail at all, and then none is made. */
const leaseDetail = (
  now: number,
  detail: DeliveryDetail | null,
  terms: LeaseTerms,
  timed: boolean,
): DeliveryDetail | null => {
  const plain = !timed && !terms.holder && terms.receiveLimit === undefined && terms.deadLetterQueue === undefined
  if (!detail && plain) return null
  const {
    settled: _settled,
    receiveLimit: _limit,
    deadLetterQueue: _queue,
    holder: _holder,
    leasedAt: _at,
    broughtBack: _brought,
    ...kept
  } = detail ?? {}
  const next: DeliveryDetail = {
    ...kept,
    ...(terms.holder ? { holder: terms.holder } : {}),
    ...(timed || terms.holder ? { leasedAt: now } : {}),
    ...(terms.receiveLimit === undefined ? {} : { receiveLimit: terms.receiveLimit }),
    ...(terms.deadLetterQueue === undefined ? {} : { deadLetterQueue: terms.deadLetterQueue }),
  }
  return Object.keys(next).length === 0 ? null : next
}

/** Kept as a finished message, if the queue keeps them; else gone. Null when it is gone. */
export const finish = (
  step: Step,
  placed: Placed,
  as: FinishedType,
  said: { reason?: string | undefined; outbound?: string | undefined; failure?: Failure | undefined },
  options?: { readonly keep: true },
): Delivery | null => {
  const { queue, group, delivery } = placed
  const { settings } = queue
  const failure = said.failure === undefined ? {} : { failure: said.failure }
  if (delivery.state !== 'finished') step.countToday(group, as)
  // What a subscriber is done with goes: the queue's own finished messages are the ones that people look at.
  if ((settings.keepFinished === 'nothing' || group.kind === 'subscriber') && !options?.keep) {
    end(step, placed, outcomes[as], { ...(said.reason === undefined ? {} : { reason: said.reason }), ...failure })
    return null
  }
  const keepMs = {
    P: settings.keepProcessedMs,
    F: settings.keepFilteredMs,
    E: settings.keepErroredMs,
    S: settings.keepShelvedMs,
  }[as]
  const { settled: _settled, ...kept } = delivery.detail ?? {}
  const detail: DeliveryDetail = {
    ...kept,
    ...(said.reason === undefined ? {} : { reason: said.reason }),
    ...(said.outbound === undefined ? {} : { outbound: said.outbound }),
    ...failure,
  }
  const finished: Delivery = {
    ...delivery,
    type: as,
    state: 'finished',
    visibleAt: 0,
    dueAt: keepMs === null ? null : step.now + keepMs,
    claimId: null,
    modifiedAt: step.now,
    detail: noneIfEmpty(detail),
  }
  step.updateDelivery(queue, group, delivery, finished)
  addStep(step, placed, as, { text: said.reason })
  if (delivery.state !== 'finished') {
    step.countDone(group.id)
    leaveToSubscribers(step, placed)
  }
  return finished
}

/** Back among those that wait, from where it was put aside or kept: in its old place, and as if it had never failed. */
export const requeue = (step: Step, placed: Placed): Delivery => {
  const { queue, group, delivery } = placed
  const {
    settled: _settled,
    failures: _failures,
    failure: _failure,
    outbound: _outbound,
    ...detail
  } = delivery.detail ?? {}
  if (delivery.state !== 'finished') return makeVisible(step, placed, { detail: noneIfEmpty(detail) })
  const message = liveAgain(step, placed)
  step.makeWayFor(queue, group, delivery)
  // What it was received before counts no more against its limit.
  const excusedReceives = delivery.receiveCount
  const more = {
    ...detail,
    ...(excusedReceives > 0 ? { excusedReceives } : {}),
    ...(delivery.messageGroup === null ? {} : { broughtBack: true as const }),
  }
  return makeVisible(step, { ...placed, message }, { detail: noneIfEmpty(more) })
}

const noneIfEmpty = (detail: DeliveryDetail): DeliveryDetail | null =>
  Object.keys(detail).length === 0 ? null : detail

/** Finished messages do not expire; one that is to be handed out again gets its whole life once more. */
const liveAgain = (step: Step, placed: Placed): Message => {
  const { queue, message } = placed
  const expiry = messageExpiry(message, queue)
  return expiry === null ? message : liveUntil(step, placed, step.now + (expiry - message.sentAt))
}

const outcomes = { P: 'processed', F: 'filtered', E: 'errored', S: 'shelved' } as const
