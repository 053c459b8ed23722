import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { DeliveryType, Item } from '../../../core/delivery.ts'
import type { ScanQuery, SearchQuery, SearchSlice } from '../../../core/store.ts'
import { stateCode, typeCode } from '../../sql/encoding.ts'
import { boundLimit, type Row, Select } from '../database.ts'
import { itemsFrom, readItem } from './delivery-rows.ts'

interface Range {
  readonly count: number
  readonly end: number | null
}

/** Reads through a group by position. Everything it looks for has been written before. */
export class DeliverySearches {
  readonly #database: DatabaseSync
  readonly #selects = new Map<string, Select<Item>>()
  readonly #ranges = new Map<boolean, Select<Range>>()
  readonly #counts: Select<number>

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#counts = new Select(
      database,
      'SELECT count(*) FROM delivery WHERE group_id = ? AND position BETWEEN ? AND ?',
      (row) => row[0] as number,
    )
  }

  scan(groupId: number, query: ScanQuery): Item[] {
    const sql = `${itemsFrom('')} d.group_id = ? AND d.position ${beyond(query)} ? ${ordered(query)}`
    return this.#select(sql).all(groupId, startOf(query), query.limit)
  }

  search(groupId: number, query: SearchQuery): SearchSlice {
    const types = indexedTypes(query)
    return types ? this.#byTypes(groupId, query, types) : this.#byPosition(groupId, query)
  }

  /** Of each type the first that match, put together in order: nothing else is looked at. */
  #byTypes(groupId: number, query: SearchQuery, types: readonly DeliveryType[]): SearchSlice {
    const limit = Math.min(query.limit, query.examine)
    const found: Item[] = []
    for (const type of types) {
      const sql = `${itemsFrom('INDEXED BY delivery_type')}
        d.group_id = ? AND d.type = ${typeCode.number(type)} AND d.type <> 0
        AND d.position ${beyond(query)} ? ${ordered(query)}`
      found.push(...this.#select(sql).all(groupId, startOf(query), limit))
    }
    const direction = query.newestFirst ? -1 : 1
    found.sort((a, b) => direction * (a.delivery.position - b.delivery.position))
    const items = found.slice(0, limit)
    const next = items.length === limit ? (items.at(-1)?.delivery.position ?? null) : null
    return { items, next, examined: items.length }
  }

  #byPosition(groupId: number, query: SearchQuery): SearchSlice {
    const start = startOf(query)
    const { count, end } = this.#range(query).one(groupId, start, query.examine) ?? { count: 0, end: null }
    if (end === null) return { items: [], next: null, examined: 0 }
    const { sql, parameters } = filtered(query)
    const upTo = query.newestFirst ? '>=' : '<='
    const items = this.#select(
      `${itemsFrom('')} d.group_id = ? AND d.position ${beyond(query)} ? AND d.position ${upTo} ?${sql} ${ordered(query)}`,
    ).all(groupId, start, end, ...parameters, query.limit)
    const last = items.length === query.limit ? items.at(-1)?.delivery.position : undefined
    if (last === undefined) return { items, next: count === query.examine ? end : null, examined: count }
    const [from, to] = query.newestFirst ? [last, start - 1] : [start + 1, last]
    const examined = this.#counts.one(groupId, from, to) ?? count
    return { items, next: last, examined }
  }

  /** How far so many deliveries reach. */
  #range(query: SearchQuery): Select<Range> {
    const newestFirst = query.newestFirst ?? false
    let select = this.#ranges.get(newestFirst)
    if (!select) {
      select = new Select(
        this.#database,
        `SELECT count(*), ${newestFirst ? 'min' : 'max'}(position) FROM (
           SELECT d.position FROM delivery d WHERE d.group_id = ? AND d.position ${beyond(query)} ? ${ordered(query)})`,
        (row: Row) => ({ count: row[0] as number, end: row[1] as number | null }),
      )
      this.#ranges.set(newestFirst, select)
    }
    return select
  }

  #select(sql: string): Select<Item> {
    let select = this.#selects.get(sql)
    if (!select) {
      select = new Select(this.#database, sql, readItem)
      this.#selects.set(sql, select)
    }
    return select
  }
}

/** Types that the index of types holds, where nothing else has to match. */
const indexedTypes = ({ types, states, exceptClientId }: SearchQuery): readonly DeliveryType[] | undefined =>
  types && states === undefined && exceptClientId === undefined && !types.includes('Q')
    ? [...new Set(types)]
    : undefined

const startOf = ({ after, newestFirst }: ScanQuery): number => after ?? (newestFirst ? Number.MAX_SAFE_INTEGER : -1)

const beyond = ({ newestFirst }: ScanQuery): string => (newestFirst ? '<' : '>')

const ordered = ({ newestFirst }: ScanQuery): string =>
  `ORDER BY d.position ${newestFirst ? 'DESC' : 'ASC'} LIMIT ${boundLimit}`

const filtered = ({ states, types, exceptClientId }: SearchQuery): { sql: string; parameters: SQLInputValue[] } => {
  const conditions = [
    ...(states ? [`d.state IN (${states.map(stateCode.number).join(', ')})`] : []),
    ...(types ? [`d.type IN (${types.map(typeCode.number).join(', ')})`] : []),
    ...(exceptClientId === undefined ? [] : [`(m.extra IS NULL OR m.extra ->> '$.clientId' IS NOT ?)`]),
  ]
  return {
    sql: conditions.map((condition) => ` AND ${condition}`).join(''),
    parameters: exceptClientId === undefined ? [] : [exceptClientId],
  }
}
