import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Millis } from '../../../core/clock.ts'
import type { RetentionMark } from '../../../core/store.ts'
import { Generations } from '../../sql/generations.ts'
import { boundLimit, type Row, Select } from '../database.ts'
import type { NextDue } from '../next-due.ts'

/** Looked at by every send, written now and then: so cached, absence included. */
export class RetentionMarks {
  readonly #nextDue: NextDue
  readonly #select: Select<RetentionMark>
  readonly #selectDue: Select<RetentionMark>
  readonly #put: StatementSync
  readonly #remove: StatementSync
  readonly #cache = new Generations<number, RetentionMark | 'none'>(20_000)

  constructor(database: DatabaseSync, nextDue: NextDue) {
    this.#nextDue = nextDue
    const select = (rest: string) =>
      new Select(database, `SELECT queue_id, check_at, cursor FROM retention_mark WHERE ${rest}`, readRetentionMark)
    this.#select = select('queue_id = ?')
    this.#selectDue = select(`check_at <= ? ORDER BY check_at LIMIT ${boundLimit}`)
    this.#put = database.prepare('INSERT OR REPLACE INTO retention_mark (queue_id, check_at, cursor) VALUES (?, ?, ?)')
    this.#remove = database.prepare('DELETE FROM retention_mark WHERE queue_id = ?')
  }

  get(queueId: number): RetentionMark | undefined {
    let mark = this.#cache.get(queueId)
    if (mark === undefined) {
      mark = this.#select.one(queueId) ?? 'none'
      this.#cache.set(queueId, mark)
    }
    return mark === 'none' ? undefined : mark
  }

  due(now: Millis, limit: number): RetentionMark[] {
    this.#nextDue.outdated('retention')
    return this.#selectDue.all(now, limit)
  }

  put(mark: RetentionMark): void {
    this.#nextDue.written('retention', mark.checkAt)
    this.#cache.set(mark.queueId, mark)
    this.#put.run(mark.queueId, mark.checkAt, mark.cursor)
  }

  remove(queueId: number): void {
    this.#cache.set(queueId, 'none')
    this.#remove.run(queueId)
  }

  forget(): void {
    this.#cache.clear()
  }
}

export const readRetentionMark = (row: Row): RetentionMark => ({
  queueId: row[0] as number,
  checkAt: row[1] as number,
  cursor: row[2] as number,
})
