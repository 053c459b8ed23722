import { int2s, int4s, int8s } from './binary.ts'
import type { Parameter } from './flight.ts'
import { type GivenColumn, givenRows } from './given-rows.ts'

/** How rows that are there are found by what a statement is given, and what else it is given for each. */
export interface ChangeColumns<Item> {
  /** The first columns of the key. */
  readonly place: Readonly<Record<string, readonly ['int8' | 'int4', (item: Item) => number]>>
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

/** Rows that one statement changes. */
export interface Batch<Item> {
  readonly items: readonly Item[]
  /** They are many of one place: one scan of the index finds them in half the time of a join with what is given. */
  readonly isScanned: boolean
}

/**
 * They come sorted by place, and stay in that order, in which transactions wait for each other. Places with many are a batch each; what is between them goes
 * together. `scans`: whether the server is to be trusted with a scan (`looksForEach`).
 */
export const batches = <Item>(
  items: readonly Item[],
  isSamePlace: (a: Item, b: Item) => boolean,
  scans: boolean,
): Batch<Item>[] => {
  const [first] = items
  if (first === undefined) return []
  if (!scans) return [{ items, isScanned: false }]
  const least = isSamePlace(first, items.at(-1) as Item) ? worthScan : worthStatement
  const batches: Batch<Item>[] = []
  let joinedTo = 0
  const join = (to: number) => {
    if (joinedTo < to) batches.push({ items: items.slice(joinedTo, to), isScanned: false })
  }
  for (let from = 0, to = 0; from < items.length; from = to) {
    while (to < items.length && isSamePlace(items[from] as Item, items[to] as Item)) to++
    if (to - from < least) continue
    join(from)
    batches.push({ items: items.slice(from, to), isScanned: true })
    joinedTo = to
  }
  join(items.length)
  return batches
}

const worthScan = 8
/** Rows for which a scan saves as much as one more statement costs. */
const worthStatement = 64

/** How a batch is given to its statement. What differs from row to row is looked up by the row's key where it is scanned for. */
export const givenChanges = <Item>({ items, isScanned }: Batch<Item>, columns: ChangeColumns<Item>): GivenChanges =>
  (isScanned ? scanned(items, columns) : undefined) ?? joined(items, columns)

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

/** Undefined: they differ in what cannot be looked up. */
const scanned = <Item>(
  items: readonly Item[],
  { place, key: [key, readKey], given = {} }: ChangeColumns<Item>,
): GivenChanges | undefined => {
  const values: Parameter[] = [int8s(items.map(readKey))]
  const ofPlace = Object.entries(place).map(
    ([name, [type, read]]) => `t.${name} = $${values.push(read(items[0] as Item))}::${type}`,
  )
  const columns = new Map<string, string>()
  for (const [name, column] of Object.entries(given)) {
    const [type] = column
    const same = sameOf(items, column)
    const value = same === undefined ? numbersOf(items, column) : same
    if (value === undefined) return undefined
    const parameter = `$${values.push(value)}::${type}`
    const lookedUp = `(${parameter}[])[width_bucket(t.${key}, $1::int8[])]`
    columns.set(name, same === undefined ? lookedUp : parameter)
  }
  return {
    from: undefined,
    where: [...ofPlace, `t.${key} = ANY($1::int8[])`].join(' AND '),
    column: (name) => columns.get(name) as string,
    values,
  }
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
