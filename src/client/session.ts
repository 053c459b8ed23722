import type { ReceivedRecord, ReceiveRequest } from './backend.ts'
import { Lanes, type LaneTools } from './coalesce/lanes.ts'
import { Receives } from './coalesce/receives.ts'
import { ReceivesNow } from './coalesce/receives-now.ts'
import { Sends } from './coalesce/sends.ts'
import { type DeletionRule, Deletions, Settlements } from './coalesce/settlements.ts'
import { closed } from './error.ts'

/** Work that goes on by itself until it is stopped. */
interface Running {
  stop(): Promise<void>
}

/** What a receive asks for, beside how many and how long. */
export type ReceiveRule = Omit<ReceiveRequest, 'maxMessages' | 'waitMs' | 'signal'>

/** What the queues of one client share: calls travel together whichever object they were made on. */
export class Session {
  readonly tools: LaneTools
  readonly #sends = { create: new Lanes<Sends>(), refuse: new Lanes<Sends>() }
  readonly #settlements = new Lanes<Settlements>()
  readonly #deletions = new Lanes<Deletions>()
  readonly #receives = new Lanes<Receives<ReceivedRecord>>()
  readonly #receivesNow = new Lanes<ReceivesNow<ReceivedRecord>>()
  readonly #running = new Set<Running>()
  /** Of requests that may wait, and must not do so for longer than the client is open. */
  readonly #waits = new Set<AbortController>()
  #closing: Promise<void> | undefined

  constructor(tools: LaneTools) {
    this.tools = tools
  }

  get closing(): boolean {
    return this.#closing !== undefined
  }

  sends(queue: string, ifMissing: 'create' | 'refuse' = 'create'): Sends {
    return this.#sends[ifMissing].get(queue, () => new Sends(this.tools, queue, ifMissing))
  }

  settlements(queue: string): Settlements {
    return this.#settlements.get(queue, () => new Settlements(this.tools, queue))
  }

  deletions(rule: DeletionRule): Deletions {
    return this.#deletions.get(JSON.stringify(Object.values(rule)), () => new Deletions(this.tools, rule))
  }

  receive(
    rule: ReceiveRule,
    maxMessages: number,
    waitMs: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<readonly ReceivedRecord[]> {
    if (this.#closing) return Promise.reject(closed())
    // How long the queue waits, and where a limit of bytes would cut, is only known to the server.
    const alone = waitMs === undefined || rule.maxBytes !== undefined || !this.tools.limits.together
    if (alone) return this.wait(signal, (either) => this.#take(rule, maxMessages, waitMs, either))
    const key = JSON.stringify(rule)
    if (waitMs <= 0) return this.#receivesNowLane(key, rule).receive(maxMessages, signal)
    return this.#receivesLane(key, rule).receive(maxMessages, waitMs, signal)
  }

  /** A request for messages that ends with nothing when the client is closed. */
  async wait<Message>(
    signal: AbortSignal | undefined,
    request: (either: AbortSignal) => Promise<readonly Message[]>,
  ): Promise<readonly Message[]> {
    const controller = new AbortController()
    const stop = () => controller.abort(signal?.reason)
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
    this.#waits.add(controller)
    try {
      return await request(controller.signal)
    } catch (error) {
      if (this.#closing && !signal?.aborted && controller.signal.aborted) return []
      throw error
    } finally {
      this.#waits.delete(controller)
      signal?.removeEventListener('abort', stop)
    }
  }

  /** Takes part in `close`, until it has ended by itself. */
  run(running: Running): void {
    this.#running.add(running)
  }

  ended(running: Running): void {
    this.#running.delete(running)
  }

  /** As if they had never been received. Should that fail, they come again when their lease ends. */
  giveBack(queue: string, records: readonly ReceivedRecord[]): void {
    for (const { receiptHandle } of records) {
      this.settlements(queue)
        .settle({ receiptHandle }, { do: 'release', failed: false }, {})
        .catch(() => {})
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.stop()))
    for (const controller of this.#waits) controller.abort()
    await Promise.all([this.#receives.close(), this.#receivesNow.close()])
    const lanes = [this.#sends.create, this.#sends.refuse, this.#settlements, this.#deletions]
    await Promise.all(lanes.map((each) => each.close()))
    await this.tools.backend.close()
  }

  #take(
    rule: ReceiveRule,
    maxMessages: number,
    waitMs: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<readonly ReceivedRecord[]> {
    return this.tools.backend.receive({ ...rule, maxMessages, waitMs, signal })
  }

  #receivesLane(key: string, rule: ReceiveRule): Receives<ReceivedRecord> {
    return this.#receives.get(
      key,
      () =>
        new Receives(
          (maxMessages, waitMs, signal) => this.#take(rule, maxMessages, waitMs, signal),
          (records) => this.giveBack(rule.queue, records),
          this.tools.runtime,
        ),
    )
  }

  #receivesNowLane(key: string, rule: ReceiveRule): ReceivesNow<ReceivedRecord> {
    return this.#receivesNow.get(
      key,
      () =>
        new ReceivesNow(
          (maxMessages) => this.#take(rule, maxMessages, 0, undefined),
          (records) => this.giveBack(rule.queue, records),
          this.tools,
        ),
    )
  }
}
