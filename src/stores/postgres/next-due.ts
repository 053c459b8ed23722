import type { Millis } from '../../core/clock.ts'
import type { Statement } from './flight.ts'
import type { Overlay } from './overlay.ts'

/** When something falls due next, as far as this node knows: what it wrote itself, and what it last found in the database. */
export class NextDue {
  readonly #schema: string
  #at = Number.POSITIVE_INFINITY
  readonly #looks = new Set<Look>()

  constructor(schema: string) {
    this.#schema = schema
  }

  get at(): Millis | undefined {
    return this.#at === Number.POSITIVE_INFINITY ? undefined : this.#at
  }

  /** What a transaction that has committed wrote. */
  wrote(overlay: Overlay): void {
    let at = Number.POSITIVE_INFINITY
    for (const delivery of overlay.deliveries.written.values()) at = Math.min(at, delivery?.dueAt ?? at)
    for (const mark of overlay.marks.written.values()) at = Math.min(at, mark?.checkAt ?? at)
    for (const entry of overlay.deduplications.written.values()) at = Math.min(at, entry?.expiresAt ?? at)
    for (const document of overlay.documentRows.written.values()) at = Math.min(at, document?.expiresAt ?? at)
    this.#at = Math.min(this.#at, at)
    for (const look of this.#looks) look.writtenSince = Math.min(look.writtenSince, at)
  }

  /** Asks the database; `found` takes what it says, or is told that nothing came of it. */
  look(): { readonly statement: Statement; readonly found: (seenTo?: Millis) => void; readonly failed: () => void } {
    const look: Look = { writtenSince: Number.POSITIVE_INFINITY, at: Number.POSITIVE_INFINITY }
    this.#looks.add(look)
    return {
      statement: {
        text: nextDueQuery(this.#schema),
        rows: ([row]) => {
          for (const text of row ?? []) if (text !== null) look.at = Math.min(look.at, Number(text))
        },
      },
      // What is due up to `seenTo` and was not to be had is being seen to by somebody else.
      found: (seenTo = -1) => {
        this.#looks.delete(look)
        this.#at = Math.min(look.at <= seenTo ? seenTo + busyElsewhereMs : look.at, look.writtenSince)
      },
      failed: () => void this.#looks.delete(look),
    }
  }
}

interface Look {
  at: Millis
  /** Others may have committed after the database was asked. */
  writtenSince: Millis
}

const busyElsewhereMs = 100

const nextDueQuery = (schema: string): string => {
  const first = (table: string, column: string) =>
    `(SELECT ${column} FROM ${schema}.${table} WHERE ${column} IS NOT NULL ORDER BY ${column} LIMIT 1)`
  return `SELECT ${[
    first('delivery', 'due_at'),
    first('deduplication', 'expires_at'),
    first('retention_mark', 'check_at'),
    first('document', 'expires_at'),
  ].join(', ')}`
}
