import { isRefusal } from './errors.ts'
import type { EngineObserver, Verb } from './observer.ts'

/** Tells the observer, if there is one, how a request ended. */
export const observed = <Result>(
  observer: EngineObserver | undefined,
  verb: Verb,
  request: { readonly account: string; readonly queue: string },
  result: Promise<Result>,
  messages: (value: Result) => number,
  outcome: (value: Result) => string = () => 'ok',
): Promise<Result> => {
  if (!observer) return result
  const tell = (count: number, how: string) =>
    observer.verb({ verb, account: request.account, queue: request.queue, messages: count, outcome: how })
  return result.then(
    (value) => {
      tell(messages(value), outcome(value))
      return value
    },
    (error: unknown) => {
      tell(0, isRefusal(error) ? error.code : 'error')
      throw error
    },
  )
}
