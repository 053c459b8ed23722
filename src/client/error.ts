import type { ProblemCode } from '../protocols/native/schemas/problem.ts'

/** What can go wrong on this side of the connection. */
export type ClientErrorCode =
  /**
   * No connection, or it broke. Whether the request was carried out is not known, unless `data.connected` is false: then it
   * was not. `data.answered` says whether an answer had begun.
   */
  | 'Network'
  /** No answer in time. Whether the request was carried out is not known. */
  | 'Timeout'
  /** The caller's signal was aborted. */
  | 'Aborted'
  /** A body that cannot be sent, or that is not what its schema says; `data.issues` tells why. */
  | 'InvalidBody'
  /** An answer that does not come from Millrace, such as a proxy's own page. */
  | 'InvalidAnswer'
  /** The client, or the queue that was opened, has been closed. */
  | 'Closed'

/** Codes that this version knows; a newer server may answer others. */
export type ErrorCode = ProblemCode | ClientErrorCode

export interface ErrorDetails {
  readonly status?: number | null
  readonly data?: Readonly<Record<string, unknown>>
  readonly requestId?: string | null
  readonly retryAfterMs?: number | null
  readonly cause?: unknown
}

/** The one kind of error that this client throws. */
export class MillraceError extends Error {
  override readonly name = 'MillraceError'
  /** For programs; see the reference of errors. */
  readonly code: ErrorCode
  /** The status of the answer; null when there was none. */
  readonly status: number | null
  /** The particulars of the code. */
  readonly data: Readonly<Record<string, unknown>>
  /** Finds the request in the server's log. */
  readonly requestId: string | null
  /** When the server said to come back. */
  readonly retryAfterMs: number | null

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.status = details.status ?? null
    this.data = details.data ?? {}
    this.requestId = details.requestId ?? null
    this.retryAfterMs = details.retryAfterMs ?? null
  }
}

export const isMillraceError = (error: unknown, code?: ErrorCode): error is MillraceError =>
  error instanceof MillraceError && (code === undefined || error.code === code)

export const aborted = (signal: AbortSignal): MillraceError =>
  new MillraceError('Aborted', 'The request was aborted.', { cause: signal.reason })

export const closed = (): MillraceError => new MillraceError('Closed', 'This client has been closed.')

/** Whether the same request may well succeed later, without anybody changing anything. */
export const isTransient = (error: unknown): boolean => {
  if (!(error instanceof MillraceError)) return false
  switch (error.code) {
    case 'Network':
    case 'Timeout':
    case 'InvalidAnswer':
    case 'StoreUnavailable':
    case 'ShuttingDown':
    case 'TooManyWaiting':
    case 'TooManyLeased':
    case 'RequestTimeout':
    case 'Internal':
      return true
    default:
      return error.status === 429 || error.status === 503
  }
}
