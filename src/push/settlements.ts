import type { Clock } from '../core/clock.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import { isRefusal } from '../core/errors.ts'
import type { QueueAddress, SettleEntry } from '../core/requests.ts'

interface Waiting {
  readonly entry: SettleEntry
  /** Until then its lease lasts: later there is nothing to settle. */
  readonly leasedUntil: number
  readonly done: () => void
}

/** Settles what ends in one turn of the event loop in one request, and again when the store is in trouble. */
export class Settlements {
  readonly #engine: Pick<QueueEngine, 'settle'>
  readonly #clock: Clock
  readonly #queue: QueueAddress
  #waiting: Waiting[] = []
  #scheduled = false

  constructor(engine: Pick<QueueEngine, 'settle'>, clock: Clock, queue: QueueAddress) {
    this.#engine = engine
    this.#clock = clock
    this.#queue = queue
  }

  /** Resolves when it is durable, or too late. */
  settle(entry: SettleEntry, leasedUntil: number): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ entry, leasedUntil, done })
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      while (this.#waiting.length > 0) void this.#send(this.#waiting.splice(0, maxEntries))
    })
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const { account, queue } = this.#queue
    try {
      // An entry that is refused has lost its lease: the message is somebody else's by now.
      await this.#engine.settle({ account, queue, entries: batch.map(({ entry }) => entry) })
      for (const { done } of batch) done()
    } catch (error) {
      const now = this.#clock.now()
      const again = isRefusal(error, 'StoreUnavailable') ? batch.filter(({ leasedUntil }) => leasedUntil > now) : []
      for (const waiting of batch) if (!again.includes(waiting)) waiting.done()
      if (again.length > 0) this.#clock.callAt(now + troubleMs, () => void this.#send(again), { keepAlive: true })
    }
  }
}

const maxEntries = 500
const troubleMs = 1_000
