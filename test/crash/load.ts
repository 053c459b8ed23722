import type { SeededRandom } from '../../src/testing/index.ts'
import type { Received, Sent, Settled } from './api.ts'
import { call, UnexpectedAnswer } from './api.ts'
import type { Content, Entry, Ledger } from './ledger.ts'

const hour = 3_600_000

/** Clients that send, receive and settle until the server is gone; each writes down what was acknowledged to it. */
export class Load {
  readonly #url: string
  readonly #queue: string
  readonly #ledger: Ledger
  readonly #random: SeededRandom
  readonly #acknowledged: () => void
  /** Deduplication ids of sends whose answer was lost are not used again. */
  static #names = 0

  constructor(
    url: string,
    queue: string,
    { ledger, random, acknowledged }: { ledger: Ledger; random: SeededRandom; acknowledged: () => void },
  ) {
    this.#url = url
    this.#queue = queue
    this.#ledger = ledger
    this.#random = random
    this.#acknowledged = acknowledged
  }

  /** Resolves when all clients have lost the server. */
  async run(): Promise<void> {
    const clients = [
      this.#sendOne,
      this.#sendOne,
      this.#sendMany,
      this.#sendMany,
      this.#receive,
      this.#receive,
      this.#receive,
    ]
    await Promise.all(clients.map((work) => this.#until(() => work.call(this))))
  }

  async #until(work: () => Promise<void>): Promise<void> {
    while (true) {
      try {
        await work()
      } catch (error) {
        if (error instanceof UnexpectedAnswer) throw error
        return
      }
      this.#acknowledged()
    }
  }

  async #sendOne(): Promise<void> {
    const message = this.#message()
    const { messages } = await this.#post<{ messages: Sent[] }>('/messages/batch', { messages: [message] })
    this.#note([message], messages)
  }

  async #sendMany(): Promise<void> {
    const batch = Array.from({ length: 2 + this.#random.below(8) }, () => this.#message())
    const { messages } = await this.#post<{ messages: Sent[] }>('/messages/batch', { messages: batch })
    this.#note(batch, messages)
  }

  #message(): Content & { delayMs?: number } {
    const random = this.#random
    const bytes = Buffer.from(Array.from({ length: random.below(300) }, () => random.below(256)))
    const body = random.pick<Content>([
      { base64: bytes.toString('base64'), priority: 0 },
      { text: `grüße 😀 ${bytes.toString('hex')}`, priority: 0 },
      { body: { number: random.below(1e9), list: [null, true, '"'], text: bytes.toString('hex') }, priority: 0 },
    ])
    return {
      ...body,
      priority: random.below(5) - 2,
      ...(random.chance(1, 2) ? { attributes: { key: `v${random.below(1000)}`, nested: { a: [1] } } } : {}),
      ...(random.chance(1, 4) ? { delayMs: hour + random.below(hour) } : {}),
      ...(random.chance(1, 4) ? { deduplicationId: `id-${Load.#names++}` } : {}),
    }
  }

  #note(messages: readonly (Content & { delayMs?: number })[], sent: readonly Sent[]): void {
    for (const [index, { id, sentAt }] of sent.entries()) {
      const { delayMs, ...content } = messages[index] as Content & { delayMs?: number }
      // A receive may have seen it before its send was answered.
      if (this.#ledger.entries.has(id)) continue
      this.#ledger.entries.set(id, {
        id,
        content,
        state: delayMs === undefined ? 'ready' : 'delayed',
        type: 'Q',
        receiveCount: 0,
        reprocessCount: 0,
        visibleAt: delayMs === undefined ? null : sentAt + delayMs,
        uncertain: false,
      })
    }
  }

  async #receive(): Promise<void> {
    // Whatever is ready may be taken by a request whose answer is lost.
    const terms = { maxMessages: 1 + this.#random.below(10), visibilityTimeoutMs: hour, waitMs: 50 }
    const { messages } = await this.#post<{ messages: Received[] }>('/receive', terms)
    for (const message of messages) {
      const entry = this.#ledger.entries.get(message.id)
      // Its send is not answered yet; what becomes of it is left open.
      if (!entry) continue
      entry.state = 'leased'
      entry.receiveCount = message.receiveCount
      entry.visibleAt = message.leasedUntil
      await this.#settle(entry, message.receiptHandle)
    }
  }

  async #settle(entry: Entry, receiptHandle: string): Promise<void> {
    const random = this.#random
    const action = random.pick([
      { do: 'delete' },
      { do: 'delete' },
      { do: 'delete' },
      { do: 'extend', visibilityTimeoutMs: hour + random.below(hour) },
      { do: 'release', delayMs: hour + random.below(hour) },
      { do: 'reprocess', delayMs: hour + random.below(hour) },
      undefined,
    ])
    if (!action) return
    entry.uncertain = true
    const { results } = await this.#post<{ results: Settled[] }>('/settle', { entries: [{ receiptHandle, action }] })
    const [result] = results
    if (!result?.ok) throw new UnexpectedAnswer(`${action.do} of ${entry.id} was refused: ${JSON.stringify(result)}`)
    entry.uncertain = false
    entry.visibleAt = result.visibleAt ?? null
    entry.reprocessCount = result.reprocessCount ?? 0
    if (action.do === 'delete') entry.state = 'deleted'
    else entry.state = action.do === 'extend' ? 'leased' : 'delayed'
    if (action.do === 'reprocess') entry.type = 'D'
  }

  #post<Answer>(path: string, body: unknown): Promise<Answer> {
    return call<Answer>(this.#url, 'POST', `/queues/${this.#queue}${path}`, body)
  }
}
