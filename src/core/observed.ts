import { isRefusal } from './errors.ts'
import type { EngineObserver, Verb } from './observer.ts'
import type { EntryResult, QueueAddress, ReceivedMessage, Settle, SettleAction } from './requests.ts'

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

/** Also tells an observer that wants it how long those had waited that were handed out for the first time. */
export const observedReceive = (
  observer: EngineObserver | undefined,
  request: QueueAddress,
  received: Promise<readonly ReceivedMessage[]>,
): Promise<readonly ReceivedMessage[]> =>
  observed(observer, 'receive', request, received, (messages) => noteHandedOut(observer, request, messages))

const noteHandedOut = (
  observer: EngineObserver | undefined,
  { account, queue }: QueueAddress,
  received: readonly ReceivedMessage[],
): number => {
  if (!observer?.waited || received.length === 0) return received.length
  const waitsMs: number[] = []
  for (const { receiveCount, firstReceivedAt, message } of received) {
    if (receiveCount === 1) waitsMs.push(Math.max(0, firstReceivedAt - message.sentAt - (message.extra?.delayMs ?? 0)))
  }
  if (waitsMs.length > 0) observer.waited({ account, queue, waitsMs })
  return received.length
}

/** Each verb with each outcome is told of once. */
export const observedSettle = async (
  observer: EngineObserver | undefined,
  request: Settle,
  settling: Promise<readonly EntryResult[]>,
): Promise<readonly EntryResult[]> => {
  const results = await settling
  if (!observer) return results
  const told = new Map<
    string,
    {
      verb: SettleAction['do']
      outcome: string
      messages: number
    }
  >()
  request.entries.forEach(({ action }, index) => {
    const result = results[index]
    const outcome = !result || result.ok ? 'ok' : result.refusal.code
    const event = told.get(`${action.do} ${outcome}`)
    if (event) event.messages++
    else told.set(`${action.do} ${outcome}`, { verb: action.do, outcome, messages: 1 })
  })
  for (const event of told.values()) observer.verb({ account: request.account, queue: request.queue, ...event })
  return results
}
