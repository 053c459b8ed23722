import type { DeliveryType } from '../../../core/delivery.ts'
import type { ScanQuery, SearchQuery } from '../../../core/store.ts'
import { stateCode, typeCode } from '../../sql/encoding.ts'
import { int2s } from '../binary.ts'
import type { Row } from '../columns.ts'
import type { Parameter } from '../flight.ts'
import type { RangeNeed } from '../needs.ts'
import { rangeKey } from '../overlay/keys.ts'
import type { Overlay } from '../overlay.ts'
import { deliveryColumns, messageColumns } from '../records.ts'
import { asColumns, loadItems, withMessages } from './items.ts'
import type { Loading } from './loading.ts'

export const scan = ({ schema, overlay }: Loading, groupId: number, query: ScanQuery, limit: number) => {
  const { from, values, direction } = positionRange(overlay, groupId, query)
  const text = `${withMessages(
    schema,
    `SELECT x.* FROM ${schema}.delivery x WHERE ${from}
      ORDER BY x.position ${direction} LIMIT ${limit}`,
  )} ORDER BY d.position ${direction}`
  return { text, values }
}

/** Of each type the first, put together in order: nothing else is looked at. */
export const ofTypes = ({ schema, overlay }: Loading, groupId: number, query: SearchQuery, limit: number) => {
  const { from, values, direction } = positionRange(overlay, groupId, query)
  const ofType = (type: DeliveryType) => `(SELECT x.* FROM ${schema}.delivery x
    WHERE ${from} AND x.type = ${typeCode.number(type)} AND x.type <> 0 ORDER BY x.position ${direction} LIMIT ${limit})`
  const each = [...new Set(query.types)].map(ofType).join(' UNION ALL ')
  const text = `${withMessages(
    schema,
    `SELECT * FROM (${each || `SELECT x.* FROM ${schema}.delivery x WHERE ${from} AND false`}) u
      ORDER BY u.position ${direction} LIMIT ${limit}`,
  )} ORDER BY d.position ${direction}`
  return { text, values }
}

/** The first row says how many were looked at and where that ends; the others are those that match, each with its place among them. */
export const search = (loading: Loading, need: RangeNeed & { of: 'search' }, limit: number) => {
  const { schema, overlay } = loading
  const { query, groupId } = need
  const { from, values, direction } = positionRange(overlay, groupId, query)
  const parameter = (value: Parameter, type: string) => `$${values.push(value)}::${type}`
  const conditions = ['true']
  const { states, types, exceptClientId } = query
  if (states) conditions.push(`d.state = ANY(${parameter(int2s(states.map(stateCode.number)), 'int2[]')})`)
  if (types) conditions.push(`d.type = ANY(${parameter(int2s(types.map(typeCode.number)), 'int2[]')})`)
  if (exceptClientId !== undefined) {
    conditions.push(`m.client_id IS DISTINCT FROM ${parameter(exceptClientId, 'text')}`)
  }
  const text = `WITH d AS MATERIALIZED (SELECT x.*, row_number() OVER (ORDER BY x.position ${direction}) AS place
      FROM ${schema}.delivery x WHERE ${from} ORDER BY x.position ${direction} LIMIT ${query.examine}),
    extent AS (SELECT count(*) AS looked, ${query.newestFirst ? 'min' : 'max'}(position) AS last FROM d)
    SELECT ${deliveryColumns}, ${messageColumns}, d.place, extent.looked, extent.last
    FROM extent LEFT JOIN (d JOIN ${schema}.message m ON m.queue_id = d.queue_id AND m.serial = d.serial)
      ON ${conditions.join(' AND ')} ORDER BY d.position ${direction} LIMIT ${limit}`
  return {
    text,
    values,
    load: (rows: readonly Row[]) => {
      const found = rows.filter((row) => row[0] !== null)
      const width = (rows[0]?.length ?? 0) - 3
      const places = new Map(found.map((row) => [Number(row[2]), Number(row[width])]))
      const [first] = rows
      const end = first?.[width + 2]
      overlay.extents.set(rangeKey(need), {
        count: Number(first?.[width + 1] ?? 0),
        end: end == null ? null : Number(end),
        places,
      })
      return loadItems(loading, found.map(asColumns))
    },
  }
}

/** Conditions on the rows `x` of a group, in order of position from where a query begins. */
const positionRange = (overlay: Overlay, groupId: number, { after, newestFirst = false }: ScanQuery) => {
  const values: Parameter[] = [overlay.placeOf(groupId) ?? 0, groupId]
  let from = 'x.queue_id = $1::int8 AND x.group_id = $2::int4'
  if (after !== undefined) from += ` AND x.position ${newestFirst ? '<' : '>'} $${values.push(after)}::int8`
  return { from, values, direction: newestFirst ? 'DESC' : 'ASC' }
}
