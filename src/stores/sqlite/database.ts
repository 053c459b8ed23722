import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'

export type Row = readonly SQLOutputValue[]

/**
 * The parameter of a LIMIT. SQLite plans with the value that is bound to a bare `LIMIT ?`, and so compiles the whole
 * statement anew whenever it is bound again (measured: 24 µs instead of 1.3).
 */
export const boundLimit = '? + 0'

/** A SELECT whose rows come as arrays: no object with names is built for rows that become records at once. */
export class Select<Result> {
  readonly #statement: StatementSync
  readonly #read: (row: Row) => Result

  constructor(database: DatabaseSync, sql: string, read: (row: Row) => Result) {
    this.#statement = database.prepare(sql)
    this.#statement.setReturnArrays(true)
    this.#read = read
  }

  one(...parameters: SQLInputValue[]): Result | undefined {
    const row = this.#statement.get(...parameters) as Row | undefined
    return row && this.#read(row)
  }

  all(...parameters: SQLInputValue[]): Result[] {
    const rows = this.#statement.all(...parameters) as unknown as Row[]
    const results: Result[] = new Array(rows.length)
    for (let index = 0; index < rows.length; index++) results[index] = this.#read(rows[index]!)
    return results
  }
}

/** Rows a statement. More gains nothing; fewer pay for the call more often. */
const rowsOfInsert = [64, 16, 4, 1] as const
const keysOfDelete = [64, 8, 1] as const

/** `INSERT … VALUES (…), (…), …` in the largest steps that fit: several times faster than row by row. */
export class MultiInsert<Value> {
  readonly #database: DatabaseSync
  readonly #head: string
  readonly #columns: number
  readonly #bind: (value: Value, into: SQLInputValue[]) => void
  readonly #statements = new Map<number, StatementSync>()

  constructor(
    database: DatabaseSync,
    insert: string,
    columns: readonly string[],
    bind: (value: Value, into: SQLInputValue[]) => void,
  ) {
    this.#database = database
    this.#head = `${insert} (${columns.join(', ')}) VALUES `
    this.#columns = columns.length
    this.#bind = bind
  }

  /** `maxRows` bounds a statement when rows are large, since SQLite keeps a copy of all that is bound to it. */
  run(values: readonly Value[], maxRows: number = rowsOfInsert[0]): void {
    let done = 0
    for (const rows of rowsOfInsert) {
      if (rows > maxRows && rows > 1) continue
      while (values.length - done >= rows) {
        const parameters: SQLInputValue[] = []
        for (let index = done; index < done + rows; index++) this.#bind(values[index]!, parameters)
        this.#statement(rows).run(...parameters)
        done += rows
      }
    }
  }

  #statement(rows: number): StatementSync {
    let statement = this.#statements.get(rows)
    if (!statement) {
      const row = `(${Array(this.#columns).fill('?').join(', ')})`
      statement = this.#database.prepare(this.#head + Array(rows).fill(row).join(', '))
      this.#statements.set(rows, statement)
    }
    return statement
  }
}

/** `DELETE … WHERE key IN (…)`, many keys a statement. `sql` ends in the column that the keys are of. */
export class MultiDelete {
  readonly #database: DatabaseSync
  readonly #sql: string
  readonly #statements = new Map<number, StatementSync>()

  constructor(database: DatabaseSync, sql: string) {
    this.#database = database
    this.#sql = sql
  }

  run(keys: readonly number[], ...before: SQLInputValue[]): void {
    for (let done = 0; done < keys.length; ) {
      const left = keys.length - done
      let size: number = keysOfDelete[0]
      for (const candidate of keysOfDelete) if (candidate >= left) size = candidate
      const parameters: SQLInputValue[] = [...before]
      // A list that is not full repeats its last key, which deletes nothing more.
      for (let index = 0; index < size; index++) parameters.push(keys[Math.min(done + index, keys.length - 1)]!)
      this.#statement(size).run(...parameters)
      done += size
    }
  }

  #statement(size: number): StatementSync {
    let statement = this.#statements.get(size)
    if (!statement) {
      statement = this.#database.prepare(`${this.#sql} IN (${Array(size).fill('?').join(', ')})`)
      this.#statements.set(size, statement)
    }
    return statement
  }
}
