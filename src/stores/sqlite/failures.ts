import { StoreFailure } from '../../core/store.ts'

/** An error of `node:sqlite`, by its shape: it has no class of its own. */
interface SqliteError extends Error {
  readonly code: 'ERR_SQLITE_ERROR'
  /** The extended result code; its low byte is the primary one. */
  readonly errcode: number
}

const isSqliteError = (error: unknown): error is SqliteError =>
  error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR' && 'errcode' in error

export const sqliteCode = (error: unknown): number | undefined =>
  isSqliteError(error) ? error.errcode & 0xff : undefined

export const codes = {
  busy: 5,
  locked: 6,
  outOfMemory: 7,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  tooBig: 18,
  notADatabase: 26,
} as const

const sentences: Readonly<Record<number, (file: string) => string>> = {
  [codes.busy]: (file) =>
    `${file} is locked by another program. Close whatever has it open (a sqlite3 shell, a backup tool).`,
  [codes.locked]: (file) => `${file} is locked by another program. Close whatever has it open.`,
  [codes.outOfMemory]: () => 'SQLite ran out of memory. Give the process more memory, or make its caches smaller.',
  [codes.readOnly]: (file) =>
    `${file} cannot be written. Make the file and its directory writable for this user, and the file system not read-only; service resumes by itself.`,
  [codes.inputOutput]: (file) =>
    `Reading or writing ${file} failed. Look for disk errors in the system's log; back up what can be read before anything else.`,
  [codes.corrupt]: (file) =>
    `${file} is damaged. Stop the server, keep a copy of the file and its -wal, and restore the latest backup (millrace restore).`,
  [codes.full]: (file) =>
    `The disk that holds ${file} is full. Nothing was written; free some space, and service resumes by itself.`,
  [codes.cannotOpen]: (file) =>
    `${file} cannot be opened. Check that its directory exists and that this user may write to it.`,
  [codes.tooBig]: () => 'A record is larger than SQLite can hold (1 GB).',
  [codes.notADatabase]: (file) =>
    `${file} is not a Millrace database, or its beginning is damaged. Restore the latest backup (millrace restore), or choose another data directory.`,
}

/**
 * Errors of SQLite as sentences that say what to do; everything else as it was thrown. `whileCommitting`: when an I/O
 * error hits the final sync, nobody knows whether the transaction will be there after a restart.
 */
export const asStoreFailure = (error: unknown, file: string, whileCommitting = false): unknown => {
  if (!isSqliteError(error)) return error
  const primary = error.errcode & 0xff
  const sentence = sentences[primary]?.(file) ?? `SQLite failed on ${file}: ${error.message} (code ${error.errcode}).`
  return new StoreFailure(sentence, {
    safeToRetry: !(whileCommitting && primary === codes.inputOutput),
    cause: error,
  })
}
