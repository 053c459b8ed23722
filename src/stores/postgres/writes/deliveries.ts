import type { Delivery } from '../../../core/delivery.ts'
import { CopyRows } from '../copy-rows.ts'
import type { Statement } from '../flight.ts'
import { type GivenColumn, givenRows } from '../given-rows.ts'
import { itemKey } from '../overlay/keys.ts'
import type { Changes } from '../rows.ts'
import { copyDelivery, deliveryColumnNames, differences, givenColumn } from './delivery-columns.ts'
import { exactly, type Writing } from './writing.ts'

export const deliveryWrites = (
  { schema, overlay, stamp }: Writing,
  { updates, deletes }: Changes<string, Delivery>,
): Statement[] => {
  const statements: Statement[] = []
  const queueOf = (groupId: number) => overlay.placeOf(groupId) ?? 0
  const inOrder = (a: { value: Delivery }, b: { value: Delivery }) =>
    queueOf(a.value.groupId) - queueOf(b.value.groupId) ||
    a.value.groupId - b.value.groupId ||
    a.value.position - b.value.position
  const keys: Record<string, GivenColumn<{ value: Delivery; stamp: number }>> = {
    q: ['int8', ({ value }) => queueOf(value.groupId)],
    g: ['int4', ({ value }) => value.groupId],
    p: ['int8', ({ value }) => value.position],
    s: ['int4', ({ stamp: read }) => read],
  }
  if (deletes.length > 0) {
    deletes.sort(inOrder)
    const { from, values } = givenRows(deletes, keys)
    const statement = `DELETE FROM ${schema}.delivery d USING ${from}
      WHERE d.queue_id = k.q AND d.group_id = k.g AND d.position = k.p AND d.stamp = k.s`
    statements.push({ text: exactly(deletes.length, statement), values })
  }
  if (updates.length > 0) {
    updates.sort(inOrder)
    const changed = differences(
      updates.map(({ value }) => ({
        before: overlay.deliveries.loaded.get(itemKey(value.groupId, value.position))?.value as Delivery,
        after: value,
      })),
    )
    const columns: typeof keys = { ...keys }
    for (const column of changed) columns[column.name] = givenColumn(column)
    const { from, values } = givenRows(updates, columns, 2)
    const sets = changed.map(({ name }) => `${name} = k.${name}, `).join('')
    const statement = `UPDATE ${schema}.delivery d SET ${sets}stamp = $1::int4 FROM ${from}
      WHERE d.queue_id = k.q AND d.group_id = k.g AND d.position = k.p AND d.stamp = k.s`
    statements.push({ text: exactly(updates.length, statement), values: [stamp, ...values] })
  }
  return statements
}

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
