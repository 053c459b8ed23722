import type { Overlay } from '../overlay.ts'

/** What the statements of a transaction are made from. */
export interface Writing {
  readonly schema: string
  readonly overlay: Overlay
  /** Drawn for this transaction. */
  readonly stamp: number
  /** Which rows of counts it adds to. */
  readonly lane: number
  /** Whether many rows may be found by one scan of the index. */
  readonly scans: boolean
}

/** Fails unless the statement, which returns a row for each one it changed, changed so many. */
export const exactly = (count: number, statement: string): string =>
  `WITH changed AS (${statement} RETURNING 1) SELECT 1 / (count(*) = ${count})::int FROM changed`
