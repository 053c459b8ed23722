import { noCounts } from '../../../core/queue.ts'
import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
import { dayKey } from '../overlay/keys.ts'
import type { Loading } from './loading.ts'

export const countsOfGroups = ({ schema, overlay }: Loading, locks: readonly number[]): Statement[] => {
  const groups = new Map<number, number>()
  for (const groupId of overlay.needs.counts) {
    const queueId = overlay.placeOf(groupId)
    if (queueId !== undefined) groups.set(groupId, queueId)
  }
  // A virtual queue is there while it holds messages, which is asked for sooner or later.
  for (const queueId of [...overlay.needs.unverified, ...locks]) {
    const queue = overlay.queueBase.get(queueId)?.record
    if (queue && (!queue.explicit || queue.settings.maxMessages !== null)) {
      for (const { id } of queue.groups) if (!overlay.countBase.has(id)) groups.set(id, queueId)
    }
  }
  if (groups.size === 0) return []
  const { from, values } = givenRows([...groups], { q: ['int8', ([, queueId]) => queueId], g: ['int4', ([id]) => id] })
  return [
    {
      text: `SELECT c.group_id, sum(c.ready), sum(c.behind), sum(c.delayed), sum(c.leased), sum(c.reprocessing),
        sum(c.processed), sum(c.errored), sum(c.filtered), sum(c.shelved), sum(c.done)
      FROM ${from}
      JOIN ${schema}.group_count c ON c.queue_id = k.q AND c.group_id = k.g GROUP BY c.group_id`,
      values,
      rows: (rows) => {
        for (const groupId of groups.keys()) overlay.countBase.set(groupId, noCounts())
        for (const row of rows) {
          const [groupId, ready, behind, delayed, leased, reprocessing, processed, errored, filtered, shelved, done] =
            row.map(Number) as CountRow
          overlay.countBase.set(groupId, {
            ready,
            behind,
            delayed,
            leased,
            reprocessing,
            processed,
            errored,
            filtered,
            shelved,
            done,
          })
        }
      },
    },
  ]
}

export const countsOfDays = (
  { schema, overlay }: Loading,
  wanted: readonly { groupId: number; day: number }[],
): Statement => {
  const { from, values } = givenRows(wanted, {
    q: ['int8', ({ groupId }) => overlay.placeOf(groupId) ?? 0],
    g: ['int4', ({ groupId }) => groupId],
    d: ['int4', ({ day }) => day],
  })
  return {
    text: `SELECT c.group_id, c.day, sum(c.processed), sum(c.errored), sum(c.filtered) FROM ${from}
      JOIN ${schema}.count_of_day c ON c.queue_id = k.q AND c.group_id = k.g AND c.day = k.d GROUP BY c.group_id, c.day`,
    values,
    rows: (rows) => {
      for (const { groupId, day } of wanted) {
        overlay.dayBase.set(dayKey(groupId, day), { processed: 0, errored: 0, filtered: 0 })
      }
      for (const row of rows) {
        const [groupId, day, processed, errored, filtered] = row.map(Number) as [number, number, number, number, number]
        overlay.dayBase.set(dayKey(groupId, day), { processed, errored, filtered })
      }
    },
  }
}

type CountRow = [number, number, number, number, number, number, number, number, number, number, number]
