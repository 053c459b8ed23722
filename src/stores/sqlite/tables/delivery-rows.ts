import type { SQLInputValue } from 'node:sqlite'
import type { Delivery, DeliveryDetail, Item } from '../../../core/delivery.ts'
import { fromJson, stateCode, toJson, typeCode } from '../../sql/encoding.ts'
import type { Row } from '../database.ts'
import { messageColumns, readMessage } from './messages.ts'

/** What differs between deliveries that nobody has received yet; the other columns have their defaults. */
export const freshColumns = [
  'group_id',
  'position',
  'serial',
  'state',
  'urgency',
  'rank',
  'visible_at',
  'due_at',
  'message_group',
  'modified_at',
] as const

export const deliveryColumns = [
  ...freshColumns,
  'type',
  'receive_count',
  'first_received_at',
  'reprocess_count',
  'nonce',
  'claim_id',
  'detail',
] as const

export const isFresh = (delivery: Delivery): boolean =>
  delivery.receiveCount === 0 &&
  delivery.type === 'Q' &&
  delivery.nonce === 0 &&
  delivery.firstReceivedAt === null &&
  delivery.reprocessCount === 0 &&
  delivery.claimId === null &&
  delivery.detail === null

export const bindFresh = (delivery: Delivery, into: SQLInputValue[]): void => {
  into.push(
    delivery.groupId,
    delivery.position,
    delivery.serial,
    stateCode.number(delivery.state),
    delivery.urgency,
    delivery.rank,
    delivery.visibleAt,
    delivery.dueAt,
    delivery.messageGroup,
    delivery.modifiedAt,
  )
}

export const bindDelivery = (delivery: Delivery, into: SQLInputValue[]): void => {
  bindFresh(delivery, into)
  into.push(
    typeCode.number(delivery.type),
    delivery.receiveCount,
    delivery.firstReceivedAt,
    delivery.reprocessCount,
    delivery.nonce,
    delivery.claimId,
    toJson(delivery.detail),
  )
}

/** The columns that a lease changes, with which a delivery's everyday life is written. */
export const leaseColumns = [
  'state',
  'visible_at',
  'due_at',
  'receive_count',
  'first_received_at',
  'nonce',
  'detail',
  'modified_at',
] as const

export const bindLease = (delivery: Delivery): SQLInputValue[] => [
  stateCode.number(delivery.state),
  delivery.visibleAt,
  delivery.dueAt,
  delivery.receiveCount,
  delivery.firstReceivedAt,
  delivery.nonce,
  toJson(delivery.detail),
  delivery.modifiedAt,
  delivery.groupId,
  delivery.position,
]

/** All but what stays for life: its place, its message and its message group. */
export const stateColumns = [
  'state',
  'urgency',
  'rank',
  'visible_at',
  'due_at',
  'modified_at',
  'type',
  'receive_count',
  'first_received_at',
  'reprocess_count',
  'nonce',
  'claim_id',
  'detail',
] as const

export const bindState = (delivery: Delivery): SQLInputValue[] => [
  stateCode.number(delivery.state),
  delivery.urgency,
  delivery.rank,
  delivery.visibleAt,
  delivery.dueAt,
  delivery.modifiedAt,
  typeCode.number(delivery.type),
  delivery.receiveCount,
  delivery.firstReceivedAt,
  delivery.reprocessCount,
  delivery.nonce,
  delivery.claimId,
  toJson(delivery.detail),
  delivery.groupId,
  delivery.position,
]

export const isStateChange = (before: Delivery, after: Delivery): boolean =>
  before.serial === after.serial && before.messageGroup === after.messageGroup

/** Whether no column beyond `leaseColumns` differs. */
export const isLeaseChange = (before: Delivery, after: Delivery): boolean =>
  before.serial === after.serial &&
  before.urgency === after.urgency &&
  before.rank === after.rank &&
  before.type === after.type &&
  before.claimId === after.claimId &&
  before.messageGroup === after.messageGroup &&
  before.reprocessCount === after.reprocessCount

/** A delivery `d` and its message `m`. */
const itemColumns = [
  ...deliveryColumns.map((column) => `d.${column}`),
  ...messageColumns.map((column) => `m.${column}`),
].join(', ')

/** CROSS JOIN: from the delivery to its message, whatever the planner thinks. */
export const itemsFrom = (index: string): string =>
  `SELECT ${itemColumns} FROM delivery d ${index} CROSS JOIN message m ON m.serial = d.serial WHERE`

export const readItem = (row: Row): Item => ({
  delivery: readDelivery(row),
  message: readMessage(row, deliveryColumns.length),
})

/** Reads a delivery from `deliveryColumns`. */
export const readDelivery = (row: Row): Delivery => ({
  groupId: row[0] as number,
  position: row[1] as number,
  serial: row[2] as number,
  type: typeCode.word(row[10] as number),
  state: stateCode.word(row[3] as number),
  visibleAt: row[6] as number,
  dueAt: row[7] as number | null,
  urgency: row[4] as number,
  rank: row[5] as number,
  messageGroup: row[8] as string | null,
  receiveCount: row[11] as number,
  firstReceivedAt: row[12] as number | null,
  reprocessCount: row[13] as number,
  nonce: row[14] as number,
  claimId: row[15] as string | null,
  modifiedAt: row[9] as number,
  detail: fromJson<DeliveryDetail>(row[16] as string | null),
})
