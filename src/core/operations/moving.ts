import type { DeliveryDetail } from '../delivery.ts'
import { messageExpiry } from '../expiry.ts'
import { messageId } from '../ids.ts'
import type { Message } from '../message.ts'
import type { QueueRecord } from '../queue.ts'
import { readsAlong, refersOnly } from '../queue.ts'
import type { Step } from '../step.ts'
import { heldBesides, releaseMessage, removeFromConsumers } from './ending.ts'
import { newDelivery } from './lifecycle.ts'
import { keepRetention } from './lifetime.ts'
import type { Placed } from './placed.ts'
import { receivers } from './receivers.ts'
import { addStep, moveSteps } from './steps.ts'
import { admits } from './tag-rules.ts'

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
  const shared = readsAlong(group) || retained || heldBesides(step, placed).length > 0
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
