import type { DatabaseSync } from 'node:sqlite'
import type { Millis } from '../../core/clock.ts'
import { Select } from './database.ts'

type Kind = 'delivery' | 'deduplication' | 'retention' | 'document'

const earliest: Record<Kind, string> = {
  delivery: 'SELECT due_at FROM delivery INDEXED BY delivery_due WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1',
  deduplication: 'SELECT expires_at FROM deduplication ORDER BY expires_at LIMIT 1',
  retention: 'SELECT check_at FROM retention_mark ORDER BY check_at LIMIT 1',
  document: 'SELECT expires_at FROM document WHERE expires_at IS NOT NULL ORDER BY expires_at LIMIT 1',
}

const kinds = Object.keys(earliest) as Kind[]

/**
 * When something falls due next, without asking the database on every commit: an earlier time that is written lowers
 * the answer, and it is asked for again only after somebody looked for what is due (`outdated`). So it may be too early,
 * never too late.
 */
export class NextDue {
  readonly #selects: Record<Kind, Select<number>>
  readonly #at = never()
  readonly #before = never()
  readonly #outdated = new Set<Kind>(kinds)

  constructor(database: DatabaseSync) {
    const select = (kind: Kind) => new Select(database, earliest[kind], (row) => row[0] as number)
    this.#selects = {
      delivery: select('delivery'),
      deduplication: select('deduplication'),
      retention: select('retention'),
      document: select('document'),
    }
  }

  get at(): Millis | undefined {
    const at = Math.min(this.#at.delivery, this.#at.deduplication, this.#at.retention, this.#at.document)
    return at === Number.POSITIVE_INFINITY ? undefined : at
  }

  written(kind: Kind, at: Millis | null): void {
    if (at !== null && at < this.#at[kind]) this.#at[kind] = at
  }

  outdated(kind: Kind): void {
    this.#outdated.add(kind)
  }

  /** Call when everything is flushed. */
  refresh(): void {
    for (const kind of this.#outdated) {
      this.#before[kind] = this.#at[kind]
      this.#at[kind] = this.#selects[kind].one() ?? Number.POSITIVE_INFINITY
    }
  }

  committed(): void {
    this.#outdated.clear()
  }

  /** After a rollback: what `refresh` found was of a state that never came to be. */
  forget(): void {
    for (const kind of this.#outdated) this.written(kind, this.#before[kind])
  }
}

const never = (): Record<Kind, Millis> => ({
  delivery: Number.POSITIVE_INFINITY,
  deduplication: Number.POSITIVE_INFINITY,
  retention: Number.POSITIVE_INFINITY,
  document: Number.POSITIVE_INFINITY,
})
