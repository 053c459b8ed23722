import type { Deduplication } from '../../../core/store.ts'
import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
import { keyHash } from '../records.ts'
import type { Changes } from '../rows.ts'
import { exactly, type Writing } from './writing.ts'

export const deduplicationWrites = (
  { schema, overlay, stamp }: Writing,
  { inserts, updates, deletes, puts }: Changes<string, Deduplication>,
): Statement[] => {
  const statements: Statement[] = []
  const queueOf = (groupId: number) => overlay.placeOf(groupId) ?? 0
  const gone = [...deletes, ...updates.map(({ value, stamp: read }) => ({ value, stamp: read }))]
  if (gone.length > 0) {
    const { from, values } = givenRows(gone, {
      q: ['int8', ({ value }) => queueOf(value.groupId)],
      g: ['int4', ({ value }) => value.groupId],
      h: ['bytea', ({ value }) => keyHash(value.key)],
      s: ['int4', ({ stamp: read }) => read],
    })
    const statement = `DELETE FROM ${schema}.deduplication e USING ${from}
      WHERE e.queue_id = k.q AND e.group_id = k.g AND e.key_hash = k.h AND e.stamp = k.s`
    statements.push({ text: exactly(gone.length, statement), values })
  }
  for (const [entries, conflict] of [
    [[...inserts, ...updates.map(({ value }) => value)], ''],
    [
      puts,
      `ON CONFLICT (queue_id, group_id, key_hash) DO UPDATE SET serial = excluded.serial, count = excluded.count,
        sent_at = excluded.sent_at, position = excluded.position, expires_at = excluded.expires_at,
        digest = excluded.digest, stamp = excluded.stamp`,
    ],
  ] as const) {
    if (entries.length === 0) continue
    const { from, values } = givenRows(entries, {
      queue_id: ['int8', ({ groupId }) => queueOf(groupId)],
      group_id: ['int4', ({ groupId }) => groupId],
      key_hash: ['bytea', ({ key }) => keyHash(key)],
      key: ['text', ({ key }) => key],
      serial: ['int8', ({ serial }) => serial],
      count: ['int4', ({ count }) => count],
      sent_at: ['int8', ({ sentAt }) => sentAt],
      position: ['int8', ({ position }) => position],
      expires_at: ['int8', ({ expiresAt }) => expiresAt],
      digest: ['text', ({ digest }) => digest],
      stamp: ['int4', () => stamp],
    })
    statements.push({
      text: `INSERT INTO ${schema}.deduplication (queue_id, group_id, key_hash, key, serial, count, sent_at, position, expires_at, digest, stamp)
        SELECT * FROM ${from} ${conflict}`,
      values,
    })
  }
  return statements
}
