import { isRefusal, Refusal } from './errors.ts'
import { StoreFailure } from './store.ts'

/**
 * What anybody may be told of a failure of the store: whether it was done. Where the store is and what it said are its operator's business,
 * who finds them in the cause.
 */
export const storeUnavailable = (failure: StoreFailure): Refusal<'StoreUnavailable'> =>
  new Refusal('StoreUnavailable', { retryable: failure.safeToRetry }, { cause: failure })

/** The failure of the store that is behind an error, in the store's own words: for those whose store it is. */
export const storeFailureOf = (error: unknown): StoreFailure | undefined => {
  const failure = isRefusal(error, 'StoreUnavailable') ? error.cause : error
  return failure instanceof StoreFailure ? failure : undefined
}
