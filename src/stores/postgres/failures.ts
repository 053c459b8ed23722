import { StoreFailure } from '../../core/store.ts'

/** SQLSTATE of an error that the server reported; undefined: of the connection. */
const sqlState = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in (error as object) ? code : undefined
}

/** Another transaction was quicker: doing this one again may go well. */
export const isConflict = (error: unknown): boolean => {
  const state = sqlState(error)
  return state !== undefined && conflicts.has(state)
}

const conflicts = new Set([
  '40001', // serialization failure
  '40P01', // deadlock
  '23505', // unique violation: a name or an id was taken in the meantime
  '22012', // division by zero: what was read is not there any more, see writes.ts
])

/** The server is going, gone, not there yet, or not the primary: another connection may go well. */
export const isDisconnection = (error: unknown): boolean => {
  if (error instanceof StoreFailure) return false
  const state = sqlState(error)
  if (state === undefined) return isConnectionError(error)
  return (
    (state.startsWith('08') && state !== '08P01') || state.startsWith('57P') || state === '25006' || state === '53300'
  )
}

const isConnectionError = (error: unknown): boolean => {
  const { code, message } = error as { code?: unknown; message?: string }
  if (
    typeof code === 'string' &&
    /^(ECONN|EPIPE|ENOTFOUND|EHOST|ENET|ETIMEDOUT|EADDR|ENOENT|EAI_|ENOPRIMARY|ERR_SOCKET|ERR_STREAM)/.test(code)
  )
    return true
  return /Connection terminated|timeout expired|not queryable|connection (error|was closed)|has been closed/i.test(
    message ?? '',
  )
}

/** Whether a failed attempt to connect will fail the same way next time. */
export const isHopeless = (error: unknown): boolean => {
  const state = sqlState(error)
  return state !== undefined && (state.startsWith('28') || state === '3D000')
}

export const connectFailure = (error: unknown, shown: string): StoreFailure => {
  const message = (error as Error).message || String((error as { code?: string }).code ?? error)
  return new StoreFailure(`${sentence(error, shown, message)} (${message})`, { safeToRetry: true, cause: error })
}

const sentence = (error: unknown, shown: string, message: string): string => {
  const state = sqlState(error)
  if (state === '28P01' || state === '28000') {
    return `PostgreSQL at ${shown} does not let this user in: check user and password, and pg_hba.conf.`
  }
  if (/password must be a string|no password/i.test(message)) {
    return `PostgreSQL at ${shown} asks for a password: put it into the URL, as postgres://user:password@host/database.`
  }
  if (state === '3D000')
    return `PostgreSQL at ${shown} has no such database: create it, or name another one in the URL.`
  if (state === '53300') return `PostgreSQL at ${shown} has no connection left: raise max_connections, or use fewer.`
  if (state === '57P03') return `PostgreSQL at ${shown} is starting up or shutting down.`
  return `PostgreSQL at ${shown} cannot be reached: see that it runs, and that host and port are right.`
}

/** What the store says of an error in a transaction. `committing`: the answer to COMMIT may have been lost. */
export const asStoreFailure = (error: unknown, shown: string, committing: boolean): unknown => {
  const state = sqlState(error)
  if (error instanceof StoreFailure) return error
  if (isDisconnection(error)) {
    const text = committing
      ? `The connection to PostgreSQL at ${shown} was lost while committing; whether it was written is not known.`
      : `PostgreSQL at ${shown} cannot be reached.`
    return new StoreFailure(text, { safeToRetry: !committing, cause: error })
  }
  // Values that cannot be, or are too large for an index, are those of one unit. To run the others again without it is up to whoever put them together.
  if (state === undefined || state.startsWith('22') || state.startsWith('54')) return error
  const text = state.startsWith('53')
    ? `PostgreSQL at ${shown} has run out of disk, memory or connections. Nothing was written.`
    : state === '42501'
      ? `PostgreSQL at ${shown}: this user may not do that. Nothing was written.`
      : `PostgreSQL at ${shown} refused a statement. Nothing was written.`
  return new StoreFailure(`${text} (${(error as Error).message})`, { safeToRetry: true, cause: error })
}
