import type { Delivery } from '../../../core/delivery.ts'
import { stateCode, toJson, typeCode } from '../../sql/encoding.ts'
import type { CopyRows } from '../copy-rows.ts'
import type { GivenColumn } from '../given-rows.ts'
import { hash64 } from '../records.ts'

type Column = { readonly name: string } & (
  | { readonly type: 'int8' | 'int4'; readonly read: (delivery: Delivery) => number | null }
  | { readonly type: 'int2'; readonly read: (delivery: Delivery) => number }
  | { readonly type: 'text'; readonly read: (delivery: Delivery) => string | null }
)

/** The columns of a delivery but its queue's and its stamp, those of its key first. */
const columns: readonly Column[] = [
  { name: 'group_id', type: 'int4', read: ({ groupId }) => groupId },
  { name: 'position', type: 'int8', read: ({ position }) => position },
  { name: 'serial', type: 'int8', read: ({ serial }) => serial },
  { name: 'urgency', type: 'int8', read: ({ urgency }) => urgency },
  { name: 'rank', type: 'int8', read: ({ rank }) => rank },
  { name: 'visible_at', type: 'int8', read: ({ visibleAt }) => visibleAt },
  { name: 'modified_at', type: 'int8', read: ({ modifiedAt }) => modifiedAt },
  { name: 'nonce', type: 'int8', read: ({ nonce }) => nonce },
  { name: 'ready_group', type: 'int4', read: ({ state, groupId }) => (state === 'ready' ? groupId : null) },
  { name: 'receive_count', type: 'int4', read: ({ receiveCount }) => receiveCount },
  { name: 'reprocess_count', type: 'int4', read: ({ reprocessCount }) => reprocessCount },
  { name: 'state', type: 'int2', read: ({ state }) => stateCode.number(state) },
  { name: 'type', type: 'int2', read: ({ type }) => typeCode.number(type) },
  { name: 'due_at', type: 'int8', read: ({ dueAt }) => dueAt },
  { name: 'first_received_at', type: 'int8', read: ({ firstReceivedAt }) => firstReceivedAt },
  {
    name: 'message_group_hash',
    type: 'int8',
    read: ({ messageGroup, state }) => (messageGroup === null || state === 'finished' ? null : hash64(messageGroup)),
  },
  { name: 'claim_hash', type: 'int8', read: ({ claimId }) => (claimId === null ? null : hash64(claimId)) },
  { name: 'message_group', type: 'text', read: ({ messageGroup }) => messageGroup },
  { name: 'claim_id', type: 'text', read: ({ claimId }) => claimId },
  { name: 'detail', type: 'text', read: ({ detail }) => toJson(detail) },
]
const keyColumns = 2

export const deliveryColumnNames = ['queue_id', ...columns.map(({ name }) => name), 'stamp']

export const copyDelivery = (rows: CopyRows, queueId: number, delivery: Delivery, stamp: number): void => {
  rows.row()
  rows.int8(queueId)
  for (const column of columns) {
    switch (column.type) {
      case 'int8':
        rows.int8(column.read(delivery))
        break
      case 'int4':
        rows.int4(column.read(delivery))
        break
      case 'int2':
        rows.int2(column.read(delivery))
        break
      case 'text':
        rows.text(column.read(delivery))
    }
  }
  rows.int4(stamp)
}

/** The columns in which at least one of the deliveries is another than before. */
export const differences = (
  changes: readonly { readonly before: Delivery; readonly after: Delivery }[],
): readonly Column[] =>
  columns.slice(keyColumns).filter(({ read }) => changes.some(({ before, after }) => read(before) !== read(after)))

export const givenColumn = (column: Column): GivenColumn<{ readonly value: Delivery }> => {
  if (column.type === 'text') return ['text', ({ value }) => column.read(value)]
  return [column.type, ({ value }) => column.read(value)]
}
