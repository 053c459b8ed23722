import type { Delivery } from '../../../core/delivery.ts'
import { int4s, int8s } from '../binary.ts'
import { CopyRows } from '../copy-rows.ts'
import type { Statement } from '../flight.ts'
import { itemKey } from '../overlay/keys.ts'
import type { Changes } from '../rows.ts'
import { copyDelivery, deliveryColumnNames, differences } from './delivery-columns.ts'
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
  if (deletes.length > 0) {
    deletes.sort(inOrder)
    const statement = `DELETE FROM ${schema}.delivery d USING unnest($1::int8[], $2::int4[], $3::int8[], $4::int4[]) AS k (q, g, p, s)
      WHERE d.queue_id = k.q AND d.group_id = k.g AND d.position = k.p AND d.stamp = k.s`
    statements.push({
      text: exactly(deletes.length, statement),
      values: [
        int8s(deletes.map(({ value }) => queueOf(value.groupId))),
        int4s(deletes.map(({ value }) => value.groupId)),
        int8s(deletes.map(({ value }) => value.position)),
        int4s(deletes.map(({ stamp: read }) => read)),
      ],
    })
  }
  if (updates.length > 0) {
    updates.sort(inOrder)
    const changed = differences(
      updates.map(({ value }) => ({
        before: overlay.deliveries.loaded.get(itemKey(value.groupId, value.position))?.value as Delivery,
        after: value,
      })),
    )
    const sets = changed.map(({ name }) => `${name} = k.${name}, `).join('')
    const statement = `UPDATE ${schema}.delivery d SET ${sets}stamp = $1::int4
      FROM unnest($2::int8[], $3::int4[], $4::int8[], $5::int4[]${changed.map(({ type }, i) => `, $${i + 6}::${type}[]`).join('')})
        AS k (q, g, p, s${changed.map(({ name }) => `, ${name}`).join('')})
      WHERE d.queue_id = k.q AND d.group_id = k.g AND d.position = k.p AND d.stamp = k.s`
    statements.push({
      text: exactly(updates.length, statement),
      values: [
        stamp,
        int8s(updates.map(({ value }) => queueOf(value.groupId))),
        int4s(updates.map(({ value }) => value.groupId)),
        int8s(updates.map(({ value }) => value.position)),
        int4s(updates.map(({ stamp: read }) => read)),
        ...changed.map(({ values }) => values),
      ],
    })
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
