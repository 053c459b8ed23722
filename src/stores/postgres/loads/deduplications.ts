import { byteas, int4s, int8s } from '../binary.ts'
import type { Row, Statement } from '../flight.ts'
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
  return [
    {
      text: `SELECT ${deduplicationColumns} FROM unnest($1::int8[], $2::int4[], $3::bytea[]) AS k (q, g, h)
        JOIN ${schema}.deduplication e ON e.queue_id = k.q AND e.group_id = k.g AND e.key_hash = k.h`,
      values: [
        int8s(wanted.map(({ queueId }) => queueId)),
        int4s(wanted.map(({ groupId }) => groupId)),
        byteas(wanted.map(({ key }) => keyHash(key))),
      ],
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
