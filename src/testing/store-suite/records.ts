import type { Delivery, Item } from '../../core/delivery.ts'
import type { StepsRecord } from '../../core/history.ts'
import type { Message } from '../../core/message.ts'
import type { GroupRecord, QueueRecord, QueueSettings } from '../../core/queue.ts'
import type { Deduplication, HistoryEntry, Transaction } from '../../core/store.ts'

/** Records to test with: whatever a test does not name has a plain value. */

export const start = Date.UTC(2030, 0, 1)

const settings: QueueSettings = {
  ordering: 'unordered',
  newestFirst: false,
  consumerGroups: false,
  visibilityTimeoutMs: 30_000,
  delayMs: 0,
  retentionMs: 345_600_000,
  maxMessageBytes: 262_144,
  maxMessages: null,
  maxLeased: null,
  receiveWaitMs: 0,
  receiveLimit: null,
  deadLetterQueue: null,
  deadLetters: 'delete',
  deadLetterRetentionMs: null,
  deadLetterAt: 'lease-end',
  deduplicationWindowMs: 300_000,
  deduplicationScope: 'queue',
  contentDeduplication: false,
  keepFinished: 'nothing',
  keepProcessedMs: null,
  keepFilteredMs: null,
  keepErroredMs: null,
  keepShelvedMs: null,
  history: 'end',
  input: null,
  push: null,
  paused: false,
  publicId: null,
  description: '',
  metadata: {},
  tags: {},
  door: {},
}

export const settingsWith = (changes: Partial<QueueSettings> = {}): QueueSettings => ({ ...settings, ...changes })

export type QueueWithoutGroups = Omit<QueueRecord, 'groups'>

export const queueRecord = (queue: Partial<QueueWithoutGroups> & { id: number }): QueueWithoutGroups => ({
  account: 'acme',
  name: `queue-${queue.id}`,
  explicit: true,
  settings,
  createdAt: start,
  modifiedAt: start,
  ...queue,
})

export const groupRecord = (group: Partial<GroupRecord> & { id: number; queueId: number }): GroupRecord => ({
  kind: 'default',
  name: 'default',
  createdAt: start,
  deadLettersOf: null,
  backfillFrom: 0,
  backfillTo: 0,
  backfilled: 0,
  tagRule: null,
  door: {},
  subscription: null,
  ...group,
})

export const messageRecord = (message: Partial<Message> & { serial: number }): Message => ({
  sentAt: start,
  queueId: orders,
  position: message.serial,
  expiresAt: null,
  priority: 0,
  body: new TextEncoder().encode(`body of ${message.serial}`),
  contentType: null,
  messageGroup: null,
  attributes: null,
  extra: null,
  ...message,
})

export const deliveryRecord = (delivery: Partial<Delivery> & { position: number }): Delivery => ({
  groupId: ordersGroup,
  serial: delivery.position,
  type: 'Q',
  state: 'ready',
  visibleAt: 0,
  dueAt: null,
  urgency: 0,
  rank: delivery.position,
  messageGroup: null,
  receiveCount: 0,
  firstReceivedAt: null,
  reprocessCount: 0,
  nonce: 0,
  claimId: null,
  modifiedAt: start,
  detail: null,
  ...delivery,
})

export const deduplicationRecord = (entry: Partial<Deduplication> & { key: string }): Deduplication => ({
  groupId: ordersGroup,
  serial: 1,
  count: 1,
  sentAt: start,
  position: 1,
  expiresAt: start + 300_000,
  digest: null,
  ...entry,
})

export const historyRecord = (entry: Partial<HistoryEntry> & { serial: number }): HistoryEntry => ({
  sentAt: start,
  queueId: orders,
  outcome: 'deleted',
  finishedAt: start + 1,
  firstReceivedAt: null,
  receiveCount: 0,
  reprocessCount: 0,
  detail: null,
  ...entry,
})

export const stepsRecord = (record: Partial<StepsRecord> & { serial: number }): StepsRecord => ({
  queueId: orders,
  lines: [{ at: start, from: 'Q', to: 'Q', cause: 'automatic' }],
  omitted: 0,
  ...record,
})

/** The queues that `putQueues` makes, and their groups. */
export const orders = 1
export const ordersGroup = 11
export const invoices = 2
export const invoicesGroup = 12

export const putQueues = (transaction: Transaction): void => {
  transaction.putQueue(queueRecord({ id: orders, name: 'orders' }))
  transaction.putGroup(groupRecord({ id: ordersGroup, queueId: orders }))
  transaction.putQueue(queueRecord({ id: invoices, name: 'invoices' }))
  transaction.putGroup(groupRecord({ id: invoicesGroup, queueId: invoices }))
}

/** A delivery that has to be there; what is changed is read before, as core does it. */
export const deliveryAt = (transaction: Transaction, position: number, groupId = ordersGroup): Delivery => {
  const item = transaction.item(groupId, position)
  if (!item) throw new Error(`there is no delivery ${groupId}/${position}`)
  return item.delivery
}

/** Inserts a delivery together with its message. */
export const putItem = (
  transaction: Transaction,
  delivery: Partial<Delivery> & { position: number },
  message: Partial<Message> = {},
): Item => {
  const item = itemRecord(delivery, message)
  transaction.insertMessage(item.message)
  transaction.insertDelivery(item.delivery)
  return item
}

export const itemRecord = (
  delivery: Partial<Delivery> & { position: number },
  message: Partial<Message> = {},
): Item => {
  const place = deliveryRecord(delivery)
  const queueId = place.groupId === invoicesGroup ? invoices : orders
  const { serial, position, messageGroup } = place
  return { delivery: place, message: messageRecord({ serial, position, messageGroup, queueId, ...message }) }
}
