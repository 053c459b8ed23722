import { int2s, int4s, int8s } from './binary.ts'
import type { Parameter } from './flight.ts'
import { type GivenColumn, givenRows } from './given-rows.ts'

/** How rows that are there are found by what a statement is given, and what else it is given for each. */
export interface ChangeColumns<Item> {
  /** The first columns of the key. */
  readonly place: Readonly<Record<string, GivenColumn<Item>>>
  /** The last one, which rises from item to item of a place. */
  readonly key: readonly [name: string, read: (item: Item) => number]
  /** Under names of their own. */
  readonly given?: Readonly<Record<string, GivenColumn<Item>>>
}

export interface GivenChanges {
  /** To be put behind FROM or USING, if there is anything. */
  readonly from: string | undefined
  /** Picks the rows of the table, which the statement calls `t`. */
  readonly where: string
  /** What is given for the row, by its name. */
  readonly column: (name: string) => string
  readonly values: Parameter[]
}

/**
 * Many rows of one place are found by one scan of the index, which takes half the time of a join with what is given; what differs from row to
 * row is looked up by the row's key. Few, or those of many places, are joined.
 */
export const givenChanges = <Item>(items: readonly Item[], columns: ChangeColumns<Item>): GivenChanges =>
  (items.length < worthScan ? undefined : scanned(items, columns)) ?? joined(items, columns)

/** Those of each place by themselves, where these are many; the others together. They come sorted by place. */
export const byPlace = <Item>(items: readonly Item[], isSamePlace: (a: Item, b: Item) => boolean): Item[][] => {
  const batches: Item[][] = []
  const others: Item[] = []
  for (let from = 0, to = 0; from < items.length; from = to) {
    while (to < items.length && isSamePlace(items[from] as Item, items[to] as Item)) to++
    const ofPlace = items.slice(from, to)
    if (ofPlace.length < worthScan) others.push(...ofPlace)
    else batches.push(ofPlace)
  }
  return others.length > 0 ? [...batches, others] : batches
}

const worthScan = 8

const joined = <Item>(
  items: readonly Item[],
  { place, key: [key, readKey], given = {} }: ChangeColumns<Item>,
): GivenChanges => {
  const prefixed = Object.fromEntries(Object.entries(given).map(([name, column]) => [`given_${name}`, column]))
  const { from, values } = givenRows(items, { ...place, [key]: ['int8', readKey], ...prefixed })
  return {
    from,
    where: [...Object.keys(place), key].map((name) => `t.${name} = k.${name}`).join(' AND '),
    column: (name) => `k.given_${name}`,
    values,
  }
}

/** Undefined: they are not of one place, or differ in what cannot be looked up. */
const scanned = <Item>(
  items: readonly Item[],
  { place, key: [key, readKey], given = {} }: ChangeColumns<Item>,
): GivenChanges | undefined => {
  const values: Parameter[] = [int8s(items.map(readKey))]
  const where = [`t.${key} = ANY($1::int8[])`]
  for (const [name, column] of Object.entries(place)) {
    const same = sameOf(items, column)
    if (same === undefined) return undefined
    where.unshift(`t.${name} = $${values.push(same)}::${column[0]}`)
  }
  const columns = new Map<string, string>()
  for (const [name, column] of Object.entries(given)) {
    const [type] = column
    const same = sameOf(items, column)
    const given = same === undefined ? numbersOf(items, column) : same
    if (given === undefined) return undefined
    const parameter = `$${values.push(given)}::${type}`
    const lookedUp = `(${parameter}[])[width_bucket(t.${key}, $1::int8[])]`
    columns.set(name, same === undefined ? lookedUp : parameter)
  }
  return { from: undefined, where: where.join(' AND '), column: (name) => columns.get(name) as string, values }
}

/** What is given for all of them; undefined: it differs. */
const sameOf = <Item>(items: readonly Item[], [type, read]: GivenColumn<Item>): string | number | null | undefined => {
  if (type === 'bytea') return undefined
  const first = read(items[0] as Item)
  for (const item of items) if (read(item) !== first) return undefined
  return first
}

/** An array in which the server finds any place at once: of one width, and with no NULL in it. */
const numbersOf = <Item>(items: readonly Item[], [type, read]: GivenColumn<Item>): Buffer | undefined => {
  const encode = { int8: int8s, int4: int4s, int2: int2s }[type as 'int8' | 'int4' | 'int2']
  if (!encode) return undefined
  const numbers: number[] = []
  for (const item of items) {
    const value = read(item)
    if (typeof value !== 'number') return undefined
    numbers.push(value)
  }
  return encode(numbers)
}
