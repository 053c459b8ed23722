import { messageId, parseMessageId, parseReceiptHandle } from '../ids.ts'
import type { MessageDetails } from '../requests.ts'
import type { Step } from '../step.ts'
import { storedMessage } from './browse.ts'
import { isExpired } from './lifetime.ts'
import { publicIdOf } from './public-id.ts'
import { allDeliveries, groupsDone, status, stepsOf } from './status.ts'

/** All that is known of a message, by its id in any form or by a receipt handle of it. Null when it is unknown here. */
export const messageDetails = (step: Step, request: { account: string; id: string }): MessageDetails | null => {
  const found = detailsOf(step, request.account, request.id)
  if (found) return found
  const leased = messageOfHandle(step, request.id)
  return leased === undefined ? null : detailsOf(step, request.account, leased)
}

const detailsOf = (step: Step, account: string, id: string): MessageDetails | null => {
  const parts = parseMessageId(id)
  const message = parts && step.tx.message(parts.serial)
  const queue = message && message.sentAt === parts.sentAt ? step.tx.queueById(message.queueId) : undefined
  const live =
    queue?.account === account
      ? allDeliveries(step, queue, message?.position ?? 0).filter((delivery) => !isExpired(delivery, step.now))
      : []
  const known = status(step, { account, id })
  if (!queue || !message || live.length === 0) return known && { ...known, deliveries: [] }
  const record = queue.settings.history === 'steps' ? step.tx.steps(queue.id, message.serial) : undefined
  const { ended, steps, stepsOmitted } = known ?? { ended: null, ...stepsOf(undefined, record) }
  return {
    id: messageId(message.sentAt, message.serial),
    queue: queue.name,
    queuePublicId: publicIdOf(queue),
    sentAt: message.sentAt,
    delayMs: message.extra?.delayMs ?? 0,
    groupsDone: groupsDone(queue, message.position, live),
    ended,
    steps,
    stepsOmitted,
    deliveries: live.map((placed) => ({
      ...storedMessage(queue, placed.group, placed, step.now),
      deadLetters: placed.group.kind === 'dead-letters',
    })),
  }
}

const messageOfHandle = (step: Step, text: string): string | undefined => {
  const lease = parseReceiptHandle(text)
  const item = lease && step.placeOfGroup(lease.groupId) && step.tx.item(lease.groupId, lease.position)
  return item && messageId(item.message.sentAt, item.message.serial)
}
