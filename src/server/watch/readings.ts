import type { Clock } from '../../core/clock.ts'
import { type Counts, noCounts, type QueueSettings, total } from '../../core/queue.ts'
import type { QueueView } from '../../core/requests.ts'
import { everyQueue, type QueueLister } from '../every-queue.ts'

/** A queue at one moment. Of many thousands of queues there are as many of these: they hold nothing that nobody reads. */
export interface Reading extends Pick<QueueView, 'id' | 'account' | 'name' | 'explicit'>, WatchedSettings {
  /** Of all its readers together. */
  readonly counts: Counts
  readonly deadLetters: number
  readonly oldestWaitingAt: number | null
  readonly today: { readonly P: number; readonly E: number; readonly F: number } | null
  readonly workers: number
}

type WatchedSettings = Pick<QueueSettings, 'ordering' | 'paused' | 'consumerGroups' | 'deadLetterQueue'>

export interface Readings {
  readonly at: number
  /** By account, then name. */
  readonly accounts: ReadonlyMap<string, ReadonlyMap<string, Reading>>
  readonly more: boolean
}

export interface ReadingsOptions extends QueueLister {
  readonly clock: Clock
}

/** Queues that are looked at; with more, the rest are left out. A look at so many takes about half a second of a processor. */
const maxQueues = 20_000

/** Looks at every queue, at most as often as it is asked to. What it costs does not depend on how many look. */
export class QueueReadings {
  readonly #options: ReadingsOptions
  #last: Readings | undefined
  #reading: Promise<Readings> | undefined

  constructor(options: ReadingsOptions) {
    this.#options = options
  }

  get last(): Readings | undefined {
    return this.#last
  }

  /** Not older than so. */
  read(maxAgeMs: number): Promise<Readings> {
    if (this.#last && this.#options.clock.now() - this.#last.at < maxAgeMs) return Promise.resolve(this.#last)
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(): Promise<Readings> {
    const accounts = new Map<string, Map<string, Reading>>()
    const at = this.#options.clock.now()
    let queues = 0
    let more = false
    for await (const view of everyQueue(this.#options, { overview: true })) {
      if (queues === maxQueues) {
        more = true
        break
      }
      queues++
      const its = accounts.get(view.account) ?? new Map<string, Reading>()
      accounts.set(view.account, its)
      its.set(view.name, readingOf(view))
    }
    this.#last = { at, accounts, more }
    return this.#last
  }
}

const readingOf = (view: QueueView): Reading => {
  const { id, account, name, explicit, settings, overview } = view
  const { ordering, paused, consumerGroups, deadLetterQueue } = settings
  return {
    id,
    account,
    name,
    explicit,
    ordering,
    paused,
    consumerGroups,
    deadLetterQueue,
    counts: readersOf(view),
    deadLetters: view.groups.reduce((sum, { deadLetters }) => sum + (deadLetters ? total(deadLetters) : 0), 0),
    oldestWaitingAt: overview?.oldestWaitingAt ?? null,
    today: overview?.today ?? null,
    workers: overview?.workers ?? 0,
  }
}

/** The default group, or all consumer groups together. */
const readersOf = (view: QueueView): Counts => {
  const readers = view.groups.filter(({ kind }) => kind === 'default' || kind === 'consumer')
  const [only] = readers
  if (readers.length === 1 && only) return only.counts
  const sum = noCounts()
  for (const { counts } of readers) for (const name of names) sum[name] += counts[name]
  return sum
}

const names = Object.keys(noCounts()) as (keyof Counts)[]
