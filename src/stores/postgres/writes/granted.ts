import type { Delivery } from '../../../core/delivery.ts'
import { int8s } from '../binary.ts'
import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
import type { Writing } from './writing.ts'

/** Moves the ends of queues, and takes these for this transaction alone; fails where somebody has taken later positions. */
export const endWrites = ({ schema, overlay }: Writing): Statement[] => {
  const moved = [...overlay.taken].filter(([id]) => overlay.ahead.has(id) || overlay.endBase.has(id))
  if (moved.length === 0) return []
  moved.sort(([a], [b]) => a - b)
  const { from, values } = givenRows(moved, {
    q: ['int8', ([id]) => id],
    f: ['int8', ([, { first }]) => first],
    l: ['int8', ([, { last }]) => last],
  })
  // That a queue is there still is for the proofs, and for the lock.
  const text = `UPDATE ${schema}.queue_end e SET position = k.l / (e.position < k.f)::int FROM ${from} WHERE e.queue_id = k.q`
  return [{ text, values }]
}

export const proofs = ({ schema, overlay }: Writing): Statement[] => {
  const statements: Statement[] = []
  const queues = [...new Set([...overlay.needs.unverified, ...overlay.ahead])]
  if (queues.length > 0) {
    const { from, values } = givenRows(queues, {
      q: ['int8', (id) => id],
      v: ['int4', (id) => overlay.queueBase.get(id)?.version ?? 0],
    })
    statements.push({
      text: `SELECT 1 / (count(*) = ${queues.length})::int FROM ${from} JOIN ${schema}.queue q ON q.id = k.q AND q.version = k.v`,
      values,
    })
  }
  const marks = [...overlay.assumedMarks]
  if (marks.length > 0) {
    statements.push({
      text: `SELECT 1 / (count(*) = ${marks.length})::int FROM ${schema}.retention_mark WHERE queue_id = ANY($1::int8[])`,
      values: [int8s(marks)],
    })
  }
  // Those that are written are checked as they are written.
  const items: (Delivery & { readonly stamp: number; readonly queueId: number })[] = []
  overlay.assumedItems.forEach((stamp, key) => {
    const delivery = overlay.deliveries.written.has(key) ? undefined : overlay.deliveries.loaded.get(key)?.value
    if (delivery) items.push({ ...delivery, stamp, queueId: overlay.placeOf(delivery.groupId) ?? 0 })
  })
  if (items.length > 0) {
    const { from, values } = givenRows(items, {
      q: ['int8', ({ queueId }) => queueId],
      g: ['int4', ({ groupId }) => groupId],
      p: ['int8', ({ position }) => position],
      s: ['int4', ({ stamp }) => stamp],
    })
    statements.push({
      text: `SELECT 1 / (count(*) = ${items.length})::int FROM ${from}
        JOIN ${schema}.delivery d ON d.queue_id = k.q AND d.group_id = k.g AND d.position = k.p AND d.stamp = k.s`,
      values,
    })
  }
  return statements
}
