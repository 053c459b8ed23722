import { int4s, int8s } from '../binary.ts'
import { escapeNul } from '../code-points.ts'
import type { Row } from '../columns.ts'
import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
import { nameKey } from '../known-queues.ts'
import { Conflict } from '../overlay/state.ts'
import { groupColumns, queueColumns, readGroup, readQueue } from '../records.ts'
import type { Loading } from './loading.ts'

export const lockQueues = ({ schema, ends, overlay }: Loading, ids: readonly number[]): Statement => ({
  text: `SELECT queue_id, position FROM ${schema}.queue_end WHERE queue_id = ANY($1::int8[]) ORDER BY queue_id FOR UPDATE`,
  values: [int8s([...ids].sort((a, b) => a - b))],
  rows: (rows) => {
    for (const [id, position] of rows) {
      overlay.endBase.set(Number(id), Number(position))
      ends.found(Number(id), Number(position))
    }
    overlay.locksPending = false
  },
})

export const verifyQueues = (loading: Loading, ids: readonly number[]): Statement => {
  const { schema } = loading
  return {
    text: `SELECT id, version FROM ${schema}.queue WHERE id = ANY($1::int8[])`,
    values: [int8s(ids)],
    rows: (rows) => compareVersions(loading, ids, rows),
  }
}

export const queuesByName = (loading: Loading, names: readonly { account: string; name: string }[]): Statement => {
  const { schema, overlay } = loading
  const { from, values } = givenRows(names, {
    account: ['text', ({ account }) => account],
    name: ['text', ({ name }) => escapeNul(name)],
  })
  return {
    text: `SELECT ${queueColumns(schema)} FROM ${from}
      JOIN ${schema}.queue q ON q.account = k.account COLLATE "C" AND q.name = k.name COLLATE "C"`,
    values,
    rows: (rows) => {
      for (const row of rows) loadQueue(loading, row)
      for (const { account, name } of names) {
        const key = nameKey(account, name)
        if (!overlay.nameBase.has(key)) overlay.nameBase.set(key, undefined)
      }
    },
  }
}

export const queuesById = (loading: Loading, ids: readonly number[]): Statement => {
  const { schema, overlay } = loading
  return {
    text: `SELECT ${queueColumns(schema)} FROM ${schema}.queue q WHERE q.id = ANY($1::int8[])`,
    values: [int8s(ids)],
    rows: (rows) => {
      const found = new Set(rows.map((row) => loadQueue(loading, row)))
      for (const id of ids) if (!found.has(id)) overlay.queueBase.set(id, { record: undefined, version: 0 })
    },
  }
}

export const groupsById = ({ schema, known, overlay }: Loading, ids: readonly number[]): Statement => ({
  text: `SELECT ${groupColumns} FROM ${schema}.queue_group g WHERE g.id = ANY($1::int4[])`,
  values: [int4s(ids)],
  rows: (rows) => {
    for (const id of ids) overlay.groupBase.set(id, undefined)
    for (const row of rows) {
      const group = readGroup(row)
      overlay.groupBase.set(group.id, group)
      known.rememberGroup(group.id, group.queueId)
    }
  },
})

export const loadQueue = ({ known, overlay }: Loading, row: Row): number => {
  const queue = readQueue(row)
  const { record, version } = queue
  known.remember(queue)
  const base = overlay.queueBase.get(record.id)
  if (base && base.version !== version) throw new Conflict()
  if (!base) overlay.queueBase.set(record.id, queue)
  overlay.nameBase.set(nameKey(record.account, record.name), record.id)
  return record.id
}

/** What was relied on, but is not so any more, is loaded anew. */
const compareVersions = ({ known, overlay }: Loading, ids: readonly number[], rows: readonly Row[]): void => {
  const versions = new Map(rows.map((row) => [Number(row[0]), Number(row[1])]))
  for (const id of ids) {
    const version = versions.get(id)
    const remembered = known.byId(id)
    if (remembered && remembered.version !== version) known.forget(id)
    const base = overlay.queueBase.get(id)
    if (base?.record && base.version !== version) {
      overlay.queueBase.delete(id)
      overlay.nameBase.clear()
    }
    if (version === undefined && !overlay.queueBase.has(id))
      overlay.queueBase.set(id, { record: undefined, version: 0 })
  }
}
