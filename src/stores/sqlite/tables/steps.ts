import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { StepsRecord } from '../../../core/history.ts'
import { boundLimit, type Row, Select } from '../database.ts'

/** What is read and written of a message in one transaction is one row, so only the last of its versions is written. */
export class Steps {
  readonly #select: Select<StepsRecord>
  readonly #serials: Select<number>
  readonly #put: StatementSync
  readonly #remove: StatementSync
  /** To be written, or removed (null). */
  readonly #waiting = new Map<string, StepsRecord | null>()

  constructor(database: DatabaseSync) {
    this.#select = new Select(
      database,
      'SELECT queue_id, serial, lines, omitted FROM step WHERE queue_id = ? AND serial = ?',
      readSteps,
    )
    this.#serials = new Select(
      database,
      `SELECT serial FROM step WHERE queue_id = ? AND serial > ? ORDER BY serial LIMIT ${boundLimit}`,
      (row) => row[0] as number,
    )
    this.#put = database.prepare('INSERT OR REPLACE INTO step (queue_id, serial, lines, omitted) VALUES (?, ?, ?, ?)')
    this.#remove = database.prepare('DELETE FROM step WHERE queue_id = ? AND serial = ?')
  }

  get(queueId: number, serial: number): StepsRecord | undefined {
    const waiting = this.#waiting.get(keyOf(queueId, serial))
    return waiting === undefined ? this.#select.one(queueId, serial) : (waiting ?? undefined)
  }

  serials(queueId: number, { after, limit }: { after: number; limit: number }): number[] {
    this.flush()
    return this.#serials.all(queueId, after, limit)
  }

  put(record: StepsRecord): void {
    this.#waiting.set(keyOf(record.queueId, record.serial), record)
  }

  remove(queueId: number, serial: number): void {
    this.#waiting.set(keyOf(queueId, serial), null)
  }

  flush(): void {
    for (const [key, record] of this.#waiting) {
      if (record) this.#put.run(record.queueId, record.serial, JSON.stringify(record.lines), record.omitted)
      else this.#remove.run(...(key.split('/').map(Number) as [number, number]))
    }
    this.#waiting.clear()
  }

  forget(): void {
    this.#waiting.clear()
  }
}

const keyOf = (queueId: number, serial: number): string => `${queueId}/${serial}`

export const readSteps = (row: Row): StepsRecord => ({
  queueId: row[0] as number,
  serial: row[1] as number,
  lines: JSON.parse(row[2] as string) as StepsRecord['lines'],
  omitted: row[3] as number,
})
