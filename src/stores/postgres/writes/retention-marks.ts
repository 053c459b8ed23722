import type { RetentionMark } from '../../../core/store.ts'
import { int8s } from '../binary.ts'
import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
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
    const { from, values } = givenRows(gone, { q: ['int8', ({ key }) => key], s: ['int4', ({ read }) => read] })
    const statement = `DELETE FROM ${schema}.retention_mark r USING ${from} WHERE r.queue_id = k.q AND r.stamp = k.s`
    statements.push({ text: exactly(gone.length, statement), values })
  }
  for (const [marks, conflict] of [
    [[...inserts, ...updates.map(({ value }) => value)], ''],
    [
      puts,
      'ON CONFLICT (queue_id) DO UPDATE SET check_at = excluded.check_at, cursor = excluded.cursor, stamp = excluded.stamp',
    ],
  ] as const) {
    if (marks.length === 0) continue
    const { from, values } = givenRows(marks, {
      q: ['int8', ({ queueId }) => queueId],
      a: ['int8', ({ checkAt }) => checkAt],
      c: ['int8', ({ cursor }) => cursor],
      s: ['int4', () => stamp],
    })
    statements.push({
      text: `INSERT INTO ${schema}.retention_mark (queue_id, check_at, cursor, stamp) SELECT * FROM ${from} ${conflict}`,
      values,
    })
  }
  return statements
}
