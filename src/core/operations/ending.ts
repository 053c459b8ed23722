/** How deliveries end, and messages with the last of them that kept them alive. */
import type { Item } from '../delivery.ts'
import { messageExpiry } from '../expiry.ts'
import type { Cause } from '../history.ts'
import type { Message } from '../message.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import { isOwner, ownerGroup, readsAlong, refersOnly } from '../queue.ts'
import type { Step } from '../step.ts'
import type { HistoryDetail, HistoryEntry, Outcome } from '../store.ts'
import { noteExpiry } from './lifetime.ts'
import type { Placed } from './placed.ts'
import { addStep, takeSteps } from './steps.ts'

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
  // What is finished is kept for a time of its own.
  const outlivesIt = outcome === 'expired' && owned?.delivery.state === 'finished'
  if (owned && !outlivesIt) end(step, { ...withCause(placed), ...owned, queue, group: owner }, outcome, detail)
  if (outcome === 'expired') endForSubscribers(step, queue, delivery.position)
}

const withCause = ({ cause }: Placed): { cause?: Cause } => (cause ? { cause } : {})

const endForSubscribers = (step: Step, queue: QueueRecord, position: number): void => {
  for (const group of queue.groups) {
    const item = group.kind === 'subscriber' ? step.tx.item(group.id, position) : undefined
    if (item) end(step, { ...item, queue, group }, 'expired')
  }
}

export const removeFromConsumers = (step: Step, queue: QueueRecord, position: number): void => {
  for (const group of queue.groups) {
    const item = refersOnly(group) ? step.tx.item(group.id, position) : undefined
    if (item) step.removeDelivery(queue, group, item.delivery)
  }
}

/**
 * A delivery that kept its message alive has ended. How the message ended is what its owner or a dead letter of it says; a subscriber may have
 * its body for some time more.
 */
export const releaseMessage = (step: Step, placed: Placed, outcome: Outcome, detail: HistoryDetail | null): void => {
  const { queue, group, message } = placed
  const holders = heldBesides(step, placed)
  if (group.kind !== 'subscriber') {
    watchOverSubscribers(step, queue, message, holders)
    if (!holders.every(isSubscriber)) return
    if (queue.settings.history !== 'none') noteEnd(step, placed, outcome, detail)
  }
  if (holders.length > 0) return
  step.writes++
  step.tx.removeMessage(message.serial)
  if (group.kind === 'subscriber' && queue.settings.history === 'steps') addToHistory(step, queue.id, message)
}

/** Its owner is done with it, or has it as a dead letter, and keeps it for a time of its own. */
export const leaveToSubscribers = (step: Step, placed: Placed): void => {
  const { queue, group, message } = placed
  if (!readsAlong(group)) watchOverSubscribers(step, queue, message, heldBesides(step, placed))
}

/** Nothing else watches over what subscribers have of a message, unless its owner is among those that have it still. */
export const watchOverSubscribers = (
  step: Step,
  queue: QueueRecord,
  message: Message,
  holders: readonly GroupRecord[],
): void => {
  if (!holders.some(isSubscriber) || holders.some(isOwner)) return
  const expiry = messageExpiry(message, queue)
  if (expiry === null) return
  if (message.expiresAt === null) {
    step.writes++
    step.tx.moveMessage(message.serial, message.queueId, message.position, expiry)
  }
  for (const group of holders) {
    const delivery = isSubscriber(group) ? step.tx.item(group.id, message.position)?.delivery : undefined
    if (delivery && (delivery.dueAt ?? Number.POSITIVE_INFINITY) > expiry) {
      noteExpiry(step, queue, group, delivery, expiry)
    }
  }
}

const isSubscriber = ({ kind }: GroupRecord): boolean => kind === 'subscriber'

const noteEnd = (step: Step, placed: Placed, outcome: Outcome, detail: HistoryDetail | null): void => {
  const { queue, group, message } = placed
  const entry = historyOf(step, placed, queue.id, outcome, detail, queue.settings.history === 'steps')
  // Its owner has a message from the send on, and again only where a dead letter of a consumer group kept it from ending.
  const isFirstEnd = group.id === ownerGroup(queue).id && message.position === message.serial
  if (isFirstEnd) step.tx.insertHistory(entry)
  else step.tx.putHistory(entry)
}

export const historyOf = (
  step: Step,
  { message, delivery }: Item,
  queueId: number,
  outcome: Outcome,
  detail: HistoryDetail | null,
  keepsSteps: boolean,
): HistoryEntry => {
  const delayMs = message.extra?.delayMs
  const all = {
    ...detail,
    ...(delayMs ? { delayMs } : {}),
    ...(keepsSteps ? takeSteps(step, queueId, message.serial) : {}),
  }
  return {
    serial: message.serial,
    sentAt: message.sentAt,
    queueId,
    outcome,
    finishedAt: step.now,
    firstReceivedAt: delivery.firstReceivedAt,
    receiveCount: delivery.receiveCount,
    reprocessCount: delivery.reprocessCount,
    detail: Object.keys(all).length > 0 ? all : null,
  }
}

/** What became of it for subscribers after its end. */
export const addToHistory = (step: Step, queueId: number, message: Message): void => {
  const late = takeSteps(step, queueId, message.serial)
  const entry = late.steps && step.tx.history(message.serial)
  if (!entry || !late.steps) return
  const { steps = [], stepsOmitted = 0, ...detail } = entry.detail ?? {}
  const omitted = stepsOmitted + (late.stepsOmitted ?? 0)
  const all = { ...detail, steps: [...steps, ...late.steps], ...(omitted > 0 ? { stepsOmitted: omitted } : {}) }
  step.tx.putHistory({ ...entry, detail: all })
}

/** Owner, dead letters and subscribers of a queue each keep a message alive: those that have it besides one of them. */
export const heldBesides = (step: Step, { queue, group, delivery }: Placed): readonly GroupRecord[] => {
  if (queue.groups.length === 1) return []
  return queue.groups.filter(
    (other) => other.id !== group.id && !refersOnly(other) && step.tx.item(other.id, delivery.position) !== undefined,
  )
}
