import { afterPrefix } from '../../sql/encoding.ts'
import { escapeNul } from '../code-points.ts'
import type { Row } from '../columns.ts'
import type { Statement } from '../flight.ts'
import type { RangeNeed } from '../needs.ts'
import { dayKey, rangeKey } from '../overlay/keys.ts'
import {
  deduplicationColumns,
  deliveryColumns,
  documentColumns,
  hash64,
  historyColumns,
  markColumns,
  queueColumns,
  readHistory,
  stepColumns,
} from '../records.ts'
import { loadDeduplications } from './deduplications.ts'
import { loadDocuments } from './documents.ts'
import { loadSteps } from './history.ts'
import { asColumns, loadDelivery, loadItems, withMessages } from './items.ts'
import type { Loading } from './loading.ts'
import { loadQueue } from './queues.ts'
import { loadMarks } from './retention-marks.ts'
import { ofTypes, scan, search } from './searches.ts'

export const rangeLoad = (loading: Loading, need: RangeNeed): Statement => {
  const { overlay } = loading
  const limit = Math.min(need.limit, 2 ** 53 - 1)
  const { text, values, load } = rangeQuery(loading, need, limit)
  return {
    text,
    values,
    rows: (rows) => {
      const keys = load(rows)
      if (rows.length > 0 && text.includes('SKIP LOCKED')) overlay.holdsRange = true
      overlay.ranges.set(rangeKey(need), { keys: keys as never[], complete: keys.length < limit, limit })
    },
  }
}

const rangeQuery = (
  loading: Loading,
  need: RangeNeed,
  limit: number,
): { text: string; values: NonNullable<Statement['values']>; load: (rows: readonly Row[]) => (string | number)[] } => {
  const { schema, overlay } = loading
  const queues = (rows: readonly Row[]) => rows.map((row) => loadQueue(loading, row))
  const items = (rows: readonly Row[]) => loadItems(loading, rows.map(asColumns))
  const deduplications = (rows: readonly Row[]) => loadDeduplications(loading, rows)
  const documents = (rows: readonly Row[]) => loadDocuments(loading, rows)
  switch (need.of) {
    case 'queues': {
      const { from, values } = textRange('q.name', escapeNul(need.prefix), need.after && escapeNul(need.after), [
        need.account,
      ])
      return {
        text: `SELECT ${queueColumns(schema)} FROM ${schema}.queue q WHERE q.account = $1::text COLLATE "C" ${from}
          ORDER BY q.name LIMIT ${limit}`,
        values,
        load: queues,
      }
    }
    case 'all-queues':
      return {
        text: `SELECT ${queueColumns(schema)} FROM ${schema}.queue q WHERE q.id > $1::int8 ORDER BY q.id LIMIT ${limit}`,
        values: [need.afterId],
        load: queues,
      }
    case 'group':
      return {
        text: `SELECT ${deliveryColumns} FROM ${schema}.delivery d
          WHERE d.queue_id = $1::int8 AND d.group_id = $2::int4 ORDER BY d.position LIMIT ${limit}`,
        values: [overlay.placeOf(need.groupId) ?? 0, need.groupId],
        load: (rows) => rows.map((row) => loadDelivery(loading, asColumns(row)).key),
      }
    case 'scan':
      return { ...scan(loading, need.groupId, need.query, limit), load: items }
    case 'types':
      return { ...ofTypes(loading, need.groupId, need.query, limit), load: items }
    case 'search':
      return search(loading, need, limit)
    case 'queue-steps':
      return {
        text: `SELECT ${stepColumns} FROM ${schema}.step s
          WHERE s.queue_id = $1::int8 AND s.serial > $2::int8 ORDER BY s.serial LIMIT ${limit}`,
        values: [need.queueId, need.after],
        load: (rows) => loadSteps(loading, rows),
      }
    case 'old-days':
      return {
        text: `SELECT DISTINCT group_id, day FROM (SELECT group_id, day, queue_id FROM ${schema}.count_of_day
          WHERE day < $1::int4 ORDER BY day LIMIT ${Math.min(limit, 2 ** 30) * lanesAtMost}) o LIMIT ${limit}`,
        values: [Math.min(need.before, 2 ** 31 - 1)],
        load: (rows) =>
          rows.map((row) => {
            const old = { groupId: Number(row[0]), day: Number(row[1]) }
            const key = dayKey(old.groupId, old.day)
            overlay.oldDays.set(key, old)
            return key
          }),
      }
    case 'claimed':
      return {
        text: withMessages(
          schema,
          `SELECT * FROM ${schema}.delivery WHERE claim_hash = $1::int8 AND claim_id = $2::text ORDER BY position`,
        ),
        values: [hash64(need.claimId), need.claimId],
        load: (rows) => {
          const keys = items(rows)
          const position = (key: string) => overlay.deliveries.loaded.get(key)?.value?.position ?? 0
          return keys.sort((a, b) => position(a) - position(b))
        },
      }
    case 'due':
      return {
        text: withMessages(
          schema,
          `SELECT * FROM ${schema}.delivery WHERE due_at <= $1::int8 ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
        ),
        values: [need.now],
        load: (rows) => {
          const keys = items(rows)
          for (const key of keys) overlay.held.add(key)
          const due = (key: string) => overlay.deliveries.loaded.get(key)?.value?.dueAt ?? 0
          return keys.sort((a, b) => due(a) - due(b))
        },
      }
    case 'expired-deduplications':
      return {
        text: `SELECT ${deduplicationColumns} FROM ${schema}.deduplication e WHERE e.expires_at <= $1::int8
          ORDER BY e.expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
        values: [need.now],
        load: deduplications,
      }
    case 'group-deduplications':
      return {
        text: `SELECT ${deduplicationColumns} FROM ${schema}.deduplication e
          WHERE e.queue_id = $1::int8 AND e.group_id = $2::int4 LIMIT ${limit}`,
        values: [overlay.placeOf(need.groupId) ?? 0, need.groupId],
        load: deduplications,
      }
    case 'due-marks':
      return {
        text: `SELECT ${markColumns} FROM ${schema}.retention_mark WHERE check_at <= $1::int8
          ORDER BY check_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
        values: [need.now],
        load: (rows) => loadMarks(loading, rows),
      }
    case 'old-history':
      return {
        text: `SELECT ${historyColumns} FROM ${schema}.history WHERE sent_at < $1::int8
          ORDER BY sent_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
        values: [need.sentBefore],
        load: (rows) =>
          rows.map((row) => {
            const entry = readHistory(row)
            overlay.histories.load(entry.serial, entry, 0)
            return entry.serial
          }),
      }
    case 'documents': {
      const { from, values } = textRange('key', escapeNul(need.prefix), need.after && escapeNul(need.after), [
        need.collection,
      ])
      return {
        text: `SELECT ${documentColumns} FROM ${schema}.document WHERE collection = $1::text COLLATE "C" ${from}
          ORDER BY key LIMIT ${limit}`,
        values,
        load: documents,
      }
    }
    case 'expired-documents':
      return {
        text: `SELECT ${documentColumns} FROM ${schema}.document WHERE expires_at <= $1::int8
          ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`,
        values: [need.now],
        load: documents,
      }
  }
}

const textRange = (column: string, prefix: string, after: string | undefined, first: readonly string[]) => {
  const values: string[] = [...first]
  const parameter = (value: string) => `$${values.push(value)}::text COLLATE "C"`
  let from = ''
  if (prefix !== '') {
    from += ` AND ${column} >= ${parameter(prefix)}`
    const end = afterPrefix(prefix)
    if (end !== undefined) from += ` AND ${column} < ${parameter(end)}`
  }
  if (after !== undefined) from += ` AND ${column} > ${parameter(after)}`
  return { from, values }
}

/** A day of a group has at most so many rows. */
const lanesAtMost = 32
