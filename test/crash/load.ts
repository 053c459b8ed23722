/** Clients that send, receive and settle as fast as they are answered, and write down what was said. */
import assert from 'node:assert/strict'
import type { SeededRandom } from '../../src/testing/index.ts'
import type { Action, Entry, Ledger, Received, SendRequest, Sent } from './ledger.ts'
import { type Answer, type Connection, Lost } from './server-process.ts'
import { batchOf } from './verify.ts'

const minute = 60_000
const hour = 60 * minute

interface Held {
  readonly entry: Entry
  readonly handle: string
}

export class Load {
  readonly #ledger: Ledger
  readonly #random: SeededRandom
  readonly #queues: readonly string[]
  /** Leases whose handles are known, whoever received them. */
  readonly #held: Held[] = []
  #numbers = 0
  #isOver = false
  #answers = 0

  constructor(ledger: Ledger, random: SeededRandom, queues: readonly string[]) {
    this.#ledger = ledger
    this.#random = random
    this.#queues = queues
  }

  /** All connections at once, until so many requests have been answered; then `kill` is called in the middle of it. */
  async run(connections: readonly Connection[], answers: number, kill: () => void): Promise<void> {
    this.#isOver = false
    this.#answers = 0
    const answered = () => {
      if (++this.#answers < answers || this.#isOver) return
      this.#isOver = true
      kill()
    }
    await Promise.all(connections.map((connection) => this.#client(connection, answered)))
  }

  async #client(connection: Connection, answered: () => void): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#request(connection, answered)
      } catch (error) {
        if (!(error instanceof Lost) || !this.#isOver) throw error
      }
    }
  }

  #request(connection: Connection, answered: () => void): Promise<void> {
    const { below } = this.#random
    const isFull = this.#ledger.entries.size > 600 && this.#held.length > 200
    const kind = isFull ? 8 + below(2) : below(10)
    if (kind < 4) return this.#send(connection, answered)
    return kind < 7 || this.#held.length === 0
      ? this.#receive(connection, answered)
      : this.#settle(connection, answered)
  }

  // ---- send -------------------------------------------------------------------------------------------------------

  async #send(connection: Connection, answered: () => void): Promise<void> {
    const { below, chance, pick } = this.#random
    const request: SendRequest = {
      queue: pick(this.#queues),
      key: `key ${++this.#numbers}`,
      messages: Array.from({ length: chance(1, 3) ? 1 + below(20) : 1 }, () => this.#message()),
    }
    this.#ledger.lostSends.push(request)
    const headers = { 'Idempotency-Key': request.key }
    const path = `/queues/${request.queue}/messages/batch`
    const answer = await connection.call('POST', path, batchOf(request), headers)
    this.#ledger.lostSends.splice(this.#ledger.lostSends.indexOf(request), 1)
    this.#ledger.sent(request, expected(answer, 201).messages)
    answered()
  }

  #message(): Sent {
    const { below, chance, pick } = this.#random
    const number = ++this.#numbers
    const body = Buffer.alloc(8 + (chance(1, 4) ? below(6_000) : below(200)))
    for (let i = 0; i < body.length; i++) body[i] = below(256)
    body.writeBigUInt64BE(BigInt(number))
    return {
      base64: body.toString('base64'),
      attributes: { number, text: pick(['', 'é\u0000"\\', '日本 \u{1f600}']), nested: [{ n: null }, below(9) / 8] },
      priority: below(3) - 1,
      delayMs: chance(1, 6) ? pick([300, 3_000, minute, 30 * 24 * hour]) : 0,
      messageGroup: `group ${below(30)}`,
      ...(chance(1, 5) ? { deduplicationId: `d${below(150)}` } : {}),
    }
  }

  // ---- receive ----------------------------------------------------------------------------------------------------

  async #receive(connection: Connection, answered: () => void): Promise<void> {
    const { below, chance, pick } = this.#random
    const queue = pick(this.#queues)
    const maxMessages = 1 + below(10)
    const visibilityTimeoutMs = chance(1, 10) ? pick([1_000, 4_000]) : hour
    const { lostReceives } = this.#ledger
    lostReceives.set(queue, (lostReceives.get(queue) ?? 0) + maxMessages)
    const request = { maxMessages, visibilityTimeoutMs, waitMs: chance(1, 4) ? 200 : 0 }
    const answer = await connection.call('POST', `/queues/${queue}/receive`, request)
    lostReceives.set(queue, (lostReceives.get(queue) ?? 0) - maxMessages)
    for (const message of expected(answer, 200).messages as readonly Received[]) this.#hold(message)
    answered()
  }

  /** The answer to its send may still be on the way, on another connection. */
  #hold(message: Received, attempt = 0): void {
    if (!this.#ledger.entries.has(message.id) && attempt < 1_000 && !this.#isOver) {
      setImmediate(() => this.#hold(message, attempt + 1))
      return
    }
    const entry = this.#ledger.received(message)
    if (entry) this.#held.push({ entry, handle: message.receiptHandle })
  }

  // ---- settle -----------------------------------------------------------------------------------------------------

  async #settle(connection: Connection, answered: () => void): Promise<void> {
    const { below, pick } = this.#random
    const { queue } = pick(this.#held).entry
    const chosen = new Map<Entry, Held>()
    const most = 1 + below(8)
    for (const held of this.#held) {
      if (held.entry.queue === queue && held.entry.doubt === null && chosen.size < most) chosen.set(held.entry, held)
    }
    const from = Date.now()
    const entries = [...chosen.values()].map((held) => ({ held, action: this.#action(queue) }))
    if (entries.length === 0) return
    for (const { held, action } of entries) {
      this.#drop(held)
      held.entry.doubt = { action, handle: held.handle, from, to: Number.POSITIVE_INFINITY }
    }
    const answer = await connection.call('POST', `/queues/${queue}/settle`, {
      entries: entries.map(({ held, action }) => ({ receiptHandle: held.handle, action })),
    })
    expected(answer, 200).results.forEach(
      (result: Parameters<Ledger['settled']>[3] & { code?: string }, index: number) => {
        const { held, action } = entries[index]!
        const { entry, handle } = held
        assert.ok(result.ok || result.code === 'LeaseLost', `settling ${entry.id} was refused: ${result.code}`)
        const lasting = entry.lease?.handle === handle && entry.lease.until > Date.now() + minute
        assert.ok(result.ok || !lasting, `the lease of ${entry.id} was acknowledged until ${entry.lease?.until}`)
        this.#ledger.settled(entry, handle, action, result)
        if (action.do === 'extend' && result.ok) this.#held.push(held)
      },
    )
    answered()
  }

  #drop(held: Held): void {
    this.#held.splice(this.#held.indexOf(held), 1)
  }

  #action(queue: string): Action {
    const { below, pick } = this.#random
    const kind = below(10)
    if (kind < 5) return { do: 'delete' }
    if (kind < 7) return { do: 'extend', visibilityTimeoutMs: pick([1_000, hour, 2 * hour]) }
    // A queue whose messages are processed in order does not put any aside.
    if (kind < 8 || queue === 'fifo') return { do: 'release' }
    return { do: 'reprocess', delayMs: pick([500, 5_000, hour]) }
  }

  /** After a kill: what was asked for until now may have been done until now. Leases that were in doubt are known no more. */
  killed(): void {
    const now = Date.now()
    for (const entry of this.#ledger.entries.values()) if (entry.doubt) entry.doubt.to = now
  }

  /** After the server was looked at: which of the handles are still good. */
  verified(): void {
    const known = new Set(this.#held.map(({ handle }) => handle))
    for (const entry of this.#ledger.live()) {
      const handle = entry.lease?.handle
      if (handle && !known.has(handle)) this.#held.push({ entry, handle })
    }
    for (const held of [...this.#held]) {
      if (held.entry.isGone || held.entry.lease?.handle !== held.handle) this.#drop(held)
    }
  }
}

const expected = (answer: Answer, status: number) => {
  assert.equal(answer.status, status, JSON.stringify(answer.body))
  return answer.body
}
