/** What was read of a row: its value, or that there is none; with the stamp that tells whether it changed since. */
export interface Loaded<Value> {
  readonly value: Value | undefined
  readonly stamp: number
}

/** Rows of a table as a transaction sees them: what it loaded, under what it wrote. */
export class Rows<Key, Value> {
  readonly loaded = new Map<Key, Loaded<Value>>()
  readonly written = new Map<Key, Value | undefined>()

  /** What was written goes; what was loaded stays. */
  reset(): void {
    this.written.clear()
  }

  isKnown(key: Key): boolean {
    return this.written.has(key) || this.loaded.has(key)
  }

  get(key: Key): Value | undefined {
    const written = this.written.get(key)
    if (written !== undefined || this.written.has(key)) return written
    return this.loaded.get(key)?.value
  }

  put(key: Key, value: Value): void {
    this.written.set(key, value)
  }

  remove(key: Key): void {
    this.written.set(key, undefined)
  }

  /** False: it is not what was loaded before, so what the transaction saw does not fit together. */
  load(key: Key, value: Value | undefined, stamp: number): boolean {
    const known = this.loaded.get(key)
    if (known) return known.stamp === stamp && (known.value === undefined) === (value === undefined)
    this.loaded.set(key, { value, stamp })
    return true
  }

  /** What has to be done to the table. */
  changes(): Changes<Key, Value> {
    const changes: Changes<Key, Value> = { inserts: [], updates: [], deletes: [], puts: [], blindDeletes: [] }
    // Without an array for each of thousands of entries.
    this.written.forEach((value, key) => {
      const known = this.loaded.get(key)
      if (!known) {
        if (value === undefined) changes.blindDeletes.push(key)
        else changes.puts.push(value)
      } else if (known.value === undefined) {
        if (value !== undefined) changes.inserts.push(value)
      } else if (value === undefined) changes.deletes.push({ key, value: known.value, stamp: known.stamp })
      else if (value !== known.value) changes.updates.push({ value, stamp: known.stamp })
    })
    return changes
  }
}

export interface Changes<Key, Value> {
  /** Known not to be there. */
  readonly inserts: Value[]
  readonly updates: { readonly value: Value; readonly stamp: number }[]
  readonly deletes: { readonly key: Key; readonly value: Value; readonly stamp: number }[]
  /** Not looked at: may be there or not. */
  readonly puts: Value[]
  readonly blindDeletes: Key[]
}

/** The first rows of a range in its order, as loaded. */
export interface Range<Key> {
  readonly keys: readonly Key[]
  /** All there are, not only the first. */
  readonly complete: boolean
}

export interface RangeQuery<Value> {
  readonly limit: number
  readonly matches: (value: Value) => boolean
  readonly compare: (a: Value, b: Value) => number
}

/** The range as it is with what was written; undefined: too little of it was loaded to tell. */
export const rangeOf = <Key, Value>(
  rows: Rows<Key, Value>,
  range: Range<Key>,
  { limit, matches, compare }: RangeQuery<Value>,
): Value[] | undefined => {
  const found: Value[] = []
  for (const key of range.keys) {
    if (rows.written.has(key)) continue
    const value = rows.loaded.get(key)?.value
    if (value !== undefined) found.push(value)
    if (range.complete && rows.written.size === 0 && found.length === limit) return found
  }
  if (rows.written.size > 0) {
    for (const value of rows.written.values()) if (value !== undefined && matches(value)) found.push(value)
    found.sort(compare)
  }
  if (!range.complete) {
    // Beyond the last one that was loaded there may be others in between.
    const lastKey = range.keys.at(-1)
    const last = lastKey === undefined ? undefined : rows.loaded.get(lastKey)?.value
    const within = last === undefined ? 0 : found.findLastIndex((value) => compare(value, last) <= 0) + 1
    if (within < limit) return undefined
  }
  return found.length > limit ? found.slice(0, limit) : found
}
