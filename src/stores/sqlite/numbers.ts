import type { DatabaseSync, StatementSync } from 'node:sqlite'

/**
 * Numbers that are never given twice, also after a crash: blocks of them are reserved in the database, in the
 * transaction that first needs one, and given out from memory. What is left of a block at a restart is lost.
 */
export class Numbers {
  readonly #name: string
  readonly #block: number
  readonly #limit: number
  readonly #write: StatementSync
  #next: number
  #reservedTo: number
  #committedTo: number

  constructor(database: DatabaseSync, options: { name: string; block: number; limit: number }) {
    this.#name = options.name
    this.#block = options.block
    this.#limit = options.limit
    this.#write = database.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)')
    const row = database.prepare('SELECT value FROM meta WHERE name = ?').get(options.name)
    this.#next = row ? (row.value as number) : 1
    this.#reservedTo = this.#next
    this.#committedTo = this.#next
  }

  take(count: number): number {
    const first = this.#next
    if (first + count > this.#limit) throw new Error(`the store has run out of ${this.#name}`)
    if (first + count > this.#reservedTo) {
      const reservedTo = Math.min(first + Math.max(count, this.#block), this.#limit)
      this.#write.run(this.#name, reservedTo)
      this.#reservedTo = reservedTo
    }
    this.#next = first + count
    return first
  }

  committed(): void {
    this.#committedTo = this.#reservedTo
  }

  /** The reservation went with the transaction; numbers given from it are not given again all the same. */
  forget(): void {
    this.#reservedTo = this.#committedTo
  }
}
