import { int8s } from '../binary.ts'
import type { Row } from '../columns.ts'
import type { Statement } from '../flight.ts'
import { Conflict } from '../overlay/state.ts'
import { markColumns, readMark } from '../records.ts'
import type { Loading } from './loading.ts'

export const marksOfQueues = (loading: Loading, queueIds: readonly number[]): Statement => {
  const { schema, overlay } = loading
  return {
    text: `SELECT ${markColumns} FROM ${schema}.retention_mark WHERE queue_id = ANY($1::int8[])`,
    values: [int8s(queueIds)],
    rows: (rows) => {
      const found = new Set(loadMarks(loading, rows))
      for (const id of queueIds) if (!found.has(id) && !overlay.marks.load(id, undefined, 0)) throw new Conflict()
    },
  }
}

export const loadMarks = ({ known, overlay }: Loading, rows: readonly Row[]): number[] =>
  rows.map((row) => {
    const { mark, stamp } = readMark(row)
    known.noteMark(mark.queueId, mark)
    if (!overlay.marks.load(mark.queueId, mark, stamp)) throw new Conflict()
    return mark.queueId
  })
