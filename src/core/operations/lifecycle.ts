/** How a delivery passes from state to state: every operation and every timer goes through these. */
import type { Delivery, DeliveryDetail, FinishedType, Item } from '../delivery.ts'
import type { Failure } from '../failure.ts'
import type { Cause } from '../history.ts'
import { messageId } from '../ids.ts'
import type { Message } from '../message.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import { ownerGroup, readsAlong, refersOnly } from '../queue.ts'
import type { Step } from '../step.ts'
import { dueTime, expiryOf, messageExpiry } from '../step.ts'
import type { HistoryDetail, Outcome } from '../store.ts'
import type { Placed } from './placed.ts'
import { addStep, moveSteps, takeSteps } from './steps.ts'
import { admits } from './tag-rules.ts'

export const isExpired = (placed: Placed, now: number): boolean => {
  const expiry = expiryOf(placed, placed.queue, placed.group)
  return expiry !== null && expiry <= now
}

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
  if (delivery.state !== 'finished') step.countDone(group.id)
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

/** The end of a delivery in its group; of the message too, unless other groups still have it. */
export const end = (step: Step, placed: Placed, outcome: Outcome, detail: HistoryDetail | null = null): void => {
  const { queue, group, delivery } = placed
  step.removeDelivery(queue, group, delivery)
  // Of dead letters it is counted how many there ever were.
  const counts = outcome !== 'expired' || group.kind === 'dead-letters'
  if (delivery.state !== 'finished' && counts) step.countDone(group.id)
  addStep(step, placed, 'ended', { text: detail?.reason, detail: { outcome } })
  if (!refersOnly(group)) releaseMessage(step, placed, outcome, detail)
}

/**
 * The end of a message for every group that reads the queue: its life is over, or it was deleted for good. Only subscribers still have
 * what was deleted: it was sent to them, too.
 */
export const endEverywhere = (
  step: Step,
  placed: Placed,
  outcome: Outcome,
  detail: HistoryDetail | null = null,
): void => {
  const { queue, group, delivery } = placed
  if (outcome === 'expired') step.happened('expire', queue)
  if (group.kind === 'dead-letters' || queue.groups.length === 1) {
    end(step, placed, outcome, detail)
    return
  }
  const owner = ownerGroup(queue)
  removeFromConsumers(step, queue, delivery.position)
  const owned = step.tx.item(owner.id, delivery.position)
  if (owned) end(step, { ...withCause(placed), ...owned, queue, group: owner }, outcome, detail)
  if (outcome === 'expired') endForSubscribers(step, queue, delivery.position)
}

const withCause = ({ cause }: Placed): { cause?: Cause } => (cause ? { cause } : {})

const endForSubscribers = (step: Step, queue: QueueRecord, position: number): void => {
  for (const group of queue.groups) {
    const item = group.kind === 'subscriber' ? step.tx.item(group.id, position) : undefined
    if (item) end(step, { ...item, queue, group }, 'expired')
  }
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

const noteExpiry = (step: Step, queue: QueueRecord, group: GroupRecord, delivery: Delivery, until: number): void => {
  const dueAt = delivery.visibleAt > 0 ? Math.min(delivery.visibleAt, until) : until
  step.updateDelivery(queue, group, delivery, { ...delivery, dueAt })
}

const removeFromConsumers = (step: Step, queue: QueueRecord, position: number): void => {
  for (const group of queue.groups) {
    const item = refersOnly(group) ? step.tx.item(group.id, position) : undefined
    if (item) step.removeDelivery(queue, group, item.delivery)
  }
}

/**
 * A delivery that kept its message alive has ended. How the message ended is what its owner or a dead letter of it says; a subscriber may have
 * its body for some time more.
 */
const releaseMessage = (step: Step, placed: Placed, outcome: Outcome, detail: HistoryDetail | null): void => {
  const { queue, group, delivery, message } = placed
  const holders = queue.groups.length === 1 ? [] : heldBy(step, queue, group, delivery.position)
  const remembered = queue.settings.history !== 'none'
  if (group.kind !== 'subscriber') {
    if (holders.some(({ kind }) => kind !== 'subscriber')) return
    if (remembered)
      putHistory(step, { message, delivery }, queue.id, outcome, detail, queue.settings.history === 'steps')
  }
  if (holders.length > 0) {
    if (group.kind !== 'subscriber') watchOver(step, queue, message, holders)
    return
  }
  step.writes++
  step.tx.removeMessage(message.serial)
  if (group.kind === 'subscriber' && queue.settings.history === 'steps') addToHistory(step, queue.id, message)
}

/** Nothing else watches over a message that only subscribers have, when it lives by its queue's retention. */
const watchOver = (step: Step, queue: QueueRecord, message: Message, holders: readonly GroupRecord[]): void => {
  const expiry = message.expiresAt === null ? messageExpiry(message, queue) : null
  if (expiry === null) return
  step.writes++
  step.tx.moveMessage(message.serial, message.queueId, message.position, expiry)
  for (const group of holders) {
    const item = step.tx.item(group.id, message.position)
    if (item) noteExpiry(step, queue, group, item.delivery, expiry)
  }
}

export const putHistory = (
  step: Step,
  { message, delivery }: Item,
  queueId: number,
  outcome: Outcome,
  detail: HistoryDetail | null = null,
  keepsSteps = false,
): void => {
  const delayMs = message.extra?.delayMs
  const all = {
    ...detail,
    ...(delayMs ? { delayMs } : {}),
    ...(keepsSteps ? takeSteps(step, queueId, message.serial) : {}),
  }
  step.tx.putHistory({
    serial: message.serial,
    sentAt: message.sentAt,
    queueId,
    outcome,
    finishedAt: step.now,
    firstReceivedAt: delivery.firstReceivedAt,
    receiveCount: delivery.receiveCount,
    reprocessCount: delivery.reprocessCount,
    detail: Object.keys(all).length > 0 ? all : null,
  })
}

/** What became of it for subscribers after its end. */
const addToHistory = (step: Step, queueId: number, message: Message): void => {
  const late = takeSteps(step, queueId, message.serial)
  const entry = late.steps && step.tx.history(message.serial)
  if (!entry || !late.steps) return
  const { steps = [], stepsOmitted = 0, ...detail } = entry.detail ?? {}
  const omitted = stepsOmitted + (late.stepsOmitted ?? 0)
  const all = { ...detail, steps: [...steps, ...late.steps], ...(omitted > 0 ? { stepsOmitted: omitted } : {}) }
  step.tx.putHistory({ ...entry, detail: all })
}

/** Owner, dead letters and subscribers of a queue each keep a message alive: those that have it besides one of them. */
const heldBy = (step: Step, queue: QueueRecord, group: GroupRecord, position: number): GroupRecord[] =>
  queue.groups.filter(
    (other) => other.id !== group.id && !refersOnly(other) && step.tx.item(other.id, position) !== undefined,
  )

/** Moves a message to another queue: same id, a new place at the end, visible at once, one step. */
export const moveToQueue = (
  step: Step,
  placed: Placed,
  target: QueueRecord,
  change: { receiveCount: number; detail: DeliveryDetail | null; expiresAt?: number; onlyGroup?: string | undefined },
): void => {
  const { queue, group, delivery, message } = placed
  const position = step.tx.takePositions(target.id, 1)
  const expiresAt = change.expiresAt ?? message.expiresAt ?? messageExpiry(message, target)
  const retained = queue.groups.some((other) => other.kind === 'retained')
  const shared =
    readsAlong(group) || retained || (queue.groups.length > 1 && isWithSubscribers(step, queue, delivery.position))
  const reason = change.detail?.source?.reason
  addStep(step, placed, 'Q', { text: `moved to ${target.name}${reason === undefined ? '' : `: ${reason}`}` })
  step.removeDelivery(queue, group, delivery)
  if (delivery.state !== 'finished') step.countDone(group.id)
  if (group.kind === 'retained') removeFromConsumers(step, queue, delivery.position)
  const keepsSteps = queue.settings.history === 'steps'
  // Where other groups still read the message, what goes to the other queue is a copy with an id of its own.
  const moved: Message = shared
    ? {
        ...message,
        serial: position,
        sentAt: step.now,
        queueId: target.id,
        position,
        expiresAt: change.expiresAt ?? message.expiresAt,
      }
    : { ...message, queueId: target.id, position, expiresAt }
  if (keepsSteps) {
    const to = { queueId: target.id, serial: moved.serial, kept: target.settings.history === 'steps', copied: shared }
    moveSteps(step, { queueId: queue.id, serial: message.serial }, to)
  }
  if (shared && !refersOnly(group)) {
    const to = messageId(moved.sentAt, moved.serial)
    const said = `moved to ${target.name}, where it is ${to}`
    const outcome = change.detail?.source ? 'dead-letter' : 'deleted'
    releaseMessage(step, placed, outcome, { reason: reason === undefined ? said : `${reason}; ${said}` })
  }
  step.writes++
  if (shared) step.tx.insertMessage(moved)
  else step.tx.moveMessage(message.serial, target.id, position, expiresAt)
  for (const receiver of receivers(step, target, change.onlyGroup)) {
    if (!admits(receiver, moved)) continue
    step.insertDelivery(
      target,
      receiver,
      newDelivery(step, target, receiver, moved, position, 0, {
        receiveCount: change.receiveCount,
        firstReceivedAt: delivery.firstReceivedAt,
        reprocessCount: delivery.reprocessCount,
        detail: change.detail,
      }),
    )
  }
  keepRetention(step, target, moved)
}

/**
 * The groups that get a delivery of each message sent, the owner first; of the consumer groups perhaps only one. A group that still
 * gets the messages that were there before it gets this one after them.
 */
export const receivers = (step: Step, queue: QueueRecord, onlyGroup?: string): GroupRecord[] => {
  if (queue.groups.length === 1) return queue.groups as GroupRecord[]
  const consumers = queue.groups.filter(readsAlong)
  const chosen = consumers.filter(({ name }) => name === onlyGroup)
  const readers = (chosen.length > 0 ? chosen : consumers).filter(
    (group) => !isBackfilling(group) && !isOver(group, step.now),
  )
  return [ownerGroup(queue), ...readers]
}

/** Its subscription has ended, though it is not removed yet. */
const isOver = ({ subscription }: GroupRecord, now: number): boolean =>
  subscription?.expiresAt != null && subscription.expiresAt <= now

const isWithSubscribers = (step: Step, queue: QueueRecord, position: number): boolean =>
  queue.groups.some((group) => group.kind === 'subscriber' && step.tx.item(group.id, position) !== undefined)

export const isBackfilling = (group: GroupRecord): boolean => group.backfillFrom < group.backfillTo

/** Sees to it that messages which live by their queue's retention are looked after. */
export const keepRetention = (step: Step, queue: QueueRecord, message: Message): void => {
  if (message.expiresAt !== null || queue.settings.retentionMs === null) return
  if (step.tx.retentionMark(queue.id)) return
  step.writes++
  step.tx.putRetentionMark({ queueId: queue.id, checkAt: message.sentAt + queue.settings.retentionMs, cursor: 0 })
}
