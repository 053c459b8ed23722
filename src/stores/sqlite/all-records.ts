import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { counters, noCounts } from '../../core/queue.ts'
import type { Counters, ReadQuery, RecordKind, RecordSlice, RecordsByKind, StoreRecords } from '../../core/store.ts'
import type { Row } from './database.ts'
import { readDeduplication } from './tables/deduplications.ts'
import { deliveryColumns, readDelivery } from './tables/delivery-rows.ts'
import { readDocument } from './tables/documents.ts'
import { readHistory } from './tables/history.ts'
import { messageColumns, readMessage } from './tables/messages.ts'
import { groupColumns, queueColumns, readGroup, readQueue } from './tables/queues.ts'
import { readRetentionMark } from './tables/retention-marks.ts'
import { readSteps } from './tables/steps.ts'

interface Table<Value> {
  readonly name: string
  /** The primary key: in its order the rows are read, without a sort. */
  readonly key: readonly string[]
  readonly columns: string
  /** Which rows count. */
  readonly where?: string
  readonly read: (row: Row) => Value
}

const notAllZero = (names: readonly string[]): string => `(${names.map((name) => `${name} <> 0`).join(' OR ')})`

const tables: { readonly [Kind in RecordKind]: Table<RecordsByKind[Kind]> } = {
  queue: { name: 'queue', key: ['id'], columns: queueColumns, read: (row) => readQueue(row) },
  group: { name: 'queue_group', key: ['id'], columns: groupColumns, read: readGroup },
  counts: {
    name: 'group_count',
    key: ['group_id'],
    columns: ['group_id', ...counters].join(', '),
    where: notAllZero(counters),
    read(row) {
      const counts = noCounts()
      for (const [index, name] of counters.entries()) counts[name] = row[index + 1] as number
      return { groupId: row[0] as number, ...counts }
    },
  },
  'counts-of-day': {
    name: 'count_of_day',
    key: ['group_id', 'day'],
    columns: 'group_id, day, processed, errored, filtered',
    where: notAllZero(['processed', 'errored', 'filtered']),
    read: (row) => ({
      groupId: row[0] as number,
      day: row[1] as number,
      processed: row[2] as number,
      errored: row[3] as number,
      filtered: row[4] as number,
    }),
  },
  message: { name: 'message', key: ['serial'], columns: messageColumns.join(', '), read: (row) => readMessage(row) },
  delivery: {
    name: 'delivery',
    key: ['group_id', 'position'],
    columns: deliveryColumns.join(', '),
    read: readDelivery,
  },
  deduplication: {
    name: 'deduplication',
    key: ['group_id', 'key'],
    columns: 'group_id, key, serial, count, sent_at, position, expires_at, digest',
    read: readDeduplication,
  },
  'retention-mark': {
    name: 'retention_mark',
    key: ['queue_id'],
    columns: 'queue_id, check_at, cursor',
    read: readRetentionMark,
  },
  history: {
    name: 'history',
    key: ['serial'],
    columns:
      'serial, sent_at, queue_id, outcome, finished_at, first_received_at, receive_count, reprocess_count, detail',
    read: readHistory,
  },
  steps: { name: 'step', key: ['queue_id', 'serial'], columns: 'queue_id, serial, lines, omitted', read: readSteps },
  document: {
    name: 'document',
    key: ['collection', 'key'],
    columns: 'collection, key, value, expires_at',
    read: readDocument,
  },
}

/** Numbers that are given out, as `Numbers` gives them. */
interface Given {
  readonly below: number
  raise(atLeast: number): void
}

/** All rows of each table, for copying the store. */
export class SqliteRecords implements StoreRecords {
  readonly #database: DatabaseSync
  readonly #numbers: Given
  readonly #groupIds: Given

  constructor(database: DatabaseSync, given: { numbers: Given; groupIds: Given }) {
    this.#database = database
    this.#numbers = given.numbers
    this.#groupIds = given.groupIds
  }

  async read<Kind extends RecordKind>(kind: Kind, query: ReadQuery): Promise<RecordSlice<RecordsByKind[Kind]>> {
    const { name, key, columns, where, read } = tables[kind]
    const keyList = key.join(', ')
    const after = query.after === null ? [] : (JSON.parse(query.after) as SQLInputValue[])
    const conditions = [
      ...(where === undefined ? [] : [where]),
      ...(query.after === null ? [] : [`(${keyList}) > (${key.map(() => '?').join(', ')})`]),
    ]
    const statement = this.#database.prepare(
      `SELECT ${columns}, ${keyList} FROM ${name} ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
       ORDER BY ${keyList} LIMIT ?`,
    )
    statement.setReturnArrays(true)
    const records: RecordsByKind[Kind][] = []
    let bytes = 0
    let last: Row | undefined
    for (const row of statement.iterate(...after, query.limit) as Iterable<unknown> as Iterable<Row>) {
      records.push(read(row))
      last = row
      for (const value of row) {
        if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length
      }
      if (bytes >= query.maxBytes) break
    }
    const isAll = last === undefined || (records.length < query.limit && bytes < query.maxBytes)
    return { records, next: isAll || !last ? null : JSON.stringify(last.slice(-key.length)) }
  }

  async count(kind: RecordKind): Promise<number> {
    const { name, where } = tables[kind]
    const row = this.#database.prepare(`SELECT count(*) AS n FROM ${name} ${where ? `WHERE ${where}` : ''}`).get()
    return Number(row?.n)
  }

  async counters(): Promise<Counters> {
    return { numbers: this.#numbers.below, groupIds: this.#groupIds.below }
  }

  async raiseCounters({ numbers, groupIds }: Counters): Promise<void> {
    this.#numbers.raise(numbers)
    this.#groupIds.raise(groupIds)
  }
}
