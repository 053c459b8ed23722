import type { Backend } from '../backend.ts'
import type { Runtime } from '../runtime.ts'
import type { BatchLimits } from './batcher.ts'

/** What gathers calls of one kind, and can be let go of when there are none. */
interface Lane {
  readonly idle: boolean
  close(): Promise<void> | void
}

/** What lanes are made of. */
export interface LaneTools {
  readonly backend: Backend
  readonly limits: BatchLimits
  readonly runtime: Runtime
}

/** How many idle lanes are kept, since making one anew costs next to nothing. */
const keptIdle = 256

/** The lanes of one client: one for each queue and kind of call, shared by all who use them. */
export class Lanes<Of extends Lane> {
  readonly #lanes = new Map<string, Of>()
  #sweepAt = keptIdle
  #closed = false

  get(key: string, make: () => Of): Of {
    let lane = this.#lanes.get(key)
    if (!lane) {
      if (this.#lanes.size > this.#sweepAt) this.#sweep()
      lane = make()
      if (this.#closed) void lane.close()
      this.#lanes.set(key, lane)
    }
    return lane
  }

  /** A client may meet any number of queues in its life. */
  #sweep(): void {
    for (const [key, lane] of this.#lanes) if (lane.idle) this.#lanes.delete(key)
    this.#sweepAt = 2 * this.#lanes.size + keptIdle
  }

  /** Lanes that are asked for later are closed from the start. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()))
  }
}
