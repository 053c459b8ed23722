import type { Deduplication } from '../../../core/store.ts'
import { byteas, int4s, int8s, texts } from '../binary.ts'
import type { Statement } from '../flight.ts'
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
    const statement = `DELETE FROM ${schema}.deduplication e USING unnest($1::int8[], $2::int4[], $3::bytea[], $4::int4[]) AS k (q, g, h, s)
      WHERE e.queue_id = k.q AND e.group_id = k.g AND e.key_hash = k.h AND e.stamp = k.s`
    statements.push({
      text: exactly(gone.length, statement),
      values: [
        int8s(gone.map(({ value }) => queueOf(value.groupId))),
        int4s(gone.map(({ value }) => value.groupId)),
        byteas(gone.map(({ value }) => keyHash(value.key))),
        int4s(gone.map(({ stamp: read }) => read)),
      ],
    })
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
    statements.push({
      text: `INSERT INTO ${schema}.deduplication (queue_id, group_id, key_hash, key, serial, count, sent_at, position, expires_at, digest, stamp)
        SELECT *, $11::int4 FROM unnest($1::int8[], $2::int4[], $3::bytea[], $4::text[], $5::int8[], $6::int4[], $7::int8[], $8::int8[],
          $9::int8[], $10::text[]) ${conflict}`,
      values: [
        int8s(entries.map(({ groupId }) => queueOf(groupId))),
        int4s(entries.map(({ groupId }) => groupId)),
        byteas(entries.map(({ key }) => keyHash(key))),
        texts(entries.map(({ key }) => key)),
        int8s(entries.map(({ serial }) => serial)),
        int4s(entries.map(({ count }) => count)),
        int8s(entries.map(({ sentAt }) => sentAt)),
        int8s(entries.map(({ position }) => position)),
        int8s(entries.map(({ expiresAt }) => expiresAt)),
        texts(entries.map(({ digest }) => digest)),
        stamp,
      ],
    })
  }
  return statements
}
