/** What operators do to stored messages by hand, whoever sent them and through whatever door. */

import { checkQueueName, requireGroup } from '../addressed.ts'
import type { Delivery, DeliveryType, FinishedType } from '../delivery.ts'
import { isRefusal, Refusal } from '../errors.ts'
import type { NewMessage } from '../message.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import { readsAlong } from '../queue.ts'
import type { ActOnMessages, ActResult, OperatorAction, Skipped } from '../requests.ts'
import type { Step } from '../step.ts'
import { expectMessages, findMessage } from './browse.ts'
import { end, endEverywhere } from './ending.ts'
import { finish, requeue } from './lifecycle.ts'
import { isExpired } from './lifetime.ts'
import type { Placed } from './placed.ts'
import { send } from './send.ts'

/** Messages chosen by their ids. Each is looked at again: what has changed meanwhile is left as it is. */
export const actOnMessages = (step: Step, request: ActOnMessages): readonly ActResult[] => {
  const { ids, action, by } = request
  if (ids.length < 1 || ids.length > step.limits.maxBatch) {
    throw new Refusal('ArgumentInvalid', {
      argument: 'ids',
      reason: `must be 1 to ${step.limits.maxBatch}, not ${ids.length}`,
    })
  }
  const queue = step.requireQueue(request)
  const group = requireGroup(queue, request, 'look')
  checkAction(step, queue, group, action)
  if (group) expectMessages(step, group, ids)
  return ids.map((id) => {
    const item = group && findMessage(step, queue, group, id)
    if (!item || !group || isExpired({ ...item, queue, group }, step.now)) return skipped(id, null, 'gone')
    return act(step, { ...item, queue, group }, id, action, by)
  })
}

export const checkAction = (
  step: Step,
  queue: QueueRecord,
  group: GroupRecord | undefined,
  action: OperatorAction,
): void => {
  if (action.do === 'copy') checkQueueName(action.to, step.limits, 'to')
  if (group?.kind === 'retained' && (action.do === 'reprocess' || action.do === 'move')) {
    throw new Refusal('ArgumentInvalid', {
      argument: 'group',
      reason: `must name a consumer group of '${queue.name}', since each has a state of its own for every message`,
    })
  }
}

export const act = (step: Step, chosen: Placed, id: string, action: OperatorAction, by: string): ActResult => {
  const placed: Placed = { ...chosen, cause: { by } }
  const { delivery } = placed
  const inWork = delivery.state === 'leased' && delivery.visibleAt > step.now
  switch (action.do) {
    case 'reprocess':
      if (delivery.type === 'Q') return skipped(id, 'Q', inWork ? 'in-work' : 'nothing-to-do')
      return changed(id, requeue(step, placed).type)
    case 'move':
      if (inWork) return skipped(id, delivery.type, 'in-work')
      if (delivery.type === action.to) return skipped(id, delivery.type, 'nothing-to-do')
      return changed(id, moveTo(step, placed, action.to))
    case 'copy':
      return copyTo(step, placed, id, action.to)
    case 'delete':
      deleteForGood(step, placed, by)
      return changed(id, null)
  }
}

/** Whatever the queue keeps of what its workers finish: somebody wants this one kept. */
const moveTo = (step: Step, placed: Placed, to: FinishedType): DeliveryType => {
  const moved = finish(step, placed, to, {}, { keep: true }) as Delivery
  return moved.type
}

const copyTo = (step: Step, { queue, delivery, message }: Placed, id: string, to: string): ActResult => {
  const { body, contentType, attributes, priority, messageGroup, extra } = message
  const copy: NewMessage = {
    body,
    contentType,
    attributes,
    priority,
    ...(messageGroup === null ? {} : { messageGroup }),
    ...(extra?.tags === undefined ? {} : { tags: extra.tags }),
    ...(extra?.clientId === undefined ? {} : { clientId: extra.clientId }),
    ...(extra?.traceparent === undefined ? {} : { traceparent: extra.traceparent }),
    ...(extra?.door === undefined ? {} : { door: extra.door }),
    // It is meant to be there twice.
    deduplicationWindowMs: 0,
  }
  try {
    const [sent] = send(step, { account: queue.account, queue: to, messages: [copy] })
    if (!sent || sent.duplicate) return skipped(id, delivery.type, 'refused')
    return { id, changed: true, type: delivery.type, skipped: null, copy: sent.id }
  } catch (error) {
    // A send that is refused has written nothing: the queue is full, or takes no messages as large as this.
    if (isRefusal(error)) return skipped(id, delivery.type, 'refused')
    throw error
  }
}

const deleteForGood = (step: Step, placed: Placed, by: string): void => {
  const detail = { reason: `deleted by ${by}` }
  if (readsAlong(placed.group)) end(step, placed, 'deleted', detail)
  else endEverywhere(step, placed, 'deleted', detail)
}

const changed = (id: string, type: DeliveryType | null): ActResult => ({ id, changed: true, type, skipped: null })

const skipped = (id: string, type: DeliveryType | null, why: Skipped): ActResult => ({
  id,
  changed: false,
  type,
  skipped: why,
})
