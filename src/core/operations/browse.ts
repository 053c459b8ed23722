/** Looking at messages without taking them. */

import { requireGroup } from '../addressed.ts'
import type { DeliveryState, Item } from '../delivery.ts'
import { Refusal } from '../errors.ts'
import { expiryOf } from '../expiry.ts'
import { messageId, parseMessageId } from '../ids.ts'
import { markerAt, positionOf } from '../markers.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import type { Browse, BrowsePage, GetMessages, QueueAddress, QueueSpan, StoredMessage } from '../requests.ts'
import type { Step } from '../step.ts'
import { isExpired } from './lifetime.ts'
import { messageBytes } from './send.ts'

const waitingStates: readonly DeliveryState[] = ['ready', 'behind', 'delayed']

/** `isOver: false`: nothing was found so far, and the marker says where to look on. */
export interface BrowsedSlice extends BrowsePage {
  readonly isOver: boolean
}

export const browse = (step: Step, request: Browse): BrowsedSlice => {
  const limit = request.limit ?? 10
  if (!Number.isInteger(limit) || limit < 1 || limit > step.limits.maxBatch) {
    throw new Refusal('ArgumentInvalid', {
      argument: 'limit',
      reason: `must be a whole number from 1 to ${step.limits.maxBatch}`,
    })
  }
  const queue = step.queueOf(request)
  const group = queue && requireGroup(queue, request, 'look')
  const after = request.marker === undefined ? undefined : markerPosition(step, queue, request.marker)
  if (!queue || !group || (request.marker !== undefined && after === undefined)) {
    return { messages: [], marker: null, isOver: true }
  }

  // A finished type asked for means the finished state too.
  const states = request.states ?? (request.types ? undefined : waitingStates)
  const maxBytes = request.maxBytes ?? Number.POSITIVE_INFINITY
  const messages: StoredMessage[] = []
  let bytes = 0
  let from = after
  let examined = 0
  let ahead = lookedAhead
  while (messages.length < limit && examined < examinedAtMost) {
    // Large bodies are not read by the thousand when the page ends sooner.
    const wanted = Math.min(limit - messages.length, scanSlice)
    const slice = step.tx.search(group.id, {
      ...(from === undefined ? {} : { after: from }),
      limit: wanted,
      examine: ahead,
      ...(request.newestFirst ? { newestFirst: true } : {}),
      ...(states ? { states } : {}),
      ...(request.types ? { types: request.types } : {}),
      ...(request.exceptClientId === undefined ? {} : { exceptClientId: request.exceptClientId }),
    })
    for (const item of slice.items) {
      if (!isExpired({ ...item, queue, group }, step.now)) {
        bytes += messageBytes(item.message)
        if (bytes > maxBytes && messages.length > 0) return { messages, marker: markerAt(from ?? 0), isOver: true }
        messages.push(storedMessage(queue, group, item, step.now))
      }
      from = item.delivery.position
    }
    if (slice.next === null) return { messages, marker: markerAt(from ?? 0), isOver: true }
    from = slice.next
    examined += slice.examined
    if (slice.items.length < wanted) ahead = Math.min(4 * ahead, examinedAtMost)
  }
  return { messages, marker: markerAt(from ?? 0), isOver: messages.length > 0 }
}

const scanSlice = 100

/** Where few match, a slice looks further and further ahead, up to an end. */
const lookedAhead = 400
const examinedAtMost = 10_000

const markerPosition = (step: Step, queue: QueueRecord | undefined, marker: string): number | undefined => {
  const position = positionOf(marker)
  if (position !== undefined) return position
  const id = parseMessageId(marker)
  const message = id && step.tx.message(id.serial)
  if (message) return message.sentAt === id.sentAt && message.queueId === queue?.id ? message.position : undefined
  // A message that is gone still marks the place that it had if it was never moved.
  return id?.serial
}

export const getMessages = (step: Step, request: GetMessages): readonly StoredMessage[] => {
  if (request.ids.length > step.limits.maxBatch) {
    throw new Refusal('ArgumentInvalid', { argument: 'ids', reason: `must be at most ${step.limits.maxBatch}` })
  }
  const queue = step.queueOf(request)
  const group = queue && requireGroup(queue, request, 'look')
  if (!queue || !group) return []
  expectMessages(step, group, request.ids)
  const found: StoredMessage[] = []
  for (const id of new Set(request.ids)) {
    const item = findMessage(step, queue, group, id)
    if (item && !isExpired({ ...item, queue, group }, step.now)) found.push(storedMessage(queue, group, item, step.now))
  }
  return found
}

/** The delivery of a message in a group of the queue it is in, by the message's id. */
export const findMessage = (step: Step, queue: QueueRecord, group: GroupRecord, id: string): Item | undefined => {
  const parts = parseMessageId(id)
  const message = parts && step.tx.message(parts.serial)
  if (!message || message.sentAt !== parts.sentAt || message.queueId !== queue.id) return undefined
  return step.tx.item(group.id, message.position)
}

/** Before messages are looked up one by one. Most have never been moved, so their place is their serial. */
export const expectMessages = (step: Step, group: GroupRecord, ids: readonly string[]): void =>
  step.tx.expect?.(
    ids.flatMap((id) => {
      const serial = parseMessageId(id)?.serial
      if (serial === undefined) return []
      return [
        { read: 'message', serial },
        { read: 'item', groupId: group.id, position: serial },
      ]
    }),
  )

export const queueSpan = (step: Step, request: QueueAddress): QueueSpan => {
  const queue = step.requireQueue(request)
  const group = requireGroup(queue, {}, 'look') as GroupRecord
  const end = (newestFirst: boolean) => {
    const item = firstUnfinished(step, group, newestFirst)
    return item ? { id: messageId(item.message.sentAt, item.message.serial), sentAt: item.message.sentAt } : null
  }
  return { oldest: end(false), newest: end(true) }
}

/** The first at an end of a group that waits or is in work; it is seldom far from there. */
const firstUnfinished = (step: Step, group: GroupRecord, newestFirst: boolean): Item | undefined => {
  let after: number | undefined
  let examined = 0
  for (let ahead = 100; examined < spanAtMost; ahead *= 4) {
    const query = { limit: 1, examine: ahead, newestFirst, types: ['Q', 'D'] } as const
    const slice = step.tx.search(group.id, after === undefined ? query : { ...query, after })
    if (slice.items.length > 0 || slice.next === null) return slice.items[0]
    after = slice.next
    examined += slice.examined
  }
  return newestFirst ? undefined : step.tx.ready(group.id, 1)[0]
}

/** Where more finished messages than this are kept at an end, what is next to be handed out counts as the oldest, and nothing as the newest. */
const spanAtMost = 20_000

export const storedMessage = (queue: QueueRecord, group: GroupRecord, item: Item, now: number): StoredMessage => {
  const { delivery, message } = item
  // Timers run a moment behind; what is read is exact.
  const over = delivery.visibleAt > 0 && delivery.visibleAt <= now
  const state = over ? (delivery.messageGroup === null ? 'ready' : 'behind') : delivery.state
  const leased = state === 'leased'
  return {
    id: messageId(message.sentAt, message.serial),
    queue: queue.name,
    group: group.name,
    position: delivery.position,
    message,
    type: over ? 'Q' : delivery.type,
    state,
    visibleAt: over || delivery.visibleAt === 0 ? null : delivery.visibleAt,
    receiveCount: delivery.receiveCount,
    firstReceivedAt: delivery.firstReceivedAt,
    reprocessCount: delivery.reprocessCount,
    modifiedAt: delivery.modifiedAt,
    expiresAt: expiryOf(item, queue, group),
    claim: leased ? delivery.claimId : null,
    holder: leased ? (delivery.detail?.holder ?? null) : null,
    reason: delivery.detail?.reason ?? null,
    outbound: delivery.detail?.outbound ?? null,
    failure: delivery.detail?.failure ?? null,
    deadLetterSource: delivery.detail?.source ?? null,
  }
}
