import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Hint } from '../../core/store.ts'
import type { Address } from './address.ts'
import { connectToPrimary } from './connections.ts'

/** What nodes tell each other with NOTIFY: which queues to look at. Nothing depends on it arriving. */
export class Hints {
  readonly #address: Address
  readonly #channel: string
  readonly #node = randomBytes(6).toString('base64url')
  readonly #hearers = new Set<(hint: Hint) => void>()
  readonly #send: (payload: string) => Promise<void>
  #client: pg.Client | undefined
  #hearing = false
  #closed = false
  #retry: ReturnType<typeof setTimeout> | undefined
  #connecting: Promise<void> | undefined
  #waiting = new Map<string, Hint>()
  #sending: Promise<void> | undefined

  /** `send`: notifies the channel on whatever connection. */
  constructor(address: Address, send: (channel: string, payload: string) => Promise<void>) {
    this.#address = address
    this.#channel = `millrace_${address.schema}`
    this.#send = (payload) => send(this.#channel, payload)
  }

  /** Whether what others tell arrives here. */
  get hearing(): boolean {
    return this.#hearing
  }

  start(): void {
    this.#connecting = this.#connect()
  }

  listen(hear: (hint: Hint) => void): () => void {
    this.#hearers.add(hear)
    return () => void this.#hearers.delete(hear)
  }

  /** Goes out soon; under load together with what else there is to tell by then. */
  tell(hint: Hint): void {
    if (this.#closed) return
    const key = `${hint.account}\n${hint.queue}`
    const before = this.#waiting.get(key)
    const readied = before?.readied === null || hint.readied === null ? null : (before?.readied ?? 0) + hint.readied
    this.#waiting.set(key, { ...hint, readied })
    this.#sending ??= this.#sendAll()
  }

  /** This node has to look as well. */
  tellAll(hint: Hint): void {
    for (const hear of this.#hearers) hear(hint)
    this.tell(hint)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    await this.#connecting?.catch(() => {})
    await this.#client?.end().catch(() => {})
    await this.#sending
  }

  async #sendAll(): Promise<void> {
    // After the commit that has something to tell, not before it.
    await new Promise(setImmediate)
    while (this.#waiting.size > 0) {
      const hints = [...this.#waiting.values()]
      this.#waiting = new Map()
      for (const payload of this.#payloads(hints)) await this.#send(payload).catch(() => {})
      if (!this.#closed) await delay(apartMs)
    }
    this.#sending = undefined
  }

  /** A notification holds less than 8,000 bytes. */
  #payloads(hints: readonly Hint[]): string[] {
    const payloads: string[] = []
    let entries: string[] = []
    let bytes = 0
    const close = () => {
      if (entries.length > 0) payloads.push(`["${this.#node}",${entries.join(',')}]`)
      entries = []
      bytes = 0
    }
    for (const { account, queue, readied } of hints) {
      const entry = JSON.stringify([account, queue, readied])
      const size = Buffer.byteLength(entry) + 1
      if (size > maxPayload) continue
      if (bytes + size > maxPayload) close()
      entries.push(entry)
      bytes += size
    }
    close()
    return payloads
  }

  async #connect(): Promise<void> {
    try {
      const client = await connectToPrimary(this.#address)
      if (this.#closed) {
        await client.end()
        return
      }
      this.#client = client
      client.on('notification', ({ payload }) => this.#heard(payload ?? ''))
      client.on('end', () => this.#lost(client))
      client.on('error', () => this.#lost(client))
      await client.query(`LISTEN ${this.#channel}`)
      // A pooler may take the LISTEN and pass nothing on: it counts once this comes back by way of the others' connections.
      await this.#send(`["${this.#node}"]`)
    } catch {
      this.#later()
    }
  }

  #heard(payload: string): void {
    const [node, ...entries] = JSON.parse(payload) as [string, ...[string, string, number | null][]]
    this.#hearing = true
    if (node === this.#node) return
    for (const [account, queue, readied] of entries) for (const hear of this.#hearers) hear({ account, queue, readied })
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return
    this.#client = undefined
    this.#hearing = false
    client.end().catch(() => {})
    this.#later()
  }

  #later(): void {
    if (this.#closed) return
    this.#retry = setTimeout(() => {
      this.#connecting = this.#connect()
    }, 1000)
    this.#retry.unref()
  }
}

/** A notification for each of some hundred transactions a second would take a tenth of what node and server can do. */
const apartMs = 10
const maxPayload = 7900
