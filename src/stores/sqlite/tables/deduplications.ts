import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Millis } from '../../../core/clock.ts'
import type { Deduplication } from '../../../core/store.ts'
import { boundLimit, MultiInsert, type Row, Select } from '../database.ts'
import type { NextDue } from '../next-due.ts'

const columns = ['group_id', 'key', 'serial', 'count', 'sent_at', 'position', 'expires_at', 'digest'] as const

export class Deduplications {
  readonly #nextDue: NextDue
  readonly #select: Select<Deduplication>
  readonly #selectExpired: Select<Deduplication>
  readonly #put: MultiInsert<Deduplication>
  readonly #remove: StatementSync
  readonly #removeSome: StatementSync
  readonly #waiting = new Map<string, Deduplication>()

  constructor(database: DatabaseSync, nextDue: NextDue) {
    this.#nextDue = nextDue
    const select = (rest: string) =>
      new Select(database, `SELECT ${columns.join(', ')} FROM deduplication WHERE ${rest}`, readDeduplication)
    this.#select = select('group_id = ? AND key = ?')
    this.#selectExpired = select(`expires_at <= ? ORDER BY expires_at LIMIT ${boundLimit}`)
    this.#put = new MultiInsert(database, 'INSERT OR REPLACE INTO deduplication', columns, bind)
    this.#remove = database.prepare('DELETE FROM deduplication WHERE group_id = ? AND key = ?')
    this.#removeSome = database.prepare(
      `DELETE FROM deduplication WHERE group_id = ?
       AND key IN (SELECT key FROM deduplication WHERE group_id = ? LIMIT ${boundLimit})`,
    )
  }

  get(groupId: number, key: string): Deduplication | undefined {
    return this.#waiting.get(`${groupId} ${key}`) ?? this.#select.one(groupId, key)
  }

  expired(now: Millis, limit: number): Deduplication[] {
    this.flush()
    this.#nextDue.outdated('deduplication')
    return this.#selectExpired.all(now, limit)
  }

  put(entry: Deduplication): void {
    this.#nextDue.written('deduplication', entry.expiresAt)
    this.#waiting.set(`${entry.groupId} ${entry.key}`, entry)
  }

  remove(groupId: number, key: string): void {
    this.#waiting.delete(`${groupId} ${key}`)
    this.#remove.run(groupId, key)
  }

  removeSome(groupId: number, limit: number): number {
    this.flush()
    return Number(this.#removeSome.run(groupId, groupId, limit).changes)
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

export const readDeduplication = (row: Row): Deduplication => ({
  groupId: row[0] as number,
  key: row[1] as string,
  serial: row[2] as number,
  count: row[3] as number,
  sentAt: row[4] as number,
  position: row[5] as number,
  expiresAt: row[6] as number,
  digest: row[7] as string | null,
})

const bind = (entry: Deduplication, into: SQLInputValue[]): void => {
  into.push(
    entry.groupId,
    entry.key,
    entry.serial,
    entry.count,
    entry.sentAt,
    entry.position,
    entry.expiresAt,
    entry.digest,
  )
}
