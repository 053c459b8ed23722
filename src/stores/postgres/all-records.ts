import { type Counts, counters, noCounts } from '../../core/queue.ts'
import type { Counters, ReadQuery, RecordKind, RecordSlice, RecordsByKind, StoreRecords } from '../../core/store.ts'
import type { Address } from './address.ts'
import { unescapeNul } from './code-points.ts'
import { type Row, TextColumns } from './columns.ts'
import { asStoreFailure } from './failures.ts'
import type { Statement } from './flight.ts'
import type { NumberBlocks } from './number-blocks.ts'
import {
  deduplicationColumns,
  deliveryColumns,
  documentColumns,
  groupColumns,
  historyColumns,
  markColumns,
  messageColumns,
  readDeduplication,
  readDelivery,
  readDocument,
  readGroup,
  readHistory,
  readMark,
  readMessage,
  readSteps,
  stepColumns,
} from './records.ts'

/** A column of a key: its name, and the type of the parameter that it is compared with. */
type KeyColumn = readonly [name: string, type: 'int8' | 'text' | 'hex']

interface Table<Value> {
  /** With the letter that its columns go by. */
  readonly from: string
  /** In whose order the rows are read, by an index. */
  readonly key: readonly KeyColumn[]
  readonly columns: string
  /** Rows of all lanes are summed up: which sums count. */
  readonly having?: string
  /** How large a row is, where rows may be large. */
  readonly bytes?: string
  readonly read: (row: Row) => Value
}

const sums = (names: readonly string[]): string => names.map((name) => `sum(${name})`).join(', ')
const notAllZero = (names: readonly string[]): string => names.map((name) => `sum(${name}) <> 0`).join(' OR ')
const dayNames = ['processed', 'errored', 'filtered'] as const

const tables: { readonly [Kind in RecordKind]: Table<RecordsByKind[Kind]> } = {
  queue: {
    from: 'queue',
    key: [['id', 'int8']],
    columns: 'id, account, name, explicit, created_at, modified_at, settings',
    read: (row) => ({
      id: Number(row[0]),
      account: row[1] as string,
      name: unescapeNul(row[2] as string),
      explicit: row[3] === 't',
      createdAt: Number(row[4]),
      modifiedAt: Number(row[5]),
      settings: JSON.parse(row[6] as string) as RecordsByKind['queue']['settings'],
    }),
  },
  group: {
    from: 'queue_group g',
    key: [
      ['queue_id', 'int8'],
      ['id', 'int8'],
    ],
    columns: groupColumns,
    read: readGroup,
  },
  counts: {
    from: 'group_count',
    key: [
      ['queue_id', 'int8'],
      ['group_id', 'int8'],
    ],
    columns: `group_id, ${sums(counters)}`,
    having: notAllZero(counters),
    read(row) {
      const counts: Counts = noCounts()
      for (const [index, name] of counters.entries()) counts[name] = Number(row[index + 1])
      return { groupId: Number(row[0]), ...counts }
    },
  },
  'counts-of-day': {
    from: 'count_of_day',
    key: [
      ['queue_id', 'int8'],
      ['group_id', 'int8'],
      ['day', 'int8'],
    ],
    columns: `group_id, day, ${sums(dayNames)}`,
    having: notAllZero(dayNames),
    read: (row) => ({
      groupId: Number(row[0]),
      day: Number(row[1]),
      processed: Number(row[2]),
      errored: Number(row[3]),
      filtered: Number(row[4]),
    }),
  },
  message: {
    from: 'message m',
    key: [
      ['queue_id', 'int8'],
      ['serial', 'int8'],
    ],
    columns: messageColumns,
    bytes: 'octet_length(body) + coalesce(octet_length(attributes), 0)',
    read: (row) => readMessage(new TextColumns(row)),
  },
  delivery: {
    from: 'delivery d',
    key: [
      ['queue_id', 'int8'],
      ['group_id', 'int8'],
      ['position', 'int8'],
    ],
    columns: deliveryColumns,
    read: (row) => readDelivery(new TextColumns(row)).delivery,
  },
  deduplication: {
    from: 'deduplication e',
    key: [
      ['queue_id', 'int8'],
      ['group_id', 'int8'],
      ['key_hash', 'hex'],
    ],
    columns: deduplicationColumns,
    read: (row) => readDeduplication(row).entry,
  },
  'retention-mark': {
    from: 'retention_mark',
    key: [['queue_id', 'int8']],
    columns: markColumns,
    read: (row) => readMark(row).mark,
  },
  history: { from: 'history', key: [['serial', 'int8']], columns: historyColumns, read: readHistory },
  steps: {
    from: 'step s',
    key: [
      ['queue_id', 'int8'],
      ['serial', 'int8'],
    ],
    columns: stepColumns,
    bytes: 'octet_length(lines)',
    read: (row) => readSteps(row).record,
  },
  document: {
    from: 'document',
    key: [
      ['collection', 'text'],
      ['key', 'text'],
    ],
    columns: documentColumns,
    bytes: 'octet_length(value)',
    read(row) {
      const { collection, key, json, expiresAt } = readDocument(row).row
      return { collection, key, value: JSON.parse(json) as unknown, expiresAt }
    },
  },
}

/** All rows of each table, for copying the store. Each read is a statement of its own. */
export class PostgresRecords implements StoreRecords {
  readonly #address: Address
  readonly #blocks: NumberBlocks
  readonly #fly: (statements: readonly Statement[]) => Promise<void>

  constructor(address: Address, blocks: NumberBlocks, fly: (statements: readonly Statement[]) => Promise<void>) {
    this.#address = address
    this.#blocks = blocks
    this.#fly = fly
  }

  async read<Kind extends RecordKind>(kind: Kind, query: ReadQuery): Promise<RecordSlice<RecordsByKind[Kind]>> {
    const table = tables[kind]
    const limit = await this.#limit(table, query)
    const shown = table.key.map(([name, type]) => (type === 'hex' ? `encode(${name}, 'hex')` : name)).join(', ')
    const rows = await this.#query(
      `SELECT ${shown}, ${table.columns} ${this.#rows(table, query)} LIMIT ${limit}`,
      query,
    )
    const last = rows.length < limit ? undefined : rows.at(-1)
    const width = table.key.length
    return {
      records: rows.map((row) => table.read(row.slice(width))),
      next: last ? JSON.stringify(last.slice(0, width)) : null,
    }
  }

  async count(kind: RecordKind): Promise<number> {
    const table = tables[kind]
    const rows = this.#rows(table, { after: null }, false)
    const [row] = await this.#query(
      table.having ? `SELECT count(*) FROM (SELECT 1 ${rows}) AS counted` : `SELECT count(*) ${rows}`,
      { after: null },
    )
    return Number(row?.[0])
  }

  async counters(): Promise<Counters> {
    const { schema } = this.#address
    const below = (sequence: string, size: number) =>
      `(SELECT CASE WHEN is_called THEN last_value + ${size} ELSE last_value END FROM ${schema}.${sequence})`
    const { numbers, groupIds } = this.#blocks
    const [row] = await this.#query(
      `SELECT ${below('position_block', numbers.size)}, ${below('group_block', groupIds.size)}`,
      { after: null },
    )
    return { numbers: Number(row?.[0]), groupIds: Number(row?.[1]) }
  }

  async raiseCounters({ numbers, groupIds }: Counters): Promise<void> {
    const { schema } = this.#address
    // The block that was given last then ends at the number or behind it. Sequences know no transactions.
    const raise = (sequence: string, size: number, atLeast: number) => ({
      text: `SELECT setval('${schema}.${sequence}', $1::int8) FROM ${schema}.${sequence}
        WHERE last_value < $1::int8 OR (last_value = $1::int8 AND NOT is_called)`,
      values: [Math.max(size, Math.ceil(atLeast / size - 1) * size)],
    })
    await this.#guarded([
      raise('position_block', this.#blocks.numbers.size, numbers),
      raise('group_block', this.#blocks.groupIds.size, groupIds),
    ])
    this.#blocks.drop(numbers)
  }

  /** A node that hears of what others commit has a connection that does nothing else. */
  async others(): Promise<string | undefined> {
    const { schema } = this.#address
    const [row] = await this.#query(
      `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN millrace_${schema}'`,
      { after: null },
    )
    const count = Number(row?.[0])
    return count === 0 ? undefined : `${count} running ${count === 1 ? 'server' : 'servers'} or more`
  }

  /** How many rows it takes to come to so many bytes: asked first, without reading what they hold. */
  async #limit(table: Table<unknown>, query: ReadQuery): Promise<number> {
    if (!table.bytes) return query.limit
    const sizes = await this.#query(`SELECT ${table.bytes} ${this.#rows(table, query)} LIMIT ${query.limit}`, query)
    let bytes = 0
    let rows = 0
    while (rows < sizes.length && bytes < query.maxBytes) bytes += Number(sizes[rows++]?.[0])
    return rows === sizes.length ? query.limit : rows
  }

  #rows({ from, key, having }: Table<unknown>, { after }: Pick<ReadQuery, 'after'>, ordered = true): string {
    const names = key.map(([name]) => name).join(', ')
    const parameters = key.map(([, type], i) =>
      type === 'hex' ? `decode($${i + 1}::text, 'hex')` : `$${i + 1}::${type}`,
    )
    return [
      `FROM ${this.#address.schema}.${from}`,
      after === null ? '' : `WHERE (${names}) > (${parameters.join(', ')})`,
      having ? `GROUP BY ${names} HAVING ${having}` : '',
      ordered ? `ORDER BY ${names}` : '',
    ].join(' ')
  }

  async #query(text: string, { after }: Pick<ReadQuery, 'after'>): Promise<readonly Row[]> {
    let found: readonly Row[] = []
    await this.#guarded([
      {
        text,
        values: after === null ? [] : (JSON.parse(after) as string[]),
        rows(rows) {
          found = rows
        },
      },
    ])
    return found
  }

  async #guarded(statements: readonly Statement[]): Promise<void> {
    try {
      await this.#fly(statements)
    } catch (error) {
      throw asStoreFailure(error, this.#address.shown, false)
    }
  }
}
