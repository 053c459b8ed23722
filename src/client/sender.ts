import type { OutgoingRecord } from './backend.ts'
import type { Bodies } from './bodies.ts'
import { MillraceError } from './error.ts'
import { exactWeightOf, outgoing, weightOf } from './outgoing.ts'
import type { Session } from './session.ts'
import type { OutgoingMessage, SendOptions, SentMessage } from './types/message.ts'
import type { RequestOptions } from './types/queue.ts'

/** Sends to one queue. */
export class Sender {
  readonly #session: Session
  readonly #queue: string
  readonly #bodies: Bodies

  constructor(session: Session, queue: string, bodies: Bodies) {
    this.#session = session
    this.#queue = queue
    this.#bodies = bodies
  }

  /** Takes its place among the sends of this moment before it returns, unless the schema needs time. */
  send(body: unknown, options: (SendOptions & RequestOptions) | undefined): Promise<SentMessage> {
    try {
      const checking = this.#bodies.checkOutgoing(body)
      const record = outgoing(body, options)
      return checking ? checking.then(() => this.#sendRecord(record, options)) : this.#sendRecord(record, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async sendMany(
    messages: Iterable<OutgoingMessage<unknown>>,
    options: RequestOptions,
  ): Promise<readonly SentMessage[]> {
    const records: OutgoingRecord[] = []
    const checking: Promise<void>[] = []
    for (const message of messages) {
      const check = this.#bodies.checkOutgoing(message.body)
      if (check) checking.push(check)
      records.push(outgoing(message.body, message))
    }
    if (checking.length > 0) await Promise.all(checking)
    const slices = this.#slices(records)
    const [only] = slices
    return await (only && slices.length === 1 ? this.#sendSlice(only, options) : this.#sendSlices(slices, options))
  }

  #sendRecord(record: OutgoingRecord, options: RequestOptions | undefined): Promise<SentMessage> {
    const { idempotencyKey, signal, ifMissing } = options ?? {}
    const weight = weightOf(record)
    return this.#session.sends(this.#queue, ifMissing).sendOne(record, { weight, idempotencyKey, signal })
  }

  #sendSlice({ records, weight }: Slice, options: RequestOptions): Promise<readonly SentMessage[]> {
    const { idempotencyKey, signal, ifMissing } = options
    return this.#session.sends(this.#queue, ifMissing).sendMany(records, { weight, idempotencyKey, signal })
  }

  /** One after the other: what comes after a slice that failed is not sent. */
  async #sendSlices(slices: readonly Slice[], options: RequestOptions): Promise<readonly SentMessage[]> {
    const sent: SentMessage[] = []
    for (const [number, slice] of slices.entries()) {
      const { idempotencyKey } = options
      const key = idempotencyKey === undefined ? {} : { idempotencyKey: `${idempotencyKey}/${number}` }
      try {
        sent.push(...(await this.#sendSlice(slice, { ...options, ...key })))
      } catch (error) {
        throw sent.length === 0 ? error : withSent(error, sent)
      }
    }
    return sent
  }

  /** As many a request as its limits allow; what may not fit at a glance is weighed exactly. */
  #slices(records: readonly OutgoingRecord[]): Slice[] {
    const { maxCount, maxWeight } = this.#session.tools.limits
    const atAGlance = records.reduce((sum, record) => sum + weightOf(record), 0)
    const weigh = atAGlance <= maxWeight ? weightOf : exactWeightOf
    const slices: Slice[] = []
    let slice: Slice | undefined
    for (const record of records) {
      const weight = weigh(record)
      if (!slice || slice.records.length === maxCount || slice.weight + weight > maxWeight) {
        slice = { records: [], weight: 0 }
        slices.push(slice)
      }
      slice.records.push(record)
      slice.weight += weight
    }
    return slices
  }
}

/** What goes in one request. */
interface Slice {
  readonly records: OutgoingRecord[]
  weight: number
}

/** The same error, which says what has been stored all the same. */
const withSent = (error: unknown, sent: readonly SentMessage[]): unknown => {
  if (!(error instanceof MillraceError)) return error
  const { code, status, requestId, retryAfterMs } = error
  const message = `${error.message} (The first ${sent.length} messages have been stored; their ids are in data.sent.)`
  const data = { ...error.data, sent: sent.map(({ id }) => id) }
  return new MillraceError(code, message, { status, requestId, retryAfterMs, data, cause: error })
}
