import type { Row } from '../columns.ts'
import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
import { deduplicationKey } from '../overlay/keys.ts'
import { Conflict } from '../overlay/state.ts'
import { deduplicationColumns, keyHash, readDeduplication } from '../records.ts'
import type { Loading } from './loading.ts'

export const deduplicationsByKey = (loading: Loading): Statement[] => {
  const { schema, overlay } = loading
  const wanted: { groupId: number; key: string; queueId: number }[] = []
  for (const { groupId, key } of overlay.needs.deduplications.values()) {
    const queueId = overlay.placeOf(groupId)
    if (queueId !== undefined) wanted.push({ groupId, key, queueId })
  }
  if (wanted.length === 0) return []
  const { from, values } = givenRows(wanted, {
    q: ['int8', ({ queueId }) => queueId],
    g: ['int4', ({ groupId }) => groupId],
    h: ['bytea', ({ key }) => keyHash(key)],
  })
  return [
    {
      text: `SELECT ${deduplicationColumns} FROM ${from}
        JOIN ${schema}.deduplication e ON e.queue_id = k.q AND e.group_id = k.g AND e.key_hash = k.h`,
      values,
      rows: (rows) => {
        const found = new Set(loadDeduplications(loading, rows))
        for (const { groupId, key } of wanted) {
          const place = deduplicationKey(groupId, key)
          if (!found.has(place) && !overlay.deduplications.load(place, undefined, 0)) throw new Conflict()
        }
      },
    },
  ]
}

export const loadDeduplications = ({ known, overlay }: Loading, rows: readonly Row[]): string[] =>
  rows.map((row) => {
    const { entry, queueId, stamp } = readDeduplication(row)
    const key = deduplicationKey(entry.groupId, entry.key)
    known.rememberGroup(entry.groupId, queueId)
    if (!overlay.deduplications.load(key, entry, stamp)) throw new Conflict()
    return key
  })
