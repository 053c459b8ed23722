import type { Clock, Millis } from './clock.ts'
import type { QueueWorker } from './requests.ts'

interface Entry {
  readonly key: string
  readonly queueKey: string
  readonly name: string
  readonly group: string
  readonly since: Millis
  lastSeenAt: Millis
  waiting: number
  inWork: number
}

const entriesAtMost = 10_000
const longestName = 256
/** How long one is still shown that is heard of no more; longer while it holds messages. */
const idleMs = 120_000
const holdingMs = 600_000

/**
 * Who receives from which queue, as far as this process has seen: noted beside the work, in bounded memory, and forgotten with
 * the process. Only those that give a name are noted.
 */
export class QueueWorkers {
  readonly #clock: Clock
  /** The one that was seen longest ago first. */
  readonly #entries = new Map<string, Entry>()
  readonly #byQueue = new Map<string, Set<Entry>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** It receives, until the promise is settled. */
  receives(queueKey: string, group: string, holder: string, receiving: Promise<unknown>): void {
    const entry = this.#seen(queueKey, group, holder)
    entry.waiting++
    const end = () => {
      entry.waiting--
      if (this.#entries.has(entry.key)) this.#touch(entry)
    }
    receiving.then(end, end)
  }

  /** It holds so many messages more, or fewer; 0: it has renewed one. */
  holds(queueKey: string, group: string, holder: string, difference: number): void {
    // Leases of an earlier process may end in this one.
    const known = this.#entries.get(keyOf(queueKey, group, holder))
    if (!known && difference < 0) return
    const entry = difference < 0 ? known : this.#seen(queueKey, group, holder)
    if (entry) entry.inWork = Math.max(0, entry.inWork + difference)
  }

  list(queueKey: string): QueueWorker[] {
    const now = this.#clock.now()
    const workers: QueueWorker[] = []
    for (const entry of [...(this.#byQueue.get(queueKey) ?? [])]) {
      const patience = entry.inWork > 0 ? holdingMs : idleMs
      if (entry.waiting === 0 && entry.lastSeenAt + patience <= now) this.#remove(entry)
      else {
        const { name, group, since, lastSeenAt, waiting, inWork } = entry
        workers.push({ name, group, since, lastSeenAt, waiting, inWork })
      }
    }
    return workers.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  }

  #seen(queueKey: string, group: string, holder: string): Entry {
    const key = keyOf(queueKey, group, holder)
    const known = this.#entries.get(key)
    if (known) {
      this.#touch(known)
      return known
    }
    const now = this.#clock.now()
    const name = holder.slice(0, longestName)
    const entry: Entry = { key, queueKey, name, group, since: now, lastSeenAt: now, waiting: 0, inWork: 0 }
    this.#entries.set(key, entry)
    const ofQueue = this.#byQueue.get(queueKey)
    if (ofQueue) ofQueue.add(entry)
    else this.#byQueue.set(queueKey, new Set([entry]))
    if (this.#entries.size > entriesAtMost) {
      const oldest = this.#entries.values().next().value
      if (oldest) this.#remove(oldest)
    }
    return entry
  }

  #touch(entry: Entry): void {
    entry.lastSeenAt = this.#clock.now()
    this.#entries.delete(entry.key)
    this.#entries.set(entry.key, entry)
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key)
    const ofQueue = this.#byQueue.get(entry.queueKey)
    ofQueue?.delete(entry)
    if (ofQueue?.size === 0) this.#byQueue.delete(entry.queueKey)
  }
}

const keyOf = (queueKey: string, group: string, holder: string): string =>
  `${queueKey}\u0001${group}\u0001${holder.slice(0, longestName)}`
