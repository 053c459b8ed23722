import type { Registry } from 'prom-client'
import type { Clock } from '../../../core/clock.ts'
import type { QueueEngine } from '../../../core/engine-api.ts'
import { isRefusal } from '../../../core/errors.ts'
import { type Counts, counters, noCounts, unfinished } from '../../../core/queue.ts'
import type { QueueView } from '../../../core/requests.ts'
import { everyQueue, type QueueLister } from '../../every-queue.ts'
import { addMetric, type Sample } from './samples.ts'

export interface QueueDepthOptions extends QueueLister {
  readonly engine: Pick<QueueEngine, 'listQueues' | 'queueSpan'>
  readonly clock: Clock
  /** So many rows of their own; the others are summed up. */
  readonly limit: number
}

/** One consumer group of one queue; most queues have one. */
interface Row {
  readonly account: string
  readonly queue: string
  readonly group: string
  readonly counts: Counts
  readonly deadLetters: number
}

/** How full queues are, read when it is asked for. The counts are kept by the store, so nothing is counted here. */
export class QueueDepth {
  readonly #options: QueueDepthOptions
  #queues = 0
  #depth: Sample[] = []
  #age: Sample[] = []

  constructor(registry: Registry, options: QueueDepthOptions) {
    this.#options = options
    addMetric(registry, {
      name: 'millrace_queues',
      help: 'Queues that exist.',
      type: 'gauge',
      sample: () => [{ value: this.#queues }],
    })
    addMetric(registry, {
      name: 'millrace_queue_messages',
      help: 'Messages by state, for each consumer group of the fullest queues; queue="" sums up the rest.',
      type: 'gauge',
      sample: () => this.#depth,
    })
    addMetric(registry, {
      name: 'millrace_queue_oldest_message_age_seconds',
      help: 'Age of the oldest message in the fullest queues, whatever its state.',
      type: 'gauge',
      sample: () => this.#age,
    })
  }

  /** Reads it all anew. */
  async refresh(): Promise<void> {
    const rows: Row[] = []
    let queues = 0
    for await (const queue of everyQueue(this.#options)) {
      queues++
      rows.push(...rowsOf(queue))
    }
    rows.sort((a, b) => unfinished(b.counts) - unfinished(a.counts))
    const { limit } = this.#options
    const shown = rows.slice(0, limit)
    const rest = sumOf(rows.slice(limit))
    const age = await this.#ages(shown)
    this.#queues = queues
    this.#depth = [...shown, ...(rest ? [rest] : [])].flatMap(depthSamples)
    this.#age = age
  }

  async #ages(rows: readonly Row[]): Promise<Sample[]> {
    const queues = new Map(rows.map((row) => [`${row.account}\n${row.queue}`, row]))
    const now = this.#options.clock.now()
    const ages = await Promise.all(Array.from(queues.values(), (row) => this.#ageOf(row, now)))
    return ages.flat()
  }

  async #ageOf({ account, queue }: Row, now: number): Promise<Sample[]> {
    try {
      const { oldest } = await this.#options.engine.queueSpan({ account, queue })
      const value = oldest ? Math.max(0, now - oldest.sentAt) / 1000 : 0
      return [{ labels: { account, queue }, value }]
    } catch (error) {
      // It has gone meanwhile.
      if (isRefusal(error, 'QueueNotFound')) return []
      throw error
    }
  }
}

const rowsOf = ({ account, name: queue, groups, counts }: QueueView): Row[] =>
  groups.length === 0
    ? [{ account, queue, group: '', counts, deadLetters: 0 }]
    : groups.map(({ name: group, counts, deadLetters }) => ({
        account,
        queue,
        group,
        counts,
        deadLetters: deadLetters ? unfinished(deadLetters) : 0,
      }))

const sumOf = (rows: readonly Row[]): Row | undefined => {
  if (rows.length === 0) return undefined
  const counts = noCounts()
  for (const row of rows) for (const state of states) counts[state] += row.counts[state]
  return { account: '', queue: '', group: '', counts, deadLetters: rows.reduce((sum, row) => sum + row.deadLetters, 0) }
}

/** All but the number of those that are gone. */
const states = counters.filter((state) => state !== 'done')

const depthSamples = ({ account, queue, group, counts, deadLetters }: Row): Sample[] => {
  const labels = { account, queue, group }
  return [
    ...states.map((state) => ({ labels: { ...labels, state }, value: counts[state] })),
    { labels: { ...labels, state: 'dead-letters' }, value: deadLetters },
  ]
}
