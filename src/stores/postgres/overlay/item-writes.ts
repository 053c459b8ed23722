import type { Millis } from '../../../core/clock.ts'
import type { Delivery } from '../../../core/delivery.ts'
import type { Message } from '../../../core/message.ts'
import { deliveryAt, messageBySerial } from './items.ts'
import { itemKey } from './keys.ts'
import { lockQueue } from './locks.ts'
import { queueById, queueOfGroup } from './queues.ts'
import type { OverlayState } from './state.ts'

export const insertMessage = (state: OverlayState, message: Message): void => {
  if (state.messages.get(message.serial)) throw new Error(`message ${message.serial} is there already`)
  // Serials are given once, so nobody else has it; what was removed in this transaction was there.
  if (!state.messages.isKnown(message.serial)) state.messages.load(message.serial, undefined, 0)
  state.messages.put(message.serial, message)
}

export const moveMessage = (
  state: OverlayState,
  serial: number,
  queueId: number,
  position: number,
  expiresAt: Millis | null,
): void => {
  const message = messageBySerial(state, serial)
  if (!message) throw new Error(`there is no message ${serial} to move`)
  state.messages.put(serial, { ...message, queueId, position, expiresAt })
}

export const removeMessage = (state: OverlayState, serial: number): void => {
  if (messageBySerial(state, serial)) state.messages.remove(serial)
}

export const insertDelivery = (state: OverlayState, delivery: Delivery): void => {
  const key = itemKey(delivery.groupId, delivery.position)
  if (state.deliveries.get(key)) throw new Error(`delivery ${key} is there already`)
  const queueId = queueOfGroup(state, delivery.groupId)
  if (queueId === undefined) throw new Error(`there is no group ${delivery.groupId} to insert into`)
  // So that its group is not discarded meanwhile.
  if (!state.ahead.has(queueId) && queueById(state, queueId)) lockQueue(state, queueId)
  if (!state.deliveries.isKnown(key)) state.deliveries.load(key, undefined, 0)
  putDelivery(state, key, delivery)
}

export const updateDelivery = (state: OverlayState, before: Delivery, after: Delivery): void => {
  const key = itemKey(before.groupId, before.position)
  if (key !== itemKey(after.groupId, after.position)) throw new Error(`delivery ${key} cannot change its place`)
  if (!deliveryAt(state, before.groupId, before.position)) throw new Error(`there is no delivery ${key} to update`)
  putDelivery(state, key, after)
}

export const removeDelivery = (state: OverlayState, delivery: Delivery): void => {
  const { groupId, position } = delivery
  const queueId = queueOfGroup(state, groupId)
  if (queueId === undefined || !deliveryAt(state, groupId, position)) return
  // Owner and dead letters each keep a message alive: which of them is the last must not be found out by two at once.
  if ((queueById(state, queueId)?.groups.length ?? 0) > 1) lockQueue(state, queueId)
  const key = itemKey(groupId, position)
  state.madeReady.get(groupId)?.delete(key)
  state.deliveries.remove(key)
}

const putDelivery = (state: OverlayState, key: string, delivery: Delivery): void => {
  state.deliveries.put(key, delivery)
  const made = state.madeReady.get(delivery.groupId)
  if (delivery.state !== 'ready') made?.delete(key)
  else if (made) made.add(key)
  else state.madeReady.set(delivery.groupId, new Set([key]))
}
