import { MillraceError } from '../client/error.ts'
import { isRefusal, type Refusal } from '../core/errors.ts'
import { storeFailureOf } from '../core/unavailable.ts'

/** What core refuses, as the client says it. */
export const errorOf = ({ code, message, data }: Refusal): MillraceError =>
  new MillraceError(code, message, { data: { ...data } })

/** Everything else is a defect, and stays what it is. */
export const asMillraceError = (error: unknown): unknown => {
  const failure = storeFailureOf(error)
  if (failure) {
    // Whoever has the store in this process is told all that it says.
    const data = { retryable: failure.safeToRetry }
    return new MillraceError('StoreUnavailable', failure.message, { data, cause: failure })
  }
  return isRefusal(error) ? errorOf(error) : error
}

export const orMillraceError = async <Value>(answer: Promise<Value>): Promise<Value> => {
  try {
    return await answer
  } catch (error) {
    throw asMillraceError(error)
  }
}
