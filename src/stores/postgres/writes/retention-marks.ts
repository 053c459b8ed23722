import type { RetentionMark } from '../../../core/store.ts'
import { int4s, int8s } from '../binary.ts'
import type { Statement } from '../flight.ts'
import type { Changes } from '../rows.ts'
import { exactly, type Writing } from './writing.ts'

export const markWrites = (
  { schema, stamp }: Writing,
  { inserts, updates, deletes, puts, blindDeletes }: Changes<number, RetentionMark>,
): Statement[] => {
  const statements: Statement[] = []
  if (blindDeletes.length > 0) {
    statements.push({
      text: `DELETE FROM ${schema}.retention_mark WHERE queue_id = ANY($1::int8[])`,
      values: [int8s(blindDeletes)],
    })
  }
  const gone = [
    ...deletes.map(({ key, stamp: read }) => ({ key, read })),
    ...updates.map(({ value, stamp: read }) => ({ key: value.queueId, read })),
  ]
  if (gone.length > 0) {
    const statement = `DELETE FROM ${schema}.retention_mark r USING unnest($1::int8[], $2::int4[]) AS k (q, s)
      WHERE r.queue_id = k.q AND r.stamp = k.s`
    statements.push({
      text: exactly(gone.length, statement),
      values: [int8s(gone.map(({ key }) => key)), int4s(gone.map(({ read }) => read))],
    })
  }
  for (const [marks, conflict] of [
    [[...inserts, ...updates.map(({ value }) => value)], ''],
    [
      puts,
      'ON CONFLICT (queue_id) DO UPDATE SET check_at = excluded.check_at, cursor = excluded.cursor, stamp = excluded.stamp',
    ],
  ] as const) {
    if (marks.length === 0) continue
    statements.push({
      text: `INSERT INTO ${schema}.retention_mark (queue_id, check_at, cursor, stamp)
        SELECT *, $4::int4 FROM unnest($1::int8[], $2::int8[], $3::int8[]) ${conflict}`,
      values: [
        int8s(marks.map(({ queueId }) => queueId)),
        int8s(marks.map(({ checkAt }) => checkAt)),
        int8s(marks.map(({ cursor }) => cursor)),
        stamp,
      ],
    })
  }
  return statements
}
