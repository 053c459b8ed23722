import { isRefusal } from '../core/errors.ts'

/** Why the server does not start: a sentence for the person who starts it. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** A refusal said with the place of the configuration that asked for it. A store that fails is no fault of that place. */
export const whyNoStart = (error: unknown, place: string): unknown =>
  isRefusal(error) && error.code !== 'StoreUnavailable' ? new StartError(`${place}: ${error.message}`) : error
