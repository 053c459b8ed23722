import type { Clock } from '../core/clock.ts'
import type { PushTargetRecord } from '../core/operations/push-targets.ts'
import type { ReceivedMessage } from '../core/requests.ts'
import type { Caller, NoAnswer, PushAnswer, PushCall } from './call.ts'
import type { PushForm } from './forms.ts'
import type { AttemptOutcome } from './outcome.ts'
import { retryAfterMs } from './retries.ts'
import type { Signer } from './signing.ts'

/** What a call takes along so that its service knows whose it is. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly signer: Signer
}

interface Options {
  readonly clock: Clock
  readonly caller: () => Promise<Caller>
  readonly form: PushForm
  readonly credentials: Credentials
  readonly record: PushTargetRecord
  readonly message: ReceivedMessage
}

/** One call for one message, within its time. */
export class Attempt {
  readonly #options: Options
  readonly #abort = new AbortController()
  #cut = false
  readonly #over = Promise.withResolvers<void>()

  constructor(options: Options) {
    this.#options = options
  }

  /** Resolves when its outcome has been seen to. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  /** Ends it, whatever comes of it. */
  cut(): void {
    this.#cut = true
    this.#abort.abort()
  }

  async run(conclude: (outcome: AttemptOutcome) => Promise<void>): Promise<void> {
    await conclude(await this.#call())
    this.#over.resolve()
  }

  async #call(): Promise<AttemptOutcome> {
    const { clock, caller, record } = this.#options
    const { timeoutMs } = record.target
    let startedAt = clock.now()
    let isLate = false
    let cancel = () => {}
    let answer: PushAnswer | NoAnswer
    try {
      const ready = await caller()
      // What it took to get ready for the first of all calls was not the service's time.
      startedAt = clock.now()
      cancel = clock.callAt(startedAt + timeoutMs, () => {
        isLate = true
        this.#abort.abort()
      })
      answer = await ready.call(this.#request(startedAt))
    } catch (error) {
      // The form could not make a request of this message.
      answer = { error: (error as Error).message, reached: true }
    }
    cancel()
    const timed = { startedAt, durationMs: Math.max(0, clock.now() - startedAt) }
    if ('status' in answer) return { ...timed, ...this.#judge(answer) }
    if (this.#cut) return { ...timed, kind: 'cut' }
    if (isLate) return { ...timed, kind: 'timeout', reason: `no complete answer within ${timeoutMs} ms` }
    return { ...timed, kind: 'connection', reached: answer.reached, reason: answer.error }
  }

  #judge({ status, text, retryAfter }: PushAnswer) {
    const { form, clock } = this.#options
    const accepts = form.accepts?.(status) ?? (status >= 200 && status < 300)
    if (accepts) return { kind: 'accepted', status, answer: text } as const
    const wait = retryAfterMs(retryAfter, clock.now())
    return {
      kind: 'refused',
      status,
      answer: text,
      retryAfterMs: wait,
      reason: `answered with status ${status}`,
    } as const
  }

  #request(now: number): PushCall {
    const { form, message, record, credentials } = this.#options
    const { target } = record
    const { body, headers } = form.request(message, target)
    return {
      url: target.url,
      body,
      signal: this.#abort.signal,
      headers: {
        'user-agent': 'millrace',
        ...headers,
        ...credentials.headers,
        'x-message-id': message.id,
        'x-queue-id': record.publicId,
        'x-queue-name': encodeURIComponent(message.queue.toWellFormed()),
        'x-submitted-at': new Date(message.message.sentAt).toISOString(),
        'x-attempt': String(message.receiveCount),
        ...credentials.signer(message.id, now, body),
      },
    }
  }
}
