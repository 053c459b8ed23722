import {
  type ClientOptions,
  createClient,
  isMillraceError,
  type Millrace,
  MillraceError,
  type Queue,
  type Work,
  type WorkMessage,
} from '../client/index.ts'
import { delayMs, seconds } from './delay.ts'
import { beginRun, type MessageContext } from './message-context.ts'
import { settleFailed, settleMarked } from './outcome.ts'
import type { ErrorArgs } from './retry-policy.ts'

interface HandlerOptions<T> {
  /** Called once for each message. When it returns, the message is processed, unless it has marked something else. */
  processMessage(context: MessageContext<T>): unknown
  /** Called for each exception of `processMessage`. Unless it asks for a retry, the message becomes errored. */
  onError?(context: MessageContext<T>, args: ErrorArgs): unknown
  /** Called before the first message is taken. */
  onStart?(): unknown
  /** Called when the last message has been dealt with. */
  onStop?(): unknown
  /** Messages in work at once; default 1. An ordered queue allows no more. */
  readonly concurrency?: number | undefined
  /** How long others wait for its messages should this process die; renewed by itself meanwhile. Default 60. */
  readonly holdSeconds?: number | undefined
  /** Told of what goes wrong besides: receiving, renewing, recording an outcome. Default: `console.error`. */
  onFault?(error: unknown): void
}

/** The queue itself, or its name and where it is: a Millrace that is open, or a server. */
export type WorkerOptions<T> = HandlerOptions<T> &
  (
    | { readonly queue: Queue<T, never> }
    | (NamedQueue & { readonly client: Millrace })
    | (NamedQueue & ClientOptions & { readonly client?: never })
  )

interface NamedQueue {
  readonly queue: string
  readonly group?: string | undefined
  /** Shown to people as the holder of its messages; default: the name of the machine and the number of the process. */
  readonly name?: string | undefined
}

export interface MessageWorker {
  /** Resolves when it is connected and has begun to take messages. */
  start(): Promise<void>
  /** Takes no more, aborts what still runs after `graceMs` (default 10 s), and hands unfinished messages back. */
  stop(options?: { readonly graceMs?: number | undefined }): Promise<void>
  /** Resolves when it has stopped; rejects when it had to, because receiving is refused for good. */
  readonly done: Promise<void>
}

/** A worker that records the outcome of each message: processed, put aside for later, filtered, errored, or not touched. */
export const createWorker = <T = unknown>(options: WorkerOptions<T>): MessageWorker => new CallbackWorker<T>(options)

class CallbackWorker<T> implements MessageWorker {
  readonly done: Promise<void>
  readonly #options: WorkerOptions<T>
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers()
  #ordered = false
  #started: Promise<Work> | undefined
  #stopped: Promise<void> | undefined

  constructor(options: WorkerOptions<T>) {
    this.#options = options
    this.done = this.#ended.promise
  }

  async start(): Promise<void> {
    this.#started ??= this.#start()
    await this.#started
  }

  stop(options: { readonly graceMs?: number | undefined } = {}): Promise<void> {
    this.#stopped ??= this.#stop(options)
    return this.#stopped
  }

  async #start(): Promise<Work> {
    const { queue, close } = queueOf(this.#options)
    try {
      await this.#lookAt(queue)
      await this.#options.onStart?.()
    } catch (error) {
      await close()
      this.#ended.resolve()
      throw error
    }
    const { concurrency = 1, holdSeconds = 60, onFault = logFault } = this.#options
    const work = queue.work((message) => this.#handle(message), {
      concurrency,
      visibilityTimeoutMs: delayMs(seconds(holdSeconds)),
      onError: (error) => onFault(error),
    })
    const end = async () => {
      await this.#options.onStop?.()
      await close()
    }
    work.done
      .then(end, (error) => end().then(() => Promise.reject(error)))
      .then(this.#ended.resolve, this.#ended.reject)
    return work
  }

  async #stop(options: { readonly graceMs?: number | undefined }): Promise<void> {
    const work = await this.#started?.catch(() => undefined)
    if (work) await work.stop(options)
    else await this.#options.onStop?.()
    if (work) await this.done.catch(() => {})
    else this.#ended.resolve()
  }

  /** One message at a time is what ordered queues are for. Who may not look at the queue learns of its order from refusals. */
  async #lookAt(queue: Queue<T, never>): Promise<void> {
    const { concurrency = 1 } = this.#options
    try {
      const { ordering } = (await queue.info()).settings
      this.#ordered = ordering !== 'unordered'
      if (ordering !== 'ordered' || concurrency === 1) return
    } catch (error) {
      if (isMillraceError(error, 'QueueNotFound') || isMillraceError(error, 'Forbidden')) return
      throw error
    }
    const reason = `must be 1: queue '${queue.name}' processes its messages in order`
    throw new MillraceError('ArgumentInvalid', `concurrency ${reason}.`, { data: { argument: 'concurrency', reason } })
  }

  async #handle(message: WorkMessage<T>): Promise<void> {
    const run = beginRun(message, this.#ordered)
    let failure: { readonly error: unknown } | undefined
    try {
      await this.#options.processMessage(run.context)
    } catch (error) {
      failure = { error }
    }
    run.close()
    // The worker has stopped meanwhile, or somebody else has the message: its fate is settled.
    if (message.settled || message.lost) return
    if (!failure) await settleMarked(message, run.marks, this.#ordered)
    else await settleFailed(message, failure.error, await this.#retryAfterMs(message, run.context, failure.error))
  }

  /** Undefined: no retry. */
  async #retryAfterMs(
    message: WorkMessage<T>,
    context: MessageContext<T>,
    exception: unknown,
  ): Promise<number | undefined> {
    // Receives that ended in a delay were no failures, and each counted once.
    const totalRetries = Math.max(0, message.receiveCount - 1 - message.reprocessCount)
    const args: ErrorArgs = { exception, totalRetries, shouldRetry: false, sleepTime: seconds(5) }
    try {
      await this.#options.onError?.(context, args)
    } catch (error) {
      const { onFault = logFault } = this.#options
      onFault(error)
      return undefined
    }
    return args.shouldRetry ? delayMs(args.sleepTime) : undefined
  }
}

const queueOf = <T>(options: WorkerOptions<T>): { queue: Queue<T, never>; close: () => Promise<void> } => {
  if (typeof options.queue !== 'string') return { queue: options.queue, close: async () => {} }
  const { queue, group, name = defaultName() } = options as NamedQueue
  const client = 'client' in options && options.client ? options.client : createClient(options as ClientOptions)
  const own = !('client' in options && options.client)
  return { queue: client.queue<T>(queue, { group, holder: name }), close: own ? () => client.close() : async () => {} }
}

/** Node's modules are asked for at run time: a worker runs wherever the client does. */
const defaultName = (): string | undefined => {
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') return undefined
  return `${process.getBuiltinModule('node:os').hostname()}-${process.pid}`
}

const logFault = (error: unknown): void => console.error('millrace worker:', error)
