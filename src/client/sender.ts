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
    if (records.length === 0) return []
    const slices = this.#slices(records)
    if (slices.length === 1) return await this.#sendRecords(records, options)
    return await this.#sendSlices(slices, options)
  }

  #sendRecord(record: OutgoingRecord, options: RequestOptions | undefined): Promise<SentMessage> {
    const { idempotencyKey, signal, ifMissing } = options ?? {}
    const weight = weightOf(record)
    return this.#session.sends(this.#queue, ifMissing).sendOne(record, { weight, idempotencyKey, signal })
  }

  #sendRecords(records: readonly OutgoingRecord[], options: RequestOptions): Promise<readonly SentMessage[]> {
    const { idempotencyKey, signal, ifMissing } = options
    const weight = records.reduce((sum, record) => sum + weightOf(record), 0)
    return this.#session.sends(this.#queue, ifMissing).sendMany(records, { weight, idempotencyKey, signal })
  }

  /** One after the other: what comes after a slice that failed is not sent. */
  async #sendSlices(
    slices: readonly (readonly OutgoingRecord[])[],
    options: RequestOptions,
  ): Promise<readonly SentMessage[]> {
    const sent: SentMessage[] = []
    for (const [number, slice] of slices.entries()) {
      const { idempotencyKey } = options
      const key = idempotencyKey === undefined ? {} : { idempotencyKey: `${idempotencyKey}/${number}` }
      try {
        sent.push(...(await this.#sendRecords(slice, { ...options, ...key })))
      } catch (error) {
        throw sent.length === 0 ? error : withSent(error, sent)
      }
    }
    return sent
  }

  /** As many a request as its limits allow. */
  #slices(records: readonly OutgoingRecord[]): OutgoingRecord[][] {
    const { maxCount, maxWeight } = this.#session.tools.limits
    const fast = records.reduce((sum, record) => sum + weightOf(record), 0) <= maxWeight
    const slices: OutgoingRecord[][] = []
    let slice: OutgoingRecord[] = []
    let weight = 0
    for (const record of records) {
      const own = fast ? 0 : exactWeightOf(record)
      if (slice.length === 0 || slice.length === maxCount || weight + own > maxWeight) {
        slice = []
        weight = 0
        slices.push(slice)
      }
      slice.push(record)
      weight += own
    }
    return slices
  }
}

/** The same error, which says what has been stored all the same. */
const withSent = (error: unknown, sent: readonly SentMessage[]): unknown => {
  if (!(error instanceof MillraceError)) return error
  const { code, status, requestId, retryAfterMs } = error
  const message = `${error.message} (The first ${sent.length} messages have been stored; their ids are in data.sent.)`
  const data = { ...error.data, sent: sent.map(({ id }) => id) }
  return new MillraceError(code, message, { status, requestId, retryAfterMs, data, cause: error })
}
