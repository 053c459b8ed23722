import {
  type ClientOptions,
  createClient,
  isMillraceError,
  MillraceError,
  type Queue,
  type Work,
  type WorkMessage,
} from '../client/index.ts'
import { type BatchErrorArgs, batchOf } from './batch.ts'
import { Batches } from './batches.ts'
import { delayMs, seconds } from './delay.ts'
import type { Handlers } from './handlers.ts'
import { beginRun, type Run } from './message-context.ts'
import type { MessageWorker, NamedQueue, WorkerSettings } from './options.ts'
import { putBack, settleFailed, settleMarked } from './outcome.ts'
import type { ErrorArgs } from './retry-policy.ts'

const defaultSleepMs = seconds(5)

/** Takes messages from a queue, has them handled, and records what became of each. */
export class Runner<T> implements MessageWorker {
  readonly done: Promise<void>
  readonly #settings: WorkerSettings<T>
  readonly #handlers: Handlers<T>
  readonly #ended: PromiseWithResolvers<void> = Promise.withResolvers()
  #ordered = false
  /** The last of each message group that is in work or waits for its turn; it resolves with whether those behind may follow. */
  readonly #turns = new Map<string, Promise<boolean>>()
  #started: Promise<Work> | undefined
  #stopped: Promise<void> | undefined

  constructor(settings: WorkerSettings<T>, handlers: Handlers<T>) {
    this.#settings = settings
    this.#handlers = handlers
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
    const { queue, close } = queueOf(this.#settings)
    let work: Work
    try {
      await this.#lookAt(queue)
      await this.#handlers.onStart?.()
      work = this.#work(queue)
    } catch (error) {
      await close()
      this.#ended.resolve()
      throw error
    }
    const end = async () => {
      await this.#told(() => this.#handlers.onStop?.())
      await close()
    }
    work.done
      .then(end, (error) => end().then(() => Promise.reject(error)))
      .then(this.#ended.resolve, this.#ended.reject)
    return work
  }

  #work(queue: Queue<T, never>): Work {
    const { concurrency = 1, holdSeconds = 60, maxBatchCount = 100, maxBatchBytes = 20_000_000 } = this.#settings
    const common = {
      visibilityTimeoutMs: delayMs(seconds(holdSeconds)),
      onError: (error: unknown) => this.#fault(error),
    }
    if (!this.#handlers.processMessages) {
      // What is held ready would be handled before an older one that is tried again.
      const held = this.#ordered ? { prefetch: 0 } : {}
      return queue.work((message) => this.#inTurn(message), { ...common, ...held, concurrency })
    }
    const batches = new Batches({
      concurrency,
      maxCount: maxBatchCount,
      maxBytes: maxBatchBytes,
      handle: (runs: readonly Run<T>[]) => this.#handleBatch(runs),
    })
    const take = async (message: WorkMessage<T>) => {
      const run = beginRun(message, this.#ordered)
      const handled = await batches.add(run, message.bytes().byteLength)
      // One that cannot be settled fails here, and so is tried again.
      if (!isSettled(run)) await this.#settleOfBatch(run, handled?.failure)
    }
    return queue.work(take, { ...common, prefetch: 0, concurrency: concurrency * maxBatchCount })
  }

  async #stop(options: { readonly graceMs?: number | undefined }): Promise<void> {
    const work = await this.#started?.catch(() => undefined)
    if (work) {
      await work.stop(options)
      // Why it had to end, if so, is for those to hear who wait for `done`.
      await this.done.catch(() => {})
    } else {
      await this.#told(() => this.#handlers.onStop?.())
      this.#ended.resolve()
    }
  }

  /** One message at a time is what ordered queues are for. Who may not look at the queue learns of its order from refusals. */
  async #lookAt(queue: Queue<T, never>): Promise<void> {
    const { concurrency = 1, maxBatchCount = 100 } = this.#settings
    const { processMessage, processMessages } = this.#handlers
    if (!processMessage && !processMessages) throw new TypeError('A worker needs processMessage or processMessages.')
    if (!(Number.isInteger(maxBatchCount) && maxBatchCount >= 1 && maxBatchCount <= 1000)) {
      throw invalid('maxBatchCount', 'must be a whole number from 1 to 1,000')
    }
    try {
      const { ordering } = (await queue.info()).settings
      this.#ordered = ordering !== 'unordered'
      if (ordering !== 'ordered' || (concurrency === 1 && !processMessages)) return
    } catch (error) {
      if (isMillraceError(error, 'QueueNotFound') || isMillraceError(error, 'Forbidden')) return
      throw error
    }
    const inOrder = `queue '${queue.name}' processes its messages in order`
    throw processMessages
      ? invalid('processMessages', `cannot be used: ${inOrder}`)
      : invalid('concurrency', `must be 1: ${inOrder}`)
  }

  /** Several of a message group may have come at once: they are handled one after the other. */
  async #inTurn(message: WorkMessage<T>): Promise<void> {
    const { messageGroup } = message
    if (!this.#ordered || messageGroup === null) {
      await this.#handle(message)
      return
    }
    const turn = this.#afterOthers(this.#turns.get(messageGroup), message)
    this.#turns.set(messageGroup, turn)
    try {
      await turn
    } finally {
      if (this.#turns.get(messageGroup) === turn) this.#turns.delete(messageGroup)
    }
  }

  /** Behind one that is tried again, the others go back too. */
  async #afterOthers(before: Promise<boolean> | undefined, message: WorkMessage<T>): Promise<boolean> {
    const mayFollow = before ? await before.catch(() => false) : true
    if (mayFollow) return this.#handle(message)
    if (!message.settled && !message.lost) await message.release({ failed: false, to: 'place' })
    return false
  }

  /** Resolves with whether the message is done with, rather than to be tried again. */
  async #handle(message: WorkMessage<T>): Promise<boolean> {
    const run = beginRun(message, this.#ordered)
    let failure: { readonly error: unknown } | undefined
    try {
      await this.#handlers.processMessage?.(run.context)
    } catch (error) {
      failure = { error }
    }
    // The worker has stopped meanwhile, or somebody else has the message: its fate is settled.
    const retryAfterMs = failure && !isSettled(run) ? await this.#retryAfterMs(run, failure.error) : undefined
    run.close()
    if (isSettled(run)) return false
    const { type } = failure
      ? await settleFailed(message, run.marks, failure.error, retryAfterMs)
      : await settleMarked(run, this.#ordered)
    return type !== 'Q'
  }

  async #handleBatch(runs: readonly Run<T>[]): Promise<{ readonly failure: BatchErrorArgs | undefined }> {
    const batch = batchOf(runs)
    let failure: BatchErrorArgs | undefined
    try {
      await this.#handlers.processMessages?.(batch)
    } catch (exception) {
      failure = { exception, action: 'retry', sleepTime: defaultSleepMs }
    }
    if (failure) await this.#told(() => this.#handlers.onBatchError?.(batch, failure))
    for (const run of runs) run.close()
    return { failure }
  }

  async #settleOfBatch(run: Run<T>, failure: BatchErrorArgs | undefined): Promise<unknown> {
    const { message, marks } = run
    if (failure?.action === 'retry') {
      return settleFailed(message, marks, failure.exception, delayMs(failure.sleepTime))
    }
    if (isMarked(run)) return settleMarked(run, this.#ordered)
    return failure ? settleFailed(message, marks, failure.exception, undefined) : putBack(message, marks, this.#ordered)
  }

  /** Undefined: no retry. */
  async #retryAfterMs({ message, context }: Run<T>, exception: unknown): Promise<number | undefined> {
    const args: ErrorArgs = {
      exception,
      totalRetries: message.failures,
      shouldRetry: false,
      sleepTime: defaultSleepMs,
    }
    const told = await this.#told(() => this.#handlers.onError?.(context, args))
    return told && args.shouldRetry ? delayMs(args.sleepTime) : undefined
  }

  async #told(tell: () => unknown): Promise<boolean> {
    try {
      await tell()
      return true
    } catch (error) {
      this.#fault(error)
      return false
    }
  }

  #fault(error: unknown): void {
    const { onFault = logFault } = this.#settings
    onFault(error)
  }
}

const isSettled = <T>({ message }: Run<T>): boolean => message.settled || message.lost

const isMarked = <T>({ marks }: Run<T>): boolean =>
  marks.succeeded ||
  marks.filtered !== undefined ||
  marks.reprocessMs !== undefined ||
  marks.cancelled ||
  marks.events.some(({ severity }) => severity === 'error')

const invalid = (argument: string, reason: string): MillraceError =>
  new MillraceError('ArgumentInvalid', `${argument} ${reason}.`, { data: { argument, reason } })

const queueOf = <T>(settings: WorkerSettings<T>): { queue: Queue<T, never>; close: () => Promise<void> } => {
  if (typeof settings.queue !== 'string') return { queue: settings.queue, close: async () => {} }
  const { queue, group, name = defaultName() } = settings as NamedQueue
  const client = 'client' in settings && settings.client ? settings.client : createClient(settings as ClientOptions)
  const own = !('client' in settings && settings.client)
  return { queue: client.queue<T>(queue, { group, holder: name }), close: own ? () => client.close() : async () => {} }
}

/** Node's modules are asked for at run time: a worker runs wherever the client does. */
const defaultName = (): string | undefined => {
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') return undefined
  return `${process.getBuiltinModule('node:os').hostname()}-${process.pid}`
}

const logFault = (error: unknown): void => console.error('millrace worker:', error)
