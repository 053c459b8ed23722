import { int4s, int8s } from '../binary.ts'
import type { Statement } from '../flight.ts'
import { exactly, type Writing } from './writing.ts'

/** Moves the ends of queues, and takes these for this transaction alone; fails where somebody has taken later positions. */
export const endWrites = ({ schema, overlay }: Writing): Statement[] => {
  const moved = [...overlay.taken].filter(([id]) => overlay.ahead.has(id) || overlay.endBase.has(id))
  if (moved.length === 0) return []
  moved.sort(([a], [b]) => a - b)
  const statement = `UPDATE ${schema}.queue_end e SET position = k.l FROM unnest($1::int8[], $2::int8[], $3::int8[]) AS k (q, f, l)
    WHERE e.queue_id = k.q AND e.position < k.f`
  return [
    {
      text: exactly(moved.length, statement),
      values: [
        int8s(moved.map(([id]) => id)),
        int8s(moved.map(([, { first }]) => first)),
        int8s(moved.map(([, { last }]) => last)),
      ],
    },
  ]
}

export const proofs = ({ schema, overlay }: Writing): Statement[] => {
  const statements: Statement[] = []
  const queues = [...new Set([...overlay.needs.unverified, ...overlay.ahead])]
  if (queues.length > 0) {
    statements.push({
      text: `SELECT 1 / (count(*) = ${queues.length})::int FROM unnest($1::int8[], $2::int4[]) AS k (q, v)
        JOIN ${schema}.queue q ON q.id = k.q AND q.version = k.v`,
      values: [int8s(queues), int4s(queues.map((id) => overlay.queueBase.get(id)?.version ?? 0))],
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
  const items = [...overlay.assumedItems].flatMap(([key, stamp]) => {
    const delivery = overlay.deliveries.written.has(key) ? undefined : overlay.deliveries.loaded.get(key)?.value
    return delivery ? [{ ...delivery, stamp, queueId: overlay.placeOf(delivery.groupId) ?? 0 }] : []
  })
  if (items.length > 0) {
    statements.push({
      text: `SELECT 1 / (count(*) = ${items.length})::int
        FROM unnest($1::int8[], $2::int4[], $3::int8[], $4::int4[]) AS k (q, g, p, s)
        JOIN ${schema}.delivery d ON d.queue_id = k.q AND d.group_id = k.g AND d.position = k.p AND d.stamp = k.s`,
      values: [
        int8s(items.map(({ queueId }) => queueId)),
        int4s(items.map(({ groupId }) => groupId)),
        int8s(items.map(({ position }) => position)),
        int4s(items.map(({ stamp }) => stamp)),
      ],
    })
  }
  return statements
}
