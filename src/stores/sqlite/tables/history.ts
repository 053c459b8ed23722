import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Millis } from '../../../core/clock.ts'
import type { HistoryDetail, HistoryEntry } from '../../../core/store.ts'
import { fromJson, outcomeCode, toJson } from '../../sql/encoding.ts'
import { boundLimit, MultiInsert, type Row, Select } from '../database.ts'

const columns = [
  'serial',
  'sent_at',
  'queue_id',
  'outcome',
  'finished_at',
  'first_received_at',
  'receive_count',
  'reprocess_count',
  'detail',
] as const

/** How many entries are looked at beyond those to go: serials follow time but for corrections of the clock. */
const slack = 1_000

export class History {
  readonly #select: Select<HistoryEntry>
  readonly #put: MultiInsert<HistoryEntry>
  readonly #remove: StatementSync
  readonly #waiting = new Map<number, HistoryEntry>()

  constructor(database: DatabaseSync) {
    this.#select = new Select(database, `SELECT ${columns.join(', ')} FROM history WHERE serial = ?`, readHistory)
    this.#put = new MultiInsert(database, 'INSERT OR REPLACE INTO history', columns, bind)
    this.#remove = database.prepare(
      `DELETE FROM history WHERE serial IN (
         SELECT serial FROM (SELECT serial, sent_at FROM history ORDER BY serial LIMIT ${boundLimit})
         WHERE sent_at < ? ORDER BY sent_at, serial LIMIT ${boundLimit})`,
    )
  }

  get(serial: number): HistoryEntry | undefined {
    return this.#waiting.get(serial) ?? this.#select.one(serial)
  }

  put(entry: HistoryEntry): void {
    this.#waiting.set(entry.serial, entry)
  }

  remove(sentBefore: Millis, limit: number): number {
    this.flush()
    return Number(this.#remove.run(limit + slack, sentBefore, limit).changes)
  }

  flush(): void {
    if (this.#waiting.size === 0) return
    const entries = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#put.run(entries)
  }

  forget(): void {
    this.#waiting.clear()
  }
}

export const readHistory = (row: Row): HistoryEntry => ({
  serial: row[0] as number,
  sentAt: row[1] as number,
  queueId: row[2] as number,
  outcome: outcomeCode.word(row[3] as number),
  finishedAt: row[4] as number,
  firstReceivedAt: row[5] as number | null,
  receiveCount: row[6] as number,
  reprocessCount: row[7] as number,
  detail: fromJson<HistoryDetail>(row[8] as string | null),
})

const bind = (entry: HistoryEntry, into: SQLInputValue[]): void => {
  into.push(
    entry.serial,
    entry.sentAt,
    entry.queueId,
    outcomeCode.number(entry.outcome),
    entry.finishedAt,
    entry.firstReceivedAt,
    entry.receiveCount,
    entry.reprocessCount,
    toJson(entry.detail),
  )
}
