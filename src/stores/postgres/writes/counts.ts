import { counters } from '../../../core/queue.ts'
import type { Statement } from '../flight.ts'
import { type GivenColumn, givenRows } from '../given-rows.ts'
import type { Writing } from './writing.ts'

export const countWrites = ({ schema, overlay, lane }: Writing): Statement[] => {
  const statements: Statement[] = []
  if (overlay.countsRemoved.size > 0) {
    const groups = [...overlay.countsRemoved].flatMap((id) => {
      const queueId = overlay.placeOf(id)
      return queueId === undefined ? [] : [{ id, queueId }]
    })
    const { from, values } = givenRows(groups, { q: ['int8', ({ queueId }) => queueId], g: ['int4', ({ id }) => id] })
    statements.push({
      text: `DELETE FROM ${schema}.group_count c USING ${from} WHERE c.queue_id = k.q AND c.group_id = k.g`,
      values,
    })
  }
  const added = [...overlay.countDifferences]
    .filter(([, counts]) => counters.some((name) => counts[name] !== 0))
    .map(([groupId, counts]) => ({ groupId, queueId: overlay.placeOf(groupId) ?? 0, counts }))
    .sort((a, b) => a.queueId - b.queueId || a.groupId - b.groupId)
  if (added.length === 0) return statements
  const columns: Record<string, GivenColumn<(typeof added)[number]>> = {
    q: ['int8', ({ queueId }) => queueId],
    g: ['int4', ({ groupId }) => groupId],
  }
  // Only those that change, which are two or three of the ten.
  const changed = counters.filter((name) => added.some(({ counts }) => counts[name] !== 0))
  for (const name of changed) columns[name] = ['int8', ({ counts }) => counts[name]]
  const { from, values } = givenRows(added, columns, 2)
  statements.push({
    text: `INSERT INTO ${schema}.group_count AS c (queue_id, group_id, lane, ${counters.join(', ')})
      SELECT k.q, k.g, $1::int2, ${counters.map((name) => (changed.includes(name) ? `k.${name}` : '0')).join(', ')} FROM ${from}
      ON CONFLICT (queue_id, group_id, lane) DO UPDATE SET
        ${changed.map((name) => `${name} = c.${name} + excluded.${name}`).join(', ')}`,
    values: [lane, ...values],
  })
  return statements
}

export const dayWrites = ({ schema, overlay, lane }: Writing): Statement[] => {
  const statements: Statement[] = []
  const queueOf = ({ groupId }: { groupId: number }) => overlay.placeOf(groupId) ?? 0
  const removed = [...overlay.daysRemoved.values()]
  if (removed.length > 0) {
    const { from, values } = givenRows(removed, {
      d: ['int4', ({ day }) => day],
      g: ['int4', ({ groupId }) => groupId],
    })
    statements.push({
      text: `DELETE FROM ${schema}.count_of_day c USING ${from} WHERE c.day = k.d AND c.group_id = k.g`,
      values,
    })
  }
  const groups = [...overlay.countsRemoved].map((groupId) => ({ groupId }))
  if (groups.length > 0) {
    const { from, values } = givenRows(groups, { q: ['int8', queueOf], g: ['int4', ({ groupId }) => groupId] })
    statements.push({
      text: `DELETE FROM ${schema}.count_of_day c USING ${from} WHERE c.queue_id = k.q AND c.group_id = k.g`,
      values,
    })
  }
  const added = [...overlay.dayDifferences.values()].sort(
    (a, b) => queueOf(a) - queueOf(b) || a.groupId - b.groupId || a.day - b.day,
  )
  if (added.length > 0) {
    const { from, values } = givenRows(added, {
      queue_id: ['int8', queueOf],
      group_id: ['int4', ({ groupId }) => groupId],
      day: ['int4', ({ day }) => day],
      lane: ['int2', () => lane],
      processed: ['int8', ({ processed }) => processed],
      errored: ['int8', ({ errored }) => errored],
      filtered: ['int8', ({ filtered }) => filtered],
    })
    statements.push({
      text: `INSERT INTO ${schema}.count_of_day AS c (queue_id, group_id, day, lane, processed, errored, filtered)
        SELECT * FROM ${from}
        ON CONFLICT (queue_id, group_id, day, lane) DO UPDATE SET processed = c.processed + excluded.processed,
          errored = c.errored + excluded.errored, filtered = c.filtered + excluded.filtered`,
      values,
    })
  }
  return statements
}
