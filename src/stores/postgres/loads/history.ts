import { int8s } from '../binary.ts'
import type { Row } from '../columns.ts'
import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
import { stepKey } from '../overlay/keys.ts'
import { Conflict } from '../overlay/state.ts'
import { historyColumns, readHistory, readSteps, stepColumns } from '../records.ts'
import type { Loading } from './loading.ts'

export const historyBySerial = ({ schema, overlay }: Loading, serials: readonly number[]): Statement => ({
  text: `SELECT ${historyColumns} FROM ${schema}.history WHERE serial = ANY($1::int8[])`,
  values: [int8s(serials)],
  rows: (rows) => {
    for (const row of rows) {
      const entry = readHistory(row)
      overlay.histories.load(entry.serial, entry, 0)
    }
    for (const serial of serials) {
      if (!overlay.histories.loaded.has(serial)) overlay.histories.load(serial, undefined, 0)
    }
  },
})

export const stepsOfMessages = (
  loading: Loading,
  wanted: readonly { queueId: number; serial: number }[],
): Statement => {
  const { schema, overlay } = loading
  const { from, values } = givenRows(wanted, {
    q: ['int8', ({ queueId }) => queueId],
    n: ['int8', ({ serial }) => serial],
  })
  return {
    text: `SELECT ${stepColumns} FROM ${from} JOIN ${schema}.step s ON s.queue_id = k.q AND s.serial = k.n`,
    values,
    rows: (rows) => {
      const found = new Set(loadSteps(loading, rows))
      for (const { queueId, serial } of wanted) {
        const key = stepKey(queueId, serial)
        if (!found.has(key) && !overlay.stepRows.load(key, undefined, 0)) throw new Conflict()
      }
    },
  }
}

export const loadSteps = ({ overlay }: Loading, rows: readonly Row[]): string[] =>
  rows.map((row) => {
    const { record, stamp } = readSteps(row)
    const key = stepKey(record.queueId, record.serial)
    if (!overlay.stepRows.load(key, record, stamp)) throw new Conflict()
    return key
  })
