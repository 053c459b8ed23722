import type { Millis } from '../../core/clock.ts'
import type { QueueEngine } from '../../core/engine-api.ts'
import { isRefusal } from '../../core/errors.ts'
import type { QueueSettings } from '../../core/queue.ts'

/** For how long a change made elsewhere may go unseen here: by another door, or another node. */
const freshMs = 1000
const most = 10_000

/** The settings of queues that posts through v2 depend on, so that not every one of them has to read its queue first. */
export class QueueDefaults {
  readonly #engine: QueueEngine
  readonly #known = new Map<string, { readonly settings: QueueSettings; readonly at: Millis }>()

  constructor(engine: QueueEngine) {
    this.#engine = engine
  }

  /** Undefined: there is no such queue. */
  async of(account: string, queue: string, now: Millis): Promise<QueueSettings | undefined> {
    const key = `${account}\n${queue}`
    const known = this.#known.get(key)
    if (known && now - known.at < freshMs) return known.settings
    try {
      const { settings } = await this.#engine.getQueue({ account, queue })
      if (this.#known.size >= most) this.#known.clear()
      this.#known.set(key, { settings, at: now })
      return settings
    } catch (error) {
      if (isRefusal(error, 'QueueNotFound')) return undefined
      throw error
    }
  }

  forget(account: string, queue: string): void {
    this.#known.delete(`${account}\n${queue}`)
  }
}
