import type { Message } from '../../../core/message.ts'
import { int8s } from '../binary.ts'
import { type Columns, type Row, TextColumns } from '../columns.ts'
import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
import { itemKey } from '../overlay/keys.ts'
import { Conflict } from '../overlay/state.ts'
import { deliveryColumns, messageColumns, messageColumnsNotKnown, readDelivery, readMessage } from '../records.ts'
import type { Loading } from './loading.ts'

export const itemsByPlace = (loading: Loading): Statement[] => {
  const { schema, recent, overlay, hold } = loading
  const wanted: { key: string; groupId: number; position: number; queueId: number }[] = []
  for (const [key, { groupId, position }] of overlay.needs.items) {
    const queueId = overlay.placeOf(groupId)
    if (queueId !== undefined) wanted.push({ key, groupId, position, queueId })
  }
  if (wanted.length === 0) return []
  wanted.sort((a, b) => a.queueId - b.queueId || a.groupId - b.groupId || a.position - b.position)
  const { from, values } = givenRows(wanted, {
    q: ['int8', ({ queueId }) => queueId],
    g: ['int4', ({ groupId }) => groupId],
    p: ['int8', ({ position }) => position],
    is_known: ['int4', ({ key }) => (recent.get(key) ? 1 : 0)],
  })
  return [
    {
      text: withMessages(
        schema,
        `SELECT x.*, k.is_known FROM ${from}
          JOIN ${schema}.delivery x ON x.queue_id = k.q AND x.group_id = k.g AND x.position = k.p
          ${hold ? 'FOR UPDATE OF x' : ''}`,
        messageColumnsNotKnown,
      ),
      values,
      rows: (rows) => {
        const found = new Set(loadItems(loading, rows.map(asColumns)))
        if (hold) for (const key of found) overlay.held.add(key)
        for (const { key } of wanted) {
          if (!found.has(key) && !overlay.deliveries.load(key, undefined, 0)) throw new Conflict()
        }
      },
    },
  ]
}

export const messagesBySerial = ({ schema, overlay }: Loading, serials: readonly number[]): Statement => ({
  text: `SELECT ${messageColumns} FROM ${schema}.message m WHERE m.serial = ANY($1::int8[])`,
  values: [int8s(serials)],
  rows: (rows) => {
    for (const row of rows) {
      const message = readMessage(new TextColumns(row))
      if (!overlay.messages.loaded.has(message.serial)) overlay.messages.load(message.serial, message, 0)
    }
    for (const serial of serials) {
      if (!overlay.messages.loaded.has(serial)) overlay.messages.load(serial, undefined, 0)
    }
  },
})

export const asColumns = (row: Row): Columns => new TextColumns(row)

export const loadItems = (loading: Loading, rows: readonly Columns[]): string[] => {
  const { overlay } = loading
  return rows.map((row) => {
    const { key, serial } = loadDelivery(loading, row)
    if (!overlay.messages.loaded.has(serial)) {
      overlay.messages.load(serial, messageOf(loading, row, key), 0)
    }
    return key
  })
}

export const loadDelivery = ({ known, overlay }: Loading, row: Columns): { key: string; serial: number } => {
  const { delivery, queueId, stamp } = readDelivery(row)
  const key = itemKey(delivery.groupId, delivery.position)
  if (!overlay.deliveries.load(key, delivery, stamp)) throw new Conflict()
  known.rememberGroup(delivery.groupId, queueId)
  return { key, serial: delivery.serial }
}

/** Its body was not asked for if it was known here. */
const messageOf = ({ recent }: Loading, row: Columns, place: string): Message => {
  const known = recent.get(place)?.message
  const message = readMessage(row, known?.body)
  if (message.body === known?.body && message.serial !== known?.serial) {
    // Another message has taken the place.
    recent.forget(place)
    throw new Conflict()
  }
  return message
}

/** `deliveries`: a query that gives rows of the table, and is done first. */
export const withMessages = (
  schema: string,
  deliveries: string,
  columns = messageColumns,
): string => `SELECT ${deliveryColumns}, ${columns} FROM (${deliveries}) d
  CROSS JOIN LATERAL (SELECT * FROM ${schema}.message m WHERE m.queue_id = d.queue_id AND m.serial = d.serial OFFSET 0) m`
