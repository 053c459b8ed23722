import { aborted, MillraceError } from '../error.ts'
import type { Runtime } from '../runtime.ts'
import { problemOf } from './problem.ts'
import { type Repeatable, type RetryPolicy, withRetries } from './retry.ts'
import type { Transport, TransportAnswer, TransportRequest } from './transport.ts'

export interface Call {
  readonly method: string
  readonly path: string
  readonly body?: TransportRequest['body'] | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly repeatable: Repeatable
  readonly signal: AbortSignal | undefined
  /** How long the server may well take before it answers. */
  readonly waitMs?: number
  /** A status that is an answer, though it is no success: 404 for something that need not be there. */
  readonly expect?: number
}

export interface Answer {
  readonly status: number
  readonly text: string
  readonly requestId: string | null
}

export interface ExchangeOptions {
  readonly transport: Transport
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly retry: RetryPolicy
  readonly runtime: Runtime
}

/** Requests and answers: time-outs, retries, and errors made of problems. */
export class Exchange {
  readonly #options: ExchangeOptions

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  /** The whole answer. */
  call(call: Call): Promise<Answer> {
    return this.#retry(call, async (answer) => ({
      status: answer.status,
      text: await answer.text(),
      requestId: answer.header('x-request-id'),
    }))
  }

  /** The answer as it comes. Made once, and without a time-out: what is looked for may take long to be found. */
  async *stream(call: Call): AsyncGenerator<Uint8Array, void, void> {
    const { signal } = call
    if (signal?.aborted) throw aborted(signal)
    const controller = new AbortController()
    const stop = () => controller.abort(aborted(signal as AbortSignal))
    signal?.addEventListener('abort', stop, { once: true })
    let answered = false
    try {
      const answer = await this.#send(call, controller.signal)
      answered = true
      if (!isSuccess(answer.status)) throw problemOf(answer.status, await answer.text(), answer)
      yield* answer.chunks()
    } catch (error) {
      throw failureOf(controller.signal.aborted ? controller.signal.reason : error, answered)
    } finally {
      signal?.removeEventListener('abort', stop)
      controller.abort()
    }
  }

  close(): void {
    this.#options.transport.close()
  }

  #retry<Value>(call: Call, read: (answer: TransportAnswer) => Promise<Value>): Promise<Value> {
    const { retry: policy, runtime } = this.#options
    const { repeatable, signal } = call
    return withRetries(() => this.#attempt(call, read), { policy, runtime, repeatable, signal })
  }

  async #attempt<Value>(call: Call, read: (answer: TransportAnswer) => Promise<Value>): Promise<Value> {
    const { timeoutMs, runtime } = this.#options
    const { signal } = call
    if (signal?.aborted) throw aborted(signal)
    const controller = new AbortController()
    const stop = () => controller.abort(aborted(signal as AbortSignal))
    signal?.addEventListener('abort', stop, { once: true })
    const cancel = runtime.after(timeoutMs + (call.waitMs ?? 0), () => controller.abort(timedOut(call)))
    let answered = false
    try {
      const answer = await this.#send(call, controller.signal)
      answered = true
      if (isSuccess(answer.status) || answer.status === call.expect) return await read(answer)
      throw problemOf(answer.status, await answer.text(), answer)
    } catch (error) {
      throw failureOf(controller.signal.aborted ? controller.signal.reason : error, answered)
    } finally {
      cancel()
      signal?.removeEventListener('abort', stop)
    }
  }

  #send({ method, path, body, headers }: Call, signal: AbortSignal): Promise<TransportAnswer> {
    const { transport, headers: always } = this.#options
    return transport.send({ method, path, body, headers: headers ? { ...always, ...headers } : always, signal })
  }
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300

const timedOut = ({ method, path }: Call): MillraceError =>
  new MillraceError('Timeout', `${method} ${path} was not answered in time.`)

const failureOf = (error: unknown, answered: boolean): MillraceError => {
  if (error instanceof MillraceError && error.code !== 'Timeout') return error
  const code = error instanceof MillraceError ? error.code : 'Network'
  return new MillraceError(code, sentenceOf(error), { data: { answered, connected: !wasRefused(error) }, cause: error })
}

/** Nobody listens there: the request has not been made at all. */
const wasRefused = (error: unknown): boolean => {
  const innermost = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return innermost instanceof Error && (innermost as Error & { code?: unknown }).code === 'ECONNREFUSED'
}

/** `fetch` hides the reason in the cause of an error that says only that it failed. */
const sentenceOf = (error: unknown): string => {
  if (error instanceof MillraceError) return error.message
  const innermost = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const reason = innermost instanceof Error ? innermost.message || innermost.name : String(innermost)
  return `The server could not be reached, or the connection broke: ${reason}`
}
