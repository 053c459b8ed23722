import type { MessageContext, Run } from './message-context.ts'

/** What was waiting, to be handled together. Each context has to be marked; what is left unmarked goes back into the queue. */
export interface Batch<T> extends Iterable<MessageContext<T>> {
  readonly messages: readonly MessageContext<T>[]
  /** Aborted when the worker stops and its grace is over, or when every message is lost. */
  readonly signal: AbortSignal
  /** This one is processed, unless something else is marked on it. */
  succeed(context: MessageContext<T>): void
}

/** What an exception out of `processMessages` leads to. */
export interface BatchErrorArgs {
  readonly exception: unknown
  /** `retry` (the default): all messages of the batch are tried again. `error`: those that are not marked become errored. */
  action: 'retry' | 'error'
  /** How long to wait before the next try, in milliseconds; 5 s unless set. */
  sleepTime: number
}

export const batchOf = <T>(runs: readonly Run<T>[]): Batch<T> => {
  const messages = runs.map(({ context }) => context)
  const byContext = new Map(runs.map((run) => [run.context, run]))
  let controller: AbortController | undefined
  return {
    messages,
    get signal() {
      controller ??= abortedWithAll(runs)
      return controller.signal
    },
    succeed(context) {
      const run = byContext.get(context)
      if (!run) throw new Error(`Message ${context.id} is not of this batch.`)
      run.succeed()
    },
    [Symbol.iterator]: () => messages[Symbol.iterator](),
  }
}

const abortedWithAll = <T>(runs: readonly Run<T>[]): AbortController => {
  const controller = new AbortController()
  const look = () => {
    if (runs.every(({ message }) => message.signal.aborted)) controller.abort()
  }
  for (const { message } of runs) message.signal.addEventListener('abort', look, { once: true })
  look()
  return controller
}
