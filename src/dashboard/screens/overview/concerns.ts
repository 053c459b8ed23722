import type { LiveQueue } from '../../data/live-store.ts'
import { plural, rate, span } from '../../format.ts'

export interface Concern {
  readonly queue: LiveQueue
  readonly kind: 'push' | 'dead' | 'errored' | 'growing' | 'unattended' | 'paused'
  readonly severity: 'bad' | 'warn'
  readonly text: string
}

const order = ['push', 'dead', 'errored', 'growing', 'unattended', 'paused'] as const
/** A backlog grows when so much more has come than went, and by so large a part. */
const growth = { least: 20, share: 0.05 }
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
  const waiting = counts.ready + counts.behind + counts.delayed + counts.leased
  if (queue.isDeadLetterQueue && waiting > 0) {
    add('dead', 'bad', `${plural(waiting, 'dead letter')}, given up by other queues`)
  }
  if (queue.deadLetters > 0) add('dead', 'bad', `${plural(queue.deadLetters, 'dead letter')} of its consumer groups`)
  if (counts.errored > 0) add('errored', 'bad', `${plural(counts.errored, 'message')} errored`)
  const first = trail[0]
  const last = trail.at(-1)
  if (first && last && last.at - first.at >= 30_000) {
    const grown = last.waiting - first.waiting
    if (grown >= growth.least && grown > first.waiting * growth.share) {
      add('growing', 'warn', `The backlog grows: ${rate(queue.in)}/s come, ${rate(queue.out)}/s go`)
    }
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
    add('unattended', 'warn', `Nobody has taken anything for a while; the oldest waits since ${span(ageMs)}`)
  }
  return concerns
}
