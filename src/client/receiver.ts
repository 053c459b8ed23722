import type { ReceivedRecord } from './backend.ts'
import type { Bodies } from './bodies.ts'
import { HeldMessage } from './consume/held-message.ts'
import { iterate } from './consume/iterate.ts'
import { Source } from './consume/source.ts'
import { WorkLoop } from './consume/work-loop.ts'
import { closed, MillraceError } from './error.ts'
import { LeasedMessage, type Settler } from './leased-message.ts'
import { longestWaitMs, maxBatch } from './limits.ts'
import { MessageView } from './message.ts'
import type { ReceiveRule, Session } from './session.ts'
import type { AnyMessage, Message, WorkMessage } from './types/message.ts'
import type { MessagesOptions, PopOptions, ReceiveOptions } from './types/queue.ts'
import type { Work, WorkErrorContext, WorkOptions } from './types/work.ts'

/** Who receives, and from where. */
export interface Receiving {
  readonly queue: string
  readonly group: string | undefined
  readonly deadLetters: boolean | undefined
  readonly holder: string | undefined
}

const defaultVisibilityTimeoutMs = 30_000
const longestTimeoutMs = 7 * 86_400_000

/** Receives from one queue as one consumer group. */
export class Receiver<Out> {
  readonly #session: Session
  readonly #receiving: Receiving
  readonly #bodies: Bodies
  readonly #settler: Settler

  constructor(session: Session, receiving: Receiving, bodies: Bodies) {
    this.#session = session
    this.#receiving = receiving
    this.#bodies = bodies
    const { queue, group } = receiving
    this.#settler = {
      name: queue,
      group: group ?? 'default',
      settle: (message, action, options) => session.settlements(queue).settle(message, action, options),
    }
  }

  async receive(options: ReceiveOptions): Promise<Message<Out>[]> {
    const { maxMessages = 1, waitMs, signal } = options
    within(1, maxBatch, 'maxMessages', maxMessages)
    if (waitMs !== undefined) within(0, longestWaitMs, 'waitMs', waitMs)
    const records = await this.#session.receive(this.#rule(options), maxMessages, waitMs, signal)
    return await this.#bodies.view(records, (record, body) => new LeasedMessage<Out>(this.#settler, record, body))
  }

  async pop(options: PopOptions): Promise<AnyMessage<Out>[]> {
    if (this.#session.closing) throw closed()
    const { maxMessages = 1, waitMs, ifMissing, signal } = options
    const { queue, group } = this.#receiving
    const records = await this.#session.wait(signal, (either) =>
      this.#session.tools.backend.pop({ queue, group, maxMessages, waitMs, ifMissing, signal: either }),
    )
    return await this.#bodies.view(records, (record, body) => new MessageView<Out>(this.#settler, record, body))
  }

  messages(options: MessagesOptions): AsyncGenerator<WorkMessage<Out>, void, void> {
    const { prefetch = 10, visibilityTimeoutMs, signal } = options
    const source = this.#source({ concurrency: 1, prefetch, visibilityTimeoutMs, onError: () => {} })
    const running = { stop: () => source.stop() }
    const stop = () => void source.stop()
    return iterate(source, {
      onBegin: () => {
        if (this.#session.closing) throw closed()
        if (signal?.aborted) stop()
        else signal?.addEventListener('abort', stop, { once: true })
        this.#session.run(running)
      },
      onEnd: () => {
        signal?.removeEventListener('abort', stop)
        this.#session.ended(running)
      },
    })
  }

  work(handler: (message: WorkMessage<Out>) => unknown, options: WorkOptions<Out>): Work {
    if (this.#session.closing) throw closed()
    const { concurrency = 1, prefetch = Math.min(concurrency, 100), visibilityTimeoutMs, signal } = options
    const { graceMs = 10_000, retryDelayMs = doubling, onError = logError } = options
    const source = this.#source({
      concurrency: within(1, 100_000, 'concurrency', concurrency),
      prefetch: within(0, 100_000, 'prefetch', prefetch),
      visibilityTimeoutMs,
      onError: (error, during, message) => void loop.report(error, { during, message }),
    })
    const loop: WorkLoop<Out> = new WorkLoop(
      source,
      handler,
      {
        concurrency,
        graceMs,
        signal,
        retryDelayMs: typeof retryDelayMs === 'number' ? () => retryDelayMs : retryDelayMs,
        onError,
        onEnd: () => this.#session.ended(loop),
      },
      this.#session.tools.runtime,
    )
    this.#session.run(loop)
    return loop
  }

  #source(options: {
    readonly concurrency: number
    readonly prefetch: number
    readonly visibilityTimeoutMs: number | undefined
    onError(error: unknown, during: 'receive' | 'renew' | 'settle', message: HeldMessage<Out> | null): void
  }): Source<Out> {
    const { visibilityTimeoutMs = defaultVisibilityTimeoutMs } = options
    const rule = this.#rule({
      visibilityTimeoutMs: within(1, longestTimeoutMs, 'visibilityTimeoutMs', visibilityTimeoutMs),
    })
    const { backend, runtime } = this.#session.tools
    const poll = async (maxMessages: number, waitMs: number, signal: AbortSignal) =>
      this.#held(await backend.receive({ ...rule, maxMessages, waitMs, signal }))
    return new Source({ ...options, visibilityTimeoutMs, poll }, runtime)
  }

  #held(records: readonly ReceivedRecord[]): Promise<HeldMessage<Out>[]> {
    return this.#bodies.view(records, (record, body) => HeldMessage.of<Out>(this.#settler, record, body))
  }

  #rule(options: ReceiveOptions): ReceiveRule {
    const { maxBytes, visibilityTimeoutMs, receiveLimit, deadLetterQueue, ifMissing } = options
    return { ...this.#receiving, maxBytes, visibilityTimeoutMs, receiveLimit, deadLetterQueue, ifMissing }
  }
}

/** A whole number, or a refusal before anything has begun. */
const within = (least: number, most: number, argument: string, value: number): number => {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  const reason = `must be a whole number from ${least} to ${most}`
  throw new MillraceError('ArgumentInvalid', `${argument} ${reason}.`, { data: { argument, reason } })
}

const doubling = <T>(message: WorkMessage<T>): number => Math.min(60_000, 500 * 2 ** Math.min(message.receiveCount, 10))

const logError = <T>(error: unknown, { during, message }: WorkErrorContext<T>): void => {
  const which = message ? ` message ${message.id}` : ''
  console.error(`millrace: failed to ${during}${which}:`, error)
}
