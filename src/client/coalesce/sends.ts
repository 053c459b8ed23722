import type { Backend, OutgoingRecord } from '../backend.ts'
import { MillraceError } from '../error.ts'
import type { SentMessage } from '../types/message.ts'
import { Batcher, type Entry, settledBy } from './batcher.ts'
import type { LaneTools } from './lanes.ts'

interface Send extends Entry {
  readonly records: readonly OutgoingRecord[]
  readonly idempotencyKey: string | undefined
  /** Its answers stand in `sent` from `at` on. */
  answer(sent: readonly SentMessage[], at: number): void
}

export interface SendEntryOptions {
  readonly weight: number
  readonly idempotencyKey: string | undefined
  readonly signal: AbortSignal | undefined
}

/** Sends to one queue: those of one moment travel together, and each is answered for itself. */
export class Sends {
  readonly #backend: Backend
  readonly #queue: string
  readonly #ifMissing: 'create' | 'refuse' | undefined
  readonly #batcher: Batcher<Send>

  constructor({ backend, limits, runtime }: LaneTools, queue: string, ifMissing: 'create' | 'refuse' | undefined) {
    this.#backend = backend
    this.#queue = queue
    this.#ifMissing = ifMissing
    this.#batcher = new Batcher(this.#request, limits, runtime)
  }

  get idle(): boolean {
    return this.#batcher.idle
  }

  close(): Promise<void> {
    return this.#batcher.close()
  }

  sendOne(record: OutgoingRecord, options: SendEntryOptions): Promise<SentMessage> {
    return settledBy(options.signal, (resolve, reject) =>
      this.#add([record], options, (sent, at) => resolve(sent[at] as SentMessage), reject),
    )
  }

  /** All are stored in one atomic step, or none of them. */
  sendMany(records: readonly OutgoingRecord[], options: SendEntryOptions): Promise<readonly SentMessage[]> {
    return settledBy(options.signal, (resolve, reject) =>
      this.#add(records, options, (sent, at) => resolve(sent.slice(at, at + records.length)), reject),
    )
  }

  #add(
    records: readonly OutgoingRecord[],
    { weight, idempotencyKey }: SendEntryOptions,
    answer: Send['answer'],
    reject: Send['reject'],
  ): Send {
    const alone = idempotencyKey !== undefined
    const send = { records, count: records.length, weight, alone, idempotencyKey, answer, reject, cancelled: false }
    this.#batcher.add(send)
    return send
  }

  readonly #request = async (sends: readonly Send[]): Promise<void> => {
    const only = sends.length === 1 ? sends[0] : undefined
    const messages = only ? only.records : sends.flatMap((send) => send.records)
    const sent = await this.#backend.send({
      queue: this.#queue,
      messages,
      ifMissing: this.#ifMissing,
      idempotencyKey: only?.idempotencyKey,
    })
    if (sent.length !== messages.length) {
      throw new MillraceError('InvalidAnswer', `${messages.length} messages were sent, but ${sent.length} answered.`)
    }
    let at = 0
    for (const send of sends) {
      send.answer(sent, at)
      at += send.count
    }
  }
}
