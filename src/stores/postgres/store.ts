import type { Millis } from '../../core/clock.ts'
import {
  type QueueName,
  type ReadyGroup,
  type SharedStore,
  type Store,
  StoreFailure,
  type StoreRecords,
  type StoreStats,
  type Unit,
} from '../../core/store.ts'
import type { Address } from './address.ts'
import { PostgresRecords } from './all-records.ts'
import { texts } from './binary.ts'
import { escapeNul } from './code-points.ts'
import { Connections } from './connections.ts'
import { connectFailure } from './failures.ts'
import type { Statement } from './flight.ts'
import { Hints } from './hints.ts'
import { NextDue } from './next-due.ts'
import { planning } from './planning.ts'
import { checkVersion } from './schema.ts'
import { Transactions } from './transactions.ts'
import { Upkeep } from './upkeep.ts'

export interface StoreSettings {
  readonly connections: number
  readonly listen: boolean
  readonly retryMs: Millis
  readonly vacuumAfterRows: number
  /** The version of the schema that this node was made for. */
  readonly knownVersion: number
}

export class PostgresStore implements Store {
  readonly kind = 'postgres'
  readonly concurrentTransactions: number
  readonly shared: SharedStore
  readonly records: StoreRecords
  readonly #address: Address
  readonly #settings: StoreSettings
  readonly #connections: Connections
  readonly #nextDue: NextDue
  readonly #hints: Hints
  readonly #upkeep: Upkeep
  readonly #transactions: Transactions
  #closed = false
  #closing: Promise<void> | undefined
  #watch: ReturnType<typeof setTimeout> | undefined
  #clockOffsetMs = 0
  #serverVersion = 0
  #sizeBytes = 0
  #outdated: StoreFailure | undefined

  constructor(address: Address, settings: StoreSettings) {
    this.#address = address
    this.#settings = settings
    this.concurrentTransactions = settings.connections
    // One more for what goes on beside transactions.
    this.#connections = new Connections(address, settings.connections + 1)
    this.#nextDue = new NextDue(address.schema)
    this.#upkeep = new Upkeep(address, { afterRows: settings.vacuumAfterRows })
    this.#hints = new Hints(address, (channel, payload) =>
      this.#connections.run([{ text: 'SELECT pg_notify($1::text, $2::text)', values: [channel, payload] }]),
    )
    this.#transactions = new Transactions({
      address,
      connections: this.#connections,
      atOnce: settings.connections,
      retryMs: settings.retryMs,
      nextDue: this.#nextDue,
      hints: this.#hints,
      upkeep: this.#upkeep,
      serverVersion: () => this.#serverVersion,
    })
    const { blocks } = this.#transactions.node
    this.records = new PostgresRecords(address, blocks, (statements) => this.#connections.run(statements))
    const hints = this.#hints
    const offset = () => this.#clockOffsetMs
    this.shared = {
      listen: (hear) => hints.listen(hear),
      get lookAgainMs() {
        return hints.hearing ? lookWhileHearingMs : lookMs
      },
      get clockOffsetMs() {
        return offset()
      },
      readyGroups: (queues) => this.#readyGroups(queues),
    }
  }

  /** Reads what has to be known before the first transaction. */
  async start(): Promise<void> {
    try {
      await this.#look()
      await this.#measure()
    } catch (error) {
      await this.#connections.close()
      throw connectFailure(error, this.#address.shown)
    }
    if (this.#settings.listen) this.#hints.start()
    this.#watchLater(1)
  }

  transact(units: readonly Unit[]): Promise<void> {
    if (this.#closed) return Promise.reject(new StoreFailure('The store is closed.', { safeToRetry: true }))
    if (this.#outdated) return Promise.reject(this.#outdated)
    return this.#transactions.run(units)
  }

  nextDueAt(): Millis | undefined {
    return this.#nextDue.at
  }

  stats(): StoreStats {
    return {
      sizeBytes: this.#sizeBytes,
      gauges: {
        ...this.#transactions.numbers,
        connections: this.#connections.open,
        hearing_others: this.#hints.hearing ? 1 : 0,
        clock_offset_ms: this.#clockOffsetMs,
        cached_queues: this.#transactions.node.known.size,
        vacuums: this.#upkeep.vacuums,
      },
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#watch)
    await this.#transactions.close()
    await this.#hints.close()
    await this.#upkeep.close()
    await this.#connections.close()
  }

  /** Looks at tables that were full a moment ago, or empty: planned as everything else is. */
  #lookAside(statement: Statement): Promise<void> {
    return this.#connections.run([{ text: 'BEGIN' }, planning, statement, { text: 'COMMIT' }])
  }

  async #readyGroups(queues: readonly QueueName[]): Promise<readonly ReadyGroup[]> {
    const { schema } = this.#address
    const found: ReadyGroup[] = []
    const statement: Statement = {
      text: `SELECT k.at, g.kind, g.name
        FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (account, name, at)
        JOIN ${schema}.queue q ON q.account = k.account COLLATE "C" AND q.name = k.name COLLATE "C"
        JOIN ${schema}.queue_group g ON g.queue_id = q.id
        CROSS JOIN LATERAL (SELECT FROM ${schema}.delivery d WHERE d.queue_id = g.queue_id AND d.ready_group = g.id
          ORDER BY d.urgency, d.rank LIMIT 1) r`,
      values: [texts(queues.map(({ account }) => account)), texts(queues.map(({ queue }) => escapeNul(queue)))],
      rows: (rows) => {
        for (const [at, kind, name] of rows) {
          const queue = queues[Number(at) - 1]
          if (queue) found.push({ ...queue, group: { kind: kind as ReadyGroup['group']['kind'], name: name ?? '' } })
        }
      },
    }
    await this.#lookAside(statement)
    return found
  }

  /** Others may have written something that falls due, and died. */
  async #look(): Promise<void> {
    const look = this.#nextDue.look()
    try {
      await this.#lookAside(look.statement)
      look.found()
    } catch (error) {
      look.failed()
      throw error
    }
  }

  /** The database's clock is the one that all nodes go by; its version; how large everything is; and whether this node may still take part. */
  async #measure(): Promise<void> {
    const { schema } = this.#address
    const before = Date.now()
    let there = Number.NaN
    let worksWith = 0
    await this.#connections.run([
      {
        text: 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::int8',
        rows: ([row]) => {
          there = Number(row?.[0])
        },
      },
    ])
    const after = Date.now()
    const offset = Math.round(there - (before + after) / 2)
    // Less than what a clock that is kept right may be off by is left alone: it would only make time uneven.
    this.#clockOffsetMs = Math.abs(offset) > tolerableMs + (after - before) ? offset : 0
    await this.#connections.run([
      {
        text: `SELECT sum(pg_total_relation_size(c.oid)), current_setting('server_version_num')
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1::text AND c.relkind = 'r'`,
        values: [schema],
        rows: ([row]) => {
          this.#sizeBytes = Number(row?.[0] ?? 0)
          this.#serverVersion = Number(row?.[1] ?? 0)
        },
      },
      {
        text: `SELECT value FROM ${schema}.meta WHERE name = 'works with'`,
        rows: ([row]) => {
          worksWith = Number(row?.[0] ?? 0)
        },
      },
    ])
    try {
      checkVersion({ version: worksWith, worksWith }, this.#settings.knownVersion, this.#address)
    } catch (error) {
      this.#outdated = error as StoreFailure
    }
  }

  #watchLater(turn: number): void {
    if (this.#closed) return
    this.#watch = setTimeout(() => {
      const watching = async () => {
        await this.#look()
        if (turn % measureEvery === 0) await this.#measure()
      }
      watching()
        .catch(() => {})
        .finally(() => this.#watchLater(turn + 1))
    }, lookMs)
    this.#watch.unref()
  }
}

const tolerableMs = 250
/** Whoever waits is to be answered within a second. */
const lookMs = 800
const lookWhileHearingMs = 5000
const measureEvery = 30
