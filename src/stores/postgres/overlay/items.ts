import type { Millis } from '../../../core/clock.ts'
import type { Delivery, Item } from '../../../core/delivery.ts'
import type { Message } from '../../../core/message.ts'
import type { RangeNeed } from '../needs.ts'
import { rangeOf } from '../rows.ts'
import { recall } from './assumed.ts'
import { itemKey, messageGroupKey } from './keys.ts'
import { lockQueue } from './locks.ts'
import { queueById, queueOfGroup } from './queues.ts'
import type { OverlayState } from './state.ts'

export const itemAt = (state: OverlayState, groupId: number, position: number): Item | undefined => {
  const delivery = deliveryAt(state, groupId, position)
  const message = delivery && messageBySerial(state, delivery.serial)
  return delivery && message && { delivery, message }
}

export const deliveryAt = (state: OverlayState, groupId: number, position: number): Delivery | undefined => {
  const key = itemKey(groupId, position)
  const delivery = state.deliveries.get(key)
  if (delivery) return delivery
  if (!state.deliveries.isKnown(key) && recall(state, key, groupId)) return deliveryAt(state, groupId, position)
  if (state.deliveries.isKnown(key) || queueOfGroup(state, groupId) === undefined) return undefined
  state.needs.items.set(key, { groupId, position })
  return state.miss()
}

export const firstDeliveries = (state: OverlayState, groupId: number, limit: number): Delivery[] => {
  if (queueOfGroup(state, groupId) === undefined) return []
  const need: RangeNeed = { of: 'group', groupId, limit }
  const range = state.range<string>(need)
  const matches = (delivery: Delivery) => delivery.groupId === groupId
  return state.within(need, rangeOf(state.deliveries, range, { limit, matches, compare: byPosition }))
}

export const messageBySerial = (state: OverlayState, serial: number): Message | undefined => {
  const message = state.messages.get(serial)
  if (message || state.messages.isKnown(serial)) return message
  state.needs.messages.add(serial)
  return state.miss()
}

export const itemsOf = (state: OverlayState, deliveries: readonly Delivery[]): Item[] => {
  return deliveries.map((delivery) => withMessage(state, delivery))
}

const withMessage = (state: OverlayState, delivery: Delivery): Item => {
  const message = messageBySerial(state, delivery.serial)
  if (!message) throw new Error(`delivery ${delivery.groupId}/${delivery.position} has no message`)
  return { delivery, message }
}

export const itemsOfMessageGroup = (
  state: OverlayState,
  groupId: number,
  messageGroup: string,
  limit: number,
): Item[] => {
  const queueId = queueOfGroup(state, groupId)
  if (queueId === undefined) return []
  if (queueById(state, queueId)) lockQueue(state, queueId)
  const key = messageGroupKey(groupId, messageGroup)
  const range = state.groupRanges.get(key)
  const matches = (delivery: Delivery) =>
    delivery.groupId === groupId && delivery.messageGroup === messageGroup && delivery.state !== 'finished'
  const found = range && rangeOf(state.deliveries, range, { limit, matches, compare: byPosition })
  if (!found) {
    state.needs.messageGroups.set(key, { groupId, messageGroup, limit: Math.max(limit, 2 * (range?.limit ?? 0)) })
    return state.miss()
  }
  return itemsOf(state, found)
}

export const claimed = (state: OverlayState, claimId: string): Item[] => {
  const need: RangeNeed = { of: 'claimed', claimId, limit: Number.MAX_SAFE_INTEGER }
  return deliveryRange(state, need, (delivery) => delivery.claimId === claimId, byPosition)
}

export const due = (state: OverlayState, now: Millis, limit: number): Item[] => {
  const matches = ({ dueAt }: Delivery) => dueAt !== null && dueAt <= now
  const compare = (a: Delivery, b: Delivery) =>
    (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.groupId - b.groupId || byPosition(a, b)
  const found = deliveryRange(state, { of: 'due', now, limit }, matches, compare)
  state.sawDue(now, found.length === limit)
  return found
}

export const deliveryRange = (
  state: OverlayState,
  need: RangeNeed,
  matches: (delivery: Delivery) => boolean,
  compare: (a: Delivery, b: Delivery) => number,
): Item[] => {
  const range = state.range<string>(need)
  return itemsOf(state, state.within(need, rangeOf(state.deliveries, range, { limit: need.limit, matches, compare })))
}

export const byPosition = (a: Delivery, b: Delivery): number => a.position - b.position
