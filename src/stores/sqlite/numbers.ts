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

  /** All that were ever given are below this one, and all that were lost with a process. */
  get below(): number {
    return Math.max(this.#next, this.#reservedTo)
  }

  /** Between transactions: what is given from now on is not below this one. */
  raise(atLeast: number): void {
    if (atLeast <= this.#next) return
    const reservedTo = Math.max(atLeast, this.#reservedTo)
    this.#write.run(this.#name, reservedTo)
    this.#next = atLeast
    this.#reservedTo = reservedTo
    this.#committedTo = reservedTo
  }

  committed(): void {
    this.#committedTo = this.#reservedTo
  }

  /** The reservation went with the transaction; numbers given from it are not given again all the same. */
  forget(): void {
    this.#reservedTo = this.#committedTo
  }
}
