import { createHash } from 'node:crypto'
import { checkQueueName } from '../addressed.ts'
import { ask } from '../declined.ts'
import { Refusal } from '../errors.ts'
import { messageId } from '../ids.ts'
import type { Message, MessageExtra, NewMessage } from '../message.ts'
import type { QueueRecord } from '../queue.ts'
import { ownerGroup } from '../queue.ts'
import type { Send, SentMessage } from '../requests.ts'
import { tenYearsMs } from '../settings.ts'
import type { Step } from '../step.ts'
import type { Deduplication } from '../store.ts'
import type { DeclaredStructure } from '../structure/declared.ts'
import { backfillSlice } from './backfill.ts'
import { contentId, deduplicationKey, idempotencyKey } from './deduplication.ts'
import { newDelivery } from './lifecycle.ts'
import { keepRetention } from './lifetime.ts'
import { publicIdOf } from './public-id.ts'
import { isBackfilling, receivers } from './receivers.ts'
import { admits, checkTags } from './tag-rules.ts'

/** Stores 1 to 1,000 messages, all or none, and makes a delivery of each for every group that reads the queue. */
export const send = (step: Step, request: Send): readonly SentMessage[] => {
  checkCount(request.messages.length, step.limits.maxBatch)
  const existing = step.queueOf(request)
  if ((request.ifMissing === 'refuse' || request.queueId !== undefined) && !(existing && step.isThere(existing))) {
    throw new Refusal('QueueNotFound', { queue: request.queue })
  }
  const repeated = existing && request.idempotencyKey !== undefined ? earlierSend(step, existing, request) : undefined
  if (repeated) return repeated
  const messages = withTerms(existing, request)
  for (const message of messages) checkMessage(message, existing, request.queue, step)
  if (existing?.settings.input) checkInput(step, existing, existing.settings.input, messages)
  if (existing) checkRoom(step, existing, request)

  const queue = existing ?? step.queueOrVirtual(request.account, request.queue)
  step.tx.expect?.(
    messages.flatMap((message) => {
      const reservation = reservationOf(queue, message)
      return reservation ? [{ read: 'deduplication', ...reservation }] : []
    }),
  )
  const first = step.tx.takePositions(queue.id, messages.length)
  const groups = receivers(step, queue)
  const sent = messages.map((message, index) => {
    const position = first + index
    const duplicateOf = reserve(step, queue, message, position)
    if (duplicateOf) return { ...duplicateOf, duplicate: true }
    const delayMs = message.delayMs ?? queue.settings.delayMs
    const stored = toMessage(step, queue, message, position, delayMs)
    step.insertMessage(stored)
    for (const group of groups) {
      if (!admits(group, stored)) continue
      step.insertDelivery(queue, group, newDelivery(step, queue, group, stored, position, step.now + delayMs))
    }
    if (stored.expiresAt === null) keepRetention(step, queue, stored)
    return { id: messageId(step.now, position), position, sentAt: step.now, duplicate: false }
  })
  if (request.idempotencyKey !== undefined) remember(step, queue, request, first)
  // More than was sent, so that a group catches up however much is sent meanwhile.
  if (groups.length < queue.groups.length) catchUp(step, queue, 2 * messages.length)
  return sent
}

const withTerms = (queue: QueueRecord | undefined, { messages, terms }: Send): readonly NewMessage[] => {
  if (!queue || !terms) return messages
  const own = ask(terms, { name: queue.name, publicId: publicIdOf(queue), settings: queue.settings })
  return messages.map((message) => ({ ...message, ...own }))
}

const catchUp = (step: Step, queue: QueueRecord, limit: number): void => {
  for (const group of queue.groups) if (isBackfilling(group)) backfillSlice(step, queue, group, limit)
}

const checkCount = (count: number, most: number): void => {
  if (count < 1 || count > most) {
    throw new Refusal('ArgumentInvalid', { argument: 'messages', reason: `must be 1 to ${most}, not ${count}` })
  }
}

const checkRoom = (step: Step, queue: QueueRecord, { messages, maxMessages: wanted }: Send): void => {
  const maxMessages = Math.min(queue.settings.maxMessages ?? unlimited, wanted ?? unlimited)
  if (maxMessages === unlimited) return
  const stored = step.storedMessages(queue, { exact: true })
  if (stored + messages.length <= maxMessages) return
  if (stored + withoutDuplicates(step, queue, messages) > maxMessages) {
    throw new Refusal('QueueFull', { queue: queue.name, maxMessages })
  }
}

const unlimited = Number.POSITIVE_INFINITY

/** How many of the messages would be stored. */
const withoutDuplicates = (step: Step, queue: QueueRecord, messages: readonly NewMessage[]): number => {
  const keys = new Set<string>()
  return messages.filter((message) => {
    const reservation = reservationOf(queue, message)
    if (!reservation) return true
    const { groupId, key } = reservation
    if (keys.has(key) || (step.tx.deduplication(groupId, key)?.expiresAt ?? 0) > step.now) return false
    if (windowOf(queue, message) > 0) keys.add(key)
    return true
  }).length
}

const windowOf = (queue: QueueRecord, message: NewMessage): number =>
  message.deduplicationWindowMs ?? queue.settings.deduplicationWindowMs

const checkMessage = (message: NewMessage, queue: QueueRecord | undefined, queueName: string, step: Step): void => {
  const limitBytes = queue?.explicit ? queue.settings.maxMessageBytes : step.limits.maxVirtualMessageBytes
  const sizeBytes = messageBytes(message)
  if (sizeBytes > limitBytes) throw new Refusal('MessageTooLarge', { sizeBytes, limitBytes })
  checkRange('delayMs', message.delayMs, 0, tenYearsMs)
  checkRange('priority', message.priority, -(2 ** 31), 2 ** 31 - 1)
  checkRange('retentionMs', message.retentionMs, 1, tenYearsMs)
  checkRange('deduplicationWindowMs', message.deduplicationWindowMs, 0, 7 * 86_400_000)
  checkRange('receiveLimit', message.receiveLimit, 1, 1_000_000)
  checkText('messageGroup', message.messageGroup)
  checkText('deduplicationId', message.deduplicationId)
  checkTags('tags', message.tags)
  if (message.deadLetterQueue === undefined) return
  checkQueueName(message.deadLetterQueue, step.limits, 'deadLetterQueue')
  if (message.deadLetterQueue === queueName) {
    throw new Refusal('ArgumentInvalid', { argument: 'deadLetterQueue', reason: 'must be another queue' })
  }
}

/** A message that is not as the queue declares it is refused before anything of its request is stored. */
const checkInput = (
  step: Step,
  queue: QueueRecord,
  structure: DeclaredStructure,
  messages: readonly NewMessage[],
): void => {
  messages.forEach(({ body }, message) => {
    const faults = step.structures.faultsOf(structure, body)
    if (faults) throw new Refusal('InputInvalid', { queue: queue.name, message, ...faults })
  })
}

const checkRange = (argument: string, value: number | undefined, min: number, max: number): void => {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return
  throw new Refusal('ArgumentInvalid', { argument, reason: `must be a whole number from ${min} to ${max}` })
}

const checkText = (argument: string, value: string | undefined): void => {
  if (value === undefined || (value.length > 0 && value.length <= 1024 && value.isWellFormed())) return
  throw new Refusal('ArgumentInvalid', { argument, reason: 'must be 1 to 1024 characters of well-formed text' })
}

export const messageBytes = (message: { readonly body: Uint8Array; readonly attributes?: string | null }): number =>
  message.body.byteLength + (message.attributes ? Buffer.byteLength(message.attributes) : 0)

/** Under which name a message is told from its duplicates; undefined when nothing is asked for. */
const reservationOf = (queue: QueueRecord, message: NewMessage): { groupId: number; key: string } | undefined => {
  const id = message.deduplicationId ?? (queue.settings.contentDeduplication ? contentId(message.body) : undefined)
  if (id === undefined) return undefined
  return { groupId: ownerGroup(queue).id, key: deduplicationKey(queue, message.messageGroup ?? null, id) }
}

/** Takes the message's deduplication id, or says which message has it. */
const reserve = (
  step: Step,
  queue: QueueRecord,
  message: NewMessage,
  position: number,
): Pick<SentMessage, 'id' | 'position' | 'sentAt'> | undefined => {
  const reservation = reservationOf(queue, message)
  if (!reservation) return undefined
  const earlier = step.tx.deduplication(reservation.groupId, reservation.key)
  if (earlier && earlier.expiresAt > step.now) return sentAs(earlier)
  const windowMs = windowOf(queue, message)
  if (windowMs === 0) return undefined
  const expiresAt = step.now + windowMs
  step.writes++
  step.tx.putDeduplication({
    ...reservation,
    serial: position,
    count: 1,
    sentAt: step.now,
    position,
    expiresAt,
    digest: null,
  })
  return undefined
}

const toMessage = (
  step: Step,
  queue: QueueRecord,
  message: NewMessage,
  position: number,
  delayMs: number,
): Message => ({
  serial: position,
  sentAt: step.now,
  queueId: queue.id,
  position,
  expiresAt: message.retentionMs === undefined ? null : step.now + message.retentionMs,
  priority: message.priority ?? 0,
  body: message.body,
  contentType: message.contentType ?? null,
  messageGroup: message.messageGroup ?? null,
  attributes: message.attributes ?? null,
  extra: extraOf(message, delayMs),
})

/** Most messages have nothing of it, and then nothing is made. */
const extraOf = (message: NewMessage, delayMs: number): MessageExtra | null => {
  const { deduplicationId, receiveLimit, deadLetterQueue, clientId, senderId, traceparent, door } = message
  const tags = message.tags?.length ? [...new Set(message.tags)] : undefined
  const keepsReceiveLimit = receiveLimit !== undefined && message.keepsReceiveLimit === true
  const plain =
    deduplicationId === undefined &&
    receiveLimit === undefined &&
    deadLetterQueue === undefined &&
    clientId === undefined &&
    senderId === undefined &&
    !delayMs &&
    traceparent === undefined &&
    tags === undefined &&
    door === undefined
  if (plain) return null
  return {
    ...(deduplicationId === undefined ? {} : { deduplicationId }),
    ...(receiveLimit === undefined ? {} : { receiveLimit }),
    ...(keepsReceiveLimit ? { keepsReceiveLimit } : {}),
    ...(deadLetterQueue === undefined ? {} : { deadLetterQueue }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(senderId === undefined ? {} : { senderId }),
    ...(delayMs ? { delayMs } : {}),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tags === undefined ? {} : { tags }),
    ...(door === undefined ? {} : { door }),
  }
}

// ---- a request sent twice -----------------------------------------------------------------------------------------

const earlierSend = (step: Step, queue: QueueRecord, request: Send): readonly SentMessage[] | undefined => {
  const key = request.idempotencyKey as string
  const earlier = step.tx.deduplication(ownerGroup(queue).id, idempotencyKey(key))
  if (!earlier || earlier.expiresAt <= step.now) return undefined
  if (earlier.digest !== requestDigest(request)) throw new Refusal('IdempotencyKeyReused', { key })
  return request.messages.map((message, index) => sentBefore(step, queue, message, earlier, index))
}

const sentBefore = (
  step: Step,
  queue: QueueRecord,
  message: NewMessage,
  earlier: Deduplication,
  index: number,
): SentMessage => {
  const own = reservationOf(queue, message)
  const duplicateOf = own && step.tx.deduplication(own.groupId, own.key)
  const serial = earlier.serial + index
  // Unless a later one has taken the id anew since.
  if (duplicateOf && duplicateOf.serial <= serial) return { ...sentAs(duplicateOf), duplicate: true }
  const id = messageId(earlier.sentAt, serial)
  return { id, position: earlier.position + index, sentAt: earlier.sentAt, duplicate: true }
}

const sentAs = ({ sentAt, serial, position }: Deduplication) => ({ id: messageId(sentAt, serial), position, sentAt })

const remember = (step: Step, queue: QueueRecord, request: Send, first: number): void => {
  step.writes++
  step.tx.putDeduplication({
    groupId: ownerGroup(queue).id,
    key: idempotencyKey(request.idempotencyKey as string),
    serial: first,
    count: request.messages.length,
    sentAt: step.now,
    position: first,
    expiresAt: step.now + step.limits.idempotencyMs,
    digest: requestDigest(request),
  })
}

/** Tells a repeated request from another one that took the same key by mistake. */
const requestDigest = (request: Send): string => {
  const hash = createHash('sha1')
  for (const { body, attributes, deduplicationId } of request.messages) {
    hash
      .update(`${body.byteLength}:`)
      .update(body)
      .update(`${attributes ?? ''}:${deduplicationId ?? ''};`)
  }
  return hash.digest('base64')
}
