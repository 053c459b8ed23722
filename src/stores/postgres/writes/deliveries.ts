import type { Delivery } from '../../../core/delivery.ts'
import { CopyRows } from '../copy-rows.ts'
import type { Statement } from '../flight.ts'
import { type Batch, batches, givenChanges } from '../given-changes.ts'
import type { GivenColumn } from '../given-rows.ts'
import { itemKey } from '../overlay/keys.ts'
import type { Changes } from '../rows.ts'
import { copyDelivery, deliveryColumnNames, differences, givenColumn } from './delivery-columns.ts'
import { exactly, type Writing } from './writing.ts'

export const deliveryWrites = (
  { schema, overlay, stamp, scans }: Writing,
  { updates, deletes }: Changes<string, Delivery>,
): Statement[] => {
  const queueOf = ({ value }: Changed) => overlay.placeOf(value.groupId) ?? 0
  const inOrder = (a: Changed, b: Changed) =>
    queueOf(a) - queueOf(b) || a.value.groupId - b.value.groupId || a.value.position - b.value.position
  const isSameGroup = (a: Changed, b: Changed) => a.value.groupId === b.value.groupId
  const given = (batch: Batch<Changed>, columns: Readonly<Record<string, GivenColumn<Changed>>> = {}) =>
    givenChanges(batch, {
      place: { queue_id: ['int8', queueOf], group_id: ['int4', ({ value }) => value.groupId] },
      key: ['position', ({ value }) => value.position],
      given: { ...columns, read: ['int4', ({ stamp: read }) => read] },
    })

  const removed = batches(deletes.sort(inOrder), isSameGroup, scans).map((batch): Statement => {
    const { from, where, column, values } = given(batch)
    const statement = `DELETE FROM ${schema}.delivery t ${from ? `USING ${from}` : ''} WHERE ${where} AND t.stamp = ${column('read')}`
    return { text: exactly(batch.items.length, statement), values }
  })
  const changed = batches(updates.sort(inOrder), isSameGroup, scans).map((batch): Statement => {
    const columns = differences(
      batch.items.map(({ value }) => ({
        before: overlay.deliveries.loaded.get(itemKey(value.groupId, value.position))?.value as Delivery,
        after: value,
      })),
    )
    const { from, where, column, values } = given(batch, {
      ...Object.fromEntries(columns.map((column) => [column.name, givenColumn(column)])),
      written: ['int4', () => stamp],
    })
    const sets = columns.map(({ name }) => `${name} = ${column(name)}, `).join('')
    const statement = `UPDATE ${schema}.delivery t SET ${sets}stamp = ${column('written')} ${from ? `FROM ${from}` : ''}
      WHERE ${where} AND t.stamp = ${column('read')}`
    return { text: exactly(batch.items.length, statement), values }
  })
  return [...removed, ...changed]
}

type Changed = { readonly value: Delivery; readonly stamp: number }

export const deliveryInserts = (
  { schema, overlay, stamp }: Writing,
  { inserts }: Changes<string, Delivery>,
): Statement[] => {
  if (inserts.length === 0) return []
  const queueOf = (groupId: number) => overlay.placeOf(groupId) ?? 0
  const rows = new CopyRows(deliveryColumnNames.length, 220 * inserts.length)
  for (const delivery of inserts) copyDelivery(rows, queueOf(delivery.groupId), delivery, stamp)
  return [
    {
      text: `COPY ${schema}.delivery (${deliveryColumnNames.join(', ')}) FROM STDIN (FORMAT binary)`,
      copy: rows.finish(),
    },
  ]
}
