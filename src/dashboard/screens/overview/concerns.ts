import type { LiveQueue, Reading } from '../../data/live-store.ts'
import { count, plural, span } from '../../format.ts'
import { queuedOf } from '../../types.ts'

export interface Concern {
  readonly queue: LiveQueue
  readonly kind: 'push' | 'dead' | 'errored' | 'growing' | 'unattended' | 'paused'
  readonly severity: 'bad' | 'warn'
  readonly text: string
}

const order = ['push', 'dead', 'errored', 'growing', 'unattended', 'paused'] as const
/** A backlog grows when it has got longer by so many messages and by so large a part, over so long. */
const growth = { least: 20, share: 0.1, overMs: 30_000 }
const unattendedMs = 300_000

/** What somebody should look at, the most pressing first. */
export const concernsOf = (queues: readonly LiveQueue[], now: number): Concern[] =>
  queues
    .flatMap((queue) => concernsOfQueue(queue, now))
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || a.queue.name.localeCompare(b.queue.name))

const concernsOfQueue = (queue: LiveQueue, now: number): Concern[] => {
  const { counts, trail } = queue
  const concerns: Concern[] = []
  const add = (kind: Concern['kind'], severity: Concern['severity'], text: string) =>
    concerns.push({ queue, kind, severity, text })

  for (const { url, state, detail } of queue.push) {
    if (state !== 'healthy') add('push', 'bad', `The push target ${url} is ${state}${detail ? `: ${detail}` : ''}`)
  }
  const waiting = queuedOf(counts)
  if (queue.isDeadLetterQueue && waiting > 0) {
    add('dead', 'bad', `${plural(waiting, 'dead letter')}, given up by other queues`)
  }
  if (queue.deadLetters > 0) add('dead', 'bad', `${plural(queue.deadLetters, 'dead letter')} of its consumer groups`)
  if (counts.errored > 0) add('errored', 'bad', `${plural(counts.errored, 'message')} errored`)
  const grown = growthOf(trail)
  if (grown) {
    const { from, to, ms } = grown
    add('growing', 'warn', `The backlog grew from ${count(from)} to ${count(to)} messages in ${span(ms)}`)
  }
  const ageMs = queue.oldestWaitingAt === null ? 0 : now - queue.oldestWaitingAt
  if (queue.paused && waiting > 0) add('paused', 'warn', `Paused, with ${plural(waiting, 'message')} waiting`)
  else if (
    !queue.isDeadLetterQueue &&
    counts.ready > 0 &&
    ageMs > unattendedMs &&
    counts.leased === 0 &&
    queue.out === 0
  ) {
    add('unattended', 'warn', `Nobody takes anything from it; the oldest has waited for ${span(ageMs)}`)
  }
  return concerns
}

/** How a backlog has grown over its trail; the ends are means, so that a burst that is worked off at once is none. */
export const growthOf = (trail: readonly Reading[]): { from: number; to: number; ms: number } | undefined => {
  const [first] = trail
  const last = trail.at(-1)
  if (!first || !last || last.at - first.at < growth.overMs) return undefined
  const part = Math.ceil(trail.length / 4)
  const [from, middle, to] = [trail.slice(0, part), trail.slice(part, -part), trail.slice(-part)].map(meanOf) as Means
  // It never came back down to what it was: what comes in waves does.
  const grown = Math.min(...trail.slice(-part).map(({ waiting }) => waiting)) - from
  if (grown < growth.least || grown < from * growth.share || to <= middle) return undefined
  return { from: Math.round(from), to: Math.round(to), ms: last.at - first.at }
}

type Means = [from: number, middle: number, to: number]

const meanOf = (readings: readonly Reading[]): number =>
  readings.reduce((sum, { waiting }) => sum + waiting, 0) / Math.max(1, readings.length)
