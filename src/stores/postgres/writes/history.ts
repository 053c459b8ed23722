import type { StepsRecord } from '../../../core/history.ts'
import type { HistoryEntry } from '../../../core/store.ts'
import { outcomeCode, toJson } from '../../sql/encoding.ts'
import { int8s } from '../binary.ts'
import { CopyRows } from '../copy-rows.ts'
import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
import type { Changes } from '../rows.ts'
import { exactly, type Writing } from './writing.ts'

export const historyWrites = (
  { schema }: Writing,
  { inserts, updates, deletes, puts, blindDeletes }: Changes<number, HistoryEntry>,
): Statement[] => {
  const statements: Statement[] = []
  const come = [...inserts, ...updates.map(({ value }) => value), ...puts]
  // An entry that is put takes the place of an earlier one.
  const gone = [
    ...deletes.map(({ key }) => key),
    ...blindDeletes,
    ...updates.map(({ value }) => value.serial),
    ...puts.map(({ serial }) => serial),
  ]
  if (gone.length > 0) {
    statements.push({
      text: `DELETE FROM ${schema}.history WHERE serial = ANY($1::int8[])`,
      values: [int8s(gone.sort((a, b) => a - b))],
    })
  }
  if (come.length > 0) {
    const rows = new CopyRows(9, 120 * come.length)
    for (const entry of come) {
      rows.row()
      rows.int8(entry.queueId)
      rows.int8(entry.serial)
      rows.int8(entry.sentAt)
      rows.int8(entry.finishedAt)
      rows.int8(entry.firstReceivedAt)
      rows.int4(entry.receiveCount)
      rows.int4(entry.reprocessCount)
      rows.int2(outcomeCode.number(entry.outcome))
      rows.text(toJson(entry.detail))
    }
    statements.push({
      text: `COPY ${schema}.history (queue_id, serial, sent_at, finished_at, first_received_at, receive_count, reprocess_count,
        outcome, detail) FROM STDIN (FORMAT binary)`,
      copy: rows.finish(),
    })
  }
  return statements
}

export const stepWrites = (
  { schema, stamp }: Writing,
  { inserts, updates, deletes, puts }: Changes<string, StepsRecord>,
): Statement[] => {
  const statements: Statement[] = []
  const gone = [...deletes, ...updates]
  if (gone.length > 0) {
    gone.sort((a, b) => a.value.queueId - b.value.queueId || a.value.serial - b.value.serial)
    const { from, values } = givenRows(gone, {
      q: ['int8', ({ value }) => value.queueId],
      n: ['int8', ({ value }) => value.serial],
      s: ['int4', ({ stamp: read }) => read],
    })
    const statement = `DELETE FROM ${schema}.step s USING ${from} WHERE s.queue_id = k.q AND s.serial = k.n AND s.stamp = k.s`
    statements.push({ text: exactly(gone.length, statement), values })
  }
  for (const [records, conflict] of [
    [[...inserts, ...updates.map(({ value }) => value)], ''],
    [
      puts,
      'ON CONFLICT (queue_id, serial) DO UPDATE SET lines = excluded.lines, omitted = excluded.omitted, stamp = excluded.stamp',
    ],
  ] as const) {
    if (records.length === 0) continue
    const { from, values } = givenRows(records, {
      q: ['int8', ({ queueId }) => queueId],
      n: ['int8', ({ serial }) => serial],
      l: ['text', ({ lines }) => JSON.stringify(lines)],
      o: ['int8', ({ omitted }) => omitted],
      s: ['int4', () => stamp],
    })
    statements.push({
      text: `INSERT INTO ${schema}.step (queue_id, serial, lines, omitted, stamp) SELECT * FROM ${from} ${conflict}`,
      values,
    })
  }
  return statements
}
