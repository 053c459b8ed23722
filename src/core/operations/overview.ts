import type { Millis } from '../clock.ts'
import type { DeliveryType } from '../delivery.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import type { QueueOverview } from '../requests.ts'
import type { Step } from '../step.ts'
import { countsByType, noneOfAnyType } from './search.ts'

/** Nothing of it is counted or looked for by scanning. Who works on the queue is for the engine to say. */
export const queueOverview = (step: Step, queue: QueueRecord): Omit<QueueOverview, 'workers'> => {
  const types = noneOfAnyType()
  const today = { P: 0, E: 0, F: 0 }
  let oldestWaitingAt: Millis | null = null
  for (const group of queue.groups) {
    if (group.kind !== 'default' && group.kind !== 'consumer') continue
    for (const [type, count] of Object.entries(countsByType(step, group))) types[type as DeliveryType] += count
    const { processed, errored, filtered } = step.tx.countsOfDay(group.id, step.today)
    today.P += processed
    today.E += errored
    today.F += filtered
    const oldest = oldestWaiting(step, queue, group)
    if (oldest !== null) oldestWaitingAt = Math.min(oldest, oldestWaitingAt ?? oldest)
  }
  return { types, today, oldestWaitingAt }
}

/** The one that is next is the oldest, but for priorities and queues that hand out the newest first. */
const oldestWaiting = (step: Step, queue: QueueRecord, group: GroupRecord): Millis | null => {
  const { ready } = step.tx.counts(group.id)
  if (ready === 0) return null
  if (queue.settings.newestFirst) {
    const first = step.tx.search(group.id, { states: ['ready'], limit: 1, examine: lookedAt }).items[0]
    if (first) return first.message.sentAt
  }
  return step.tx.ready(group.id, 1)[0]?.message.sentAt ?? null
}

const lookedAt = 1000
