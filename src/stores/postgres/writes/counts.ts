import { counters } from '../../../core/queue.ts'
import { int4s, int8s } from '../binary.ts'
import type { Statement } from '../flight.ts'
import type { Writing } from './writing.ts'

export const countWrites = ({ schema, overlay, lane }: Writing): Statement[] => {
  const statements: Statement[] = []
  if (overlay.countsRemoved.size > 0) {
    const groups = [...overlay.countsRemoved].flatMap((id) => {
      const queueId = overlay.placeOf(id)
      return queueId === undefined ? [] : [{ id, queueId }]
    })
    statements.push({
      text: `DELETE FROM ${schema}.group_count c USING unnest($1::int8[], $2::int4[]) AS k (q, g)
        WHERE c.queue_id = k.q AND c.group_id = k.g`,
      values: [int8s(groups.map(({ queueId }) => queueId)), int4s(groups.map(({ id }) => id))],
    })
  }
  const added = [...overlay.countDifferences]
    .filter(([, counts]) => counters.some((name) => counts[name] !== 0))
    .map(([groupId, counts]) => ({ groupId, queueId: overlay.placeOf(groupId) ?? 0, counts }))
    .sort((a, b) => a.queueId - b.queueId || a.groupId - b.groupId)
  if (added.length === 0) return statements
  statements.push({
    text: `INSERT INTO ${schema}.group_count AS c (queue_id, group_id, lane, ${counters.join(', ')})
      SELECT q, g, $13::int2, ${counters.map((_, i) => `n${i}`).join(', ')}
      FROM unnest($1::int8[], $2::int4[], ${counters.map((_, i) => `$${i + 3}::int8[]`).join(', ')})
        AS k (q, g, ${counters.map((_, i) => `n${i}`).join(', ')})
      ON CONFLICT (queue_id, group_id, lane) DO UPDATE SET
        ${counters.map((name) => `${name} = c.${name} + excluded.${name}`).join(', ')}`,
    values: [
      int8s(added.map(({ queueId }) => queueId)),
      int4s(added.map(({ groupId }) => groupId)),
      ...counters.map((name) => int8s(added.map(({ counts }) => counts[name]))),
      lane,
    ],
  })
  return statements
}

export const dayWrites = ({ schema, overlay, lane }: Writing): Statement[] => {
  const statements: Statement[] = []
  const queueOf = ({ groupId }: { groupId: number }) => overlay.placeOf(groupId) ?? 0
  const removed = [...overlay.daysRemoved.values()]
  if (removed.length > 0) {
    statements.push({
      text: `DELETE FROM ${schema}.count_of_day c USING unnest($1::int4[], $2::int4[]) AS k (d, g)
        WHERE c.day = k.d AND c.group_id = k.g`,
      values: [int4s(removed.map(({ day }) => day)), int4s(removed.map(({ groupId }) => groupId))],
    })
  }
  const groups = [...overlay.countsRemoved].map((groupId) => ({ groupId }))
  if (groups.length > 0) {
    statements.push({
      text: `DELETE FROM ${schema}.count_of_day c USING unnest($1::int8[], $2::int4[]) AS k (q, g)
        WHERE c.queue_id = k.q AND c.group_id = k.g`,
      values: [int8s(groups.map(queueOf)), int4s(groups.map(({ groupId }) => groupId))],
    })
  }
  const added = [...overlay.dayDifferences.values()].sort(
    (a, b) => queueOf(a) - queueOf(b) || a.groupId - b.groupId || a.day - b.day,
  )
  if (added.length > 0) {
    statements.push({
      text: `INSERT INTO ${schema}.count_of_day AS c (queue_id, group_id, day, lane, processed, errored, filtered)
        SELECT q, g, d, $7::int2, p, e, f FROM unnest($1::int8[], $2::int4[], $3::int4[], $4::int8[], $5::int8[], $6::int8[])
          AS k (q, g, d, p, e, f)
        ON CONFLICT (queue_id, group_id, day, lane) DO UPDATE SET processed = c.processed + excluded.processed,
          errored = c.errored + excluded.errored, filtered = c.filtered + excluded.filtered`,
      values: [
        int8s(added.map(queueOf)),
        int4s(added.map(({ groupId }) => groupId)),
        int4s(added.map(({ day }) => day)),
        int8s(added.map(({ processed }) => processed)),
        int8s(added.map(({ errored }) => errored)),
        int8s(added.map(({ filtered }) => filtered)),
        lane,
      ],
    })
  }
  return statements
}
