import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Millis } from '../../../core/clock.ts'
import type { StoredDocument } from '../../../core/store.ts'
import { afterPrefix } from '../../sql/encoding.ts'
import { boundLimit, type Row, Select } from '../database.ts'
import type { NextDue } from '../next-due.ts'

export class Documents {
  readonly #nextDue: NextDue
  readonly #select: Select<StoredDocument>
  readonly #list: Select<StoredDocument>
  readonly #listUpTo: Select<StoredDocument>
  readonly #selectExpired: Select<StoredDocument>
  readonly #put: StatementSync
  readonly #remove: StatementSync

  constructor(database: DatabaseSync, nextDue: NextDue) {
    this.#nextDue = nextDue
    const select = (rest: string) =>
      new Select(database, `SELECT collection, key, value, expires_at FROM document WHERE ${rest}`, readDocument)
    const range = 'collection = ? AND key >= max(?, ?) AND +key IS NOT ?'
    this.#select = select('collection = ? AND key = ?')
    this.#list = select(`${range} ORDER BY key LIMIT ${boundLimit}`)
    this.#listUpTo = select(`${range} AND key < ? ORDER BY key LIMIT ${boundLimit}`)
    this.#selectExpired = select(`expires_at <= ? ORDER BY expires_at LIMIT ${boundLimit}`)
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO document (collection, key, value, expires_at) VALUES (?, ?, ?, ?)',
    )
    this.#remove = database.prepare('DELETE FROM document WHERE collection = ? AND key = ?')
  }

  get(collection: string, key: string): StoredDocument | undefined {
    return this.#select.one(collection, key)
  }

  list(query: { collection: string; prefix?: string; after?: string; limit: number }): StoredDocument[] {
    const { collection, prefix = '', after, limit } = query
    const end = afterPrefix(prefix)
    const from: SQLInputValue[] = [collection, prefix, after ?? '', after ?? null]
    return end === undefined ? this.#list.all(...from, limit) : this.#listUpTo.all(...from, end, limit)
  }

  expired(now: Millis, limit: number): StoredDocument[] {
    this.#nextDue.outdated('document')
    return this.#selectExpired.all(now, limit)
  }

  put(document: StoredDocument): void {
    this.#nextDue.written('document', document.expiresAt)
    this.#put.run(document.collection, document.key, JSON.stringify(document.value), document.expiresAt)
  }

  remove(collection: string, key: string): void {
    this.#remove.run(collection, key)
  }
}

export const readDocument = (row: Row): StoredDocument => ({
  collection: row[0] as string,
  key: row[1] as string,
  value: JSON.parse(row[2] as string) as unknown,
  expiresAt: row[3] as number | null,
})
