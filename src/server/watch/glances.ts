import type { PushControl } from '../../core/push-control.ts'
import { type Counts, noCounts } from '../../core/queue.ts'
import type { Watching } from '../../protocols/native/index.ts'
import type { WatchEvent, WatchedQueue } from '../../protocols/native/schemas/watch.ts'
import type { Reading, Readings } from './readings.ts'

/** A queue as it is told of. */
interface Glance {
  readonly reading: Reading
  readonly queue: WatchedQueue
  /** The look at which it came to be as it is. */
  readonly changedAt: number
}

export type ChangedQueues = Pick<WatchEvent, 'whole' | 'queues' | 'removed'>

/** Removals that are remembered: whoever has missed more is told everything anew. */
const removalsKept = 1000

/** How queues looked last, and since which look: the same for everyone who watches, so many watchers cost little more than one. */
export class Glances {
  readonly #push: Pick<PushControl, 'list'>
  /** Another one for every process: a cursor of another's looks says nothing here. */
  readonly #process: string
  readonly #glances = new Map<string, Glance>()
  #removals: { readonly account: string; readonly name: string; readonly removedAt: number }[] = []
  #readings: Readings | undefined
  #look = 0
  /** Removals up to this look are forgotten. */
  #forgotten = 0

  constructor(push: Pick<PushControl, 'list'>, process: string) {
    this.#push = push
    this.#process = process
  }

  take(readings: Readings): void {
    if (this.#readings === readings) return
    this.#readings = readings
    this.#look++
    const there = new Set<string>()
    for (const [account, its] of readings.accounts) {
      const takers = deadLetterQueuesOf(its)
      const targets = Map.groupBy(this.#push.list({ account }), ({ queue }) => queue)
      for (const [name, reading] of its) {
        const place = placeOf(account, name)
        there.add(place)
        const before = this.#glances.get(place)
        const push = (targets.get(name) ?? noTargets).map(({ group, url, state, lastError }) => {
          return { group, url, state, detail: state === 'healthy' ? '' : (lastError?.reason ?? '') }
        })
        const isDeadLetterQueue = takers.has(name)
        if (before && isSame(before, reading, isDeadLetterQueue, push)) continue
        const { id: _, ...rest } = reading
        const queue = { ...rest, isDeadLetterQueue, push }
        this.#glances.set(place, { reading, queue, changedAt: this.#look })
      }
    }
    for (const [place, { queue }] of this.#glances) {
      if (there.has(place)) continue
      this.#glances.delete(place)
      this.#removals.push({ account: queue.account, name: queue.name, removedAt: this.#look })
    }
    if (this.#removals.length > removalsKept) {
      const [forgotten, kept] = [this.#removals.slice(0, -removalsKept), this.#removals.slice(-removalsKept)]
      this.#forgotten = forgotten.at(-1)?.removedAt ?? this.#forgotten
      this.#removals = kept
    }
  }

  /** What has changed since that look; everything for whoever has seen none, or none of late. */
  since(look: number | undefined, watching: Pick<Watching, 'account' | 'everyAccount' | 'mayWatch'>): ChangedQueues {
    const { account, everyAccount, mayWatch } = watching
    const whole = look === undefined || look < this.#forgotten
    const after = whole ? 0 : look
    const isTold = (owner: string, name: string) => (everyAccount || owner === account) && mayWatch(name)
    const queues: WatchedQueue[] = []
    for (const { queue, changedAt } of this.#glances.values()) {
      if (changedAt > after && isTold(queue.account, queue.name)) queues.push(queue)
    }
    const removed = (whole ? [] : this.#removals)
      .filter(({ removedAt, account, name }) => {
        return removedAt > after && isTold(account, name) && !this.#glances.has(placeOf(account, name))
      })
      .map(({ account, name }) => ({ account, name }))
    return { whole, queues, removed }
  }

  /** The number of the last look. */
  get look(): number {
    return this.#look
  }

  /** Names a look to whoever comes back over another connection. */
  cursorOf(look: number): string {
    return `${this.#process}.${look}`
  }

  /** The look that a cursor names; undefined when it is of another process. */
  lookOf(cursor: string | undefined): number | undefined {
    const [process, look] = cursor?.split('.') ?? []
    const number = Number(look)
    return process === this.#process && Number.isInteger(number) && number <= this.#look ? number : undefined
  }
}

const placeOf = (account: string, name: string): string => `${account}\n${name}`

const noTargets: ReturnType<PushControl['list']> = []

const deadLetterQueuesOf = (queues: ReadonlyMap<string, Reading>): Set<string> => {
  const names = new Set<string>()
  for (const { deadLetterQueue } of queues.values()) if (deadLetterQueue !== null) names.add(deadLetterQueue)
  return names
}

/** Number by number: most queues do nothing most of the time, and writing each out to compare it takes ten times as long. */
const isSame = (
  { reading: before, queue }: Glance,
  now: Reading,
  isDeadLetterQueue: boolean,
  push: WatchedQueue['push'],
): boolean =>
  before.id === now.id &&
  before.explicit === now.explicit &&
  before.ordering === now.ordering &&
  before.paused === now.paused &&
  before.consumerGroups === now.consumerGroups &&
  before.deadLetterQueue === now.deadLetterQueue &&
  isSameCounts(before.counts, now.counts) &&
  before.deadLetters === now.deadLetters &&
  before.oldestWaitingAt === now.oldestWaitingAt &&
  before.today?.P === now.today?.P &&
  before.today?.E === now.today?.E &&
  before.today?.F === now.today?.F &&
  before.workers === now.workers &&
  queue.isDeadLetterQueue === isDeadLetterQueue &&
  isSamePush(queue.push, push)

const names = Object.keys(noCounts()) as (keyof Counts)[]

const isSameCounts = (one: Counts, other: Counts): boolean => names.every((name) => one[name] === other[name])

const isSamePush = (one: WatchedQueue['push'], other: WatchedQueue['push']): boolean =>
  one.length === other.length && (one.length === 0 || JSON.stringify(one) === JSON.stringify(other))
