import { type ErrorDetails, MillraceError } from '../client/error.ts'
import { isRefusal, type Refusal } from '../core/errors.ts'
import { StoreFailure } from '../core/store.ts'

/** What core refuses, as the client says it. */
export const errorOf = ({ code, message, data }: Refusal): MillraceError =>
  new MillraceError(code, message, { data: { ...data } })

/** Everything else is a defect, and stays what it is. */
export const asMillraceError = (error: unknown): unknown => {
  if (isRefusal(error)) return errorOf(error)
  if (!(error instanceof StoreFailure)) return error
  const details: ErrorDetails = { data: { reason: error.message, retryable: error.safeToRetry }, cause: error }
  return new MillraceError('StoreUnavailable', error.message, details)
}

export const orMillraceError = async <Value>(answer: Promise<Value>): Promise<Value> => {
  try {
    return await answer
  } catch (error) {
    throw asMillraceError(error)
  }
}
