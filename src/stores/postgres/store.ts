import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Millis } from '../../core/clock.ts'
import {
  type Hint,
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
import { type Connection, Connections } from './connections.ts'
import { asStoreFailure, connectFailure, isConflict, isDisconnection } from './failures.ts'
import type { Statement } from './flight.ts'
import { Hints } from './hints.ts'
import { KnownQueues } from './known-queues.ts'
import { loadStatements } from './loads.ts'
import { NextDue } from './next-due.ts'
import { NumberBlocks } from './number-blocks.ts'
import { Conflict } from './overlay/state.ts'
import { Overlay } from './overlay.ts'
import { QueueEnds } from './queue-ends.ts'
import { RecentItems } from './recent-items.ts'
import { checkVersion } from './schema.ts'
import { Upkeep } from './upkeep.ts'
import { writeStatements } from './writes.ts'

export interface StoreSettings {
  readonly connections: number
  readonly listen: boolean
  readonly retryMs: Millis
  readonly vacuumAfterRows: number
  /** The version of the schema that this node was made for. */
  readonly knownVersion: number
}

/** What a unit threw, which comes back as it is. */
class UnitFailure {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

/** Something that is needed has to come first: the transaction begins anew with it. */
class Restart extends Error {}

export class PostgresStore implements Store {
  readonly kind = 'postgres'
  readonly concurrentTransactions: number
  readonly shared: SharedStore
  readonly records: StoreRecords
  readonly #address: Address
  readonly #settings: StoreSettings
  readonly #connections: Connections
  readonly #node = {
    known: new KnownQueues(),
    blocks: new NumberBlocks(),
    ends: new QueueEnds(),
    recent: new RecentItems(),
  }
  readonly #nextDue: NextDue
  readonly #hints: Hints
  readonly #upkeep: Upkeep
  /** Nodes begin at different ones, so that they seldom add to the same rows of counts. */
  readonly #lanes: number[]
  readonly #underway = new Set<Promise<void>>()
  #closed = false
  #closing: Promise<void> | undefined
  #watch: ReturnType<typeof setTimeout> | undefined
  #clockOffsetMs = 0
  #sizeBytes = 0
  #fetching = false
  #outdated: StoreFailure | undefined
  readonly #numbers = { transactions: 0, conflicts: 0, restarts: 0, round_trips: 0, reconnects: 0 }

  constructor(address: Address, settings: StoreSettings) {
    this.#address = address
    this.#settings = settings
    this.concurrentTransactions = settings.connections
    // One more for what goes on beside transactions.
    this.#connections = new Connections(address, settings.connections + 1)
    this.#nextDue = new NextDue(address.schema)
    this.#upkeep = new Upkeep(address, { afterRows: settings.vacuumAfterRows })
    const first = randomInt(lanes)
    this.#lanes = Array.from({ length: settings.connections }, (_, i) => (first + i) % lanes)
    this.#hints = new Hints(address, (channel, payload) =>
      this.#aside([{ text: 'SELECT pg_notify($1::text, $2::text)', values: [channel, payload] }]),
    )
    this.records = new PostgresRecords(address, this.#node.blocks, (statements) => this.#aside(statements))
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
    const running = this.#transact(units)
    this.#underway.add(running)
    const over = () => void this.#underway.delete(running)
    running.then(over, over)
    return running
  }

  nextDueAt(): Millis | undefined {
    return this.#nextDue.at
  }

  stats(): StoreStats {
    return {
      sizeBytes: this.#sizeBytes,
      gauges: {
        ...this.#numbers,
        connections: this.#connections.open,
        hearing_others: this.#hints.hearing ? 1 : 0,
        clock_offset_ms: this.#clockOffsetMs,
        cached_queues: this.#node.known.size,
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
    await Promise.allSettled([...this.#underway])
    await this.#hints.close()
    await this.#upkeep.close()
    await this.#connections.close()
  }

  // ---- transactions -----------------------------------------------------------------------------------------------

  async #transact(units: readonly Unit[]): Promise<void> {
    const overlay = new Overlay(this.#node)
    const session: Session = {
      connection: undefined,
      committing: false,
      snapshot: units.every(({ onlyReads }) => onlyReads),
      passedOver: new Map(),
    }
    const lane = this.#lanes.pop() ?? 0
    const giveUpAt = performance.now() + this.#settings.retryMs
    let conflicts = 0
    this.#numbers.transactions++
    try {
      for (;;) {
        try {
          await this.#attempt(units, overlay, session, { lane, hold: conflicts > 0 && !session.snapshot })
          this.#noteLeft(overlay, session, true)
          return
        } catch (error) {
          this.#noteLeft(overlay, session, false)
          if (error instanceof UnitFailure) throw error.error
          if (error instanceof Restart) this.#numbers.restarts++
          else if (error instanceof Conflict || isConflict(error)) {
            this.#numbers.conflicts++
            overlay.distrust()
            if (++conflicts > mostConflicts) throw error
            if (conflicts > 2) await delay(Math.random() * Math.min(conflicts, 20))
          } else if (isDisconnection(error) && !session.committing && performance.now() < giveUpAt && !this.#closed) {
            this.#numbers.reconnects++
            await delay(reconnectMs)
          } else throw asStoreFailure(error, this.#address.shown, session.committing && isDisconnection(error))
          if (isDisconnection(error)) this.#giveUp(session)
          session.committing = false
          overlay.restart()
        }
      }
    } finally {
      this.#lanes.push(lane)
      if (session.connection) {
        // Others pass over what it still holds, so it lets go before anybody is told.
        if (overlay.holdsRows) await session.connection.rollback()
        this.#connections.give(session.connection)
      }
      for (const hint of session.passedOver.values()) this.#hints.tellAll(hint)
    }
  }

  /** What this transaction held and did not take: others looked meanwhile, saw nothing, and may be waiting now. */
  #noteLeft(overlay: Overlay, { passedOver, snapshot }: Session, committed: boolean): void {
    if (snapshot) return
    for (const [groupId, count] of overlay.leftReady(committed)) {
      const queue = overlay.peek(overlay.placeOf(groupId) ?? 0)
      if (!queue) continue
      const key = `${queue.account}\n${queue.name}`
      const readied = (passedOver.get(key)?.readied ?? 0) + count
      passedOver.set(key, { account: queue.account, queue: queue.name, readied })
    }
  }

  /** Runs the units until nothing is missing, then writes and commits. */
  async #attempt(
    units: readonly Unit[],
    overlay: Overlay,
    session: Session,
    options: { lane: number; hold: boolean },
  ): Promise<void> {
    let flown = false
    for (let runs = 0; ; runs++) {
      if (runs > mostRuns) throw new Error('a unit asks for something else each time it runs')
      overlay.reset()
      const failure = runAll(units, overlay)
      if (session.snapshot && (overlay.hasWritten || overlay.needs.locks.size > 0)) {
        // They write after all.
        session.snapshot = false
        if (flown) throw new Restart()
      }
      if (!overlay.isMissing) {
        if (overlay.hasWritten && !failure) break
        // Nothing is written that would be checked, so what was taken for granted is read after all.
        overlay.readAssumed()
        if (!overlay.isMissing && overlay.needs.isEmpty) {
          if (failure) throw failure
          break
        }
      }
      // What is read has to be read under the lock.
      for (const id of overlay.ahead) overlay.needs.locks.add(id)
      for (const id of overlay.needs.locks) overlay.locks.add(id)
      if (overlay.needs.locks.size > 0) {
        // Queues come before everything else, in one order, or transactions would wait for each other.
        if (flown) throw new Restart()
        overlay.locksPending = true
      }
      const loads = loadStatements({
        schema: this.#address.schema,
        ...this.#node,
        overlay,
        hold: options.hold,
        snapshot: session.snapshot,
      })
      await this.#fly(session, loads, !flown)
      flown = true
      overlay.hasFlown = true
    }
    if (overlay.hasWritten || overlay.dueSeen) await this.#write(overlay, session, options.lane, !flown)
    this.#committed(overlay)
  }

  async #write(overlay: Overlay, session: Session, lane: number, first: boolean): Promise<void> {
    const stamp = randomInt(-(2 ** 31), 2 ** 31)
    const turn = this.#node.ends.queueUp([...overlay.ahead])
    const { dueSeen } = overlay
    const look = dueSeen && this.#nextDue.look()
    try {
      const { inserts, statements } = writeStatements({ schema: this.#address.schema, overlay, stamp, lane })
      if (look) statements.push(look.statement)
      if (turn.hasOthers) {
        // What is new is in nobody's way, so it goes ahead while others of this node have the queue.
        if (inserts.length > 0) {
          await Promise.all([this.#fly(session, inserts.splice(0), first), turn.ready])
          first = false
        } else await turn.ready
      }
      statements.splice(0, 0, ...inserts)
      if (statements.length > 0) {
        statements.push({ text: 'COMMIT' })
        await this.#fly(session, statements, first, true)
        if (session.connection) session.connection.inTransaction = false
      }
    } catch (error) {
      look?.failed()
      throw error
    } finally {
      turn.over()
    }
    this.#remember(overlay, stamp)
    if (overlay.ahead.size > 0 || this.#node.blocks.positions.missed) this.#fetchPositions()
    if (look && dueSeen) look.found(dueSeen.partly ? undefined : dueSeen.now)
  }

  #remember(overlay: Overlay, stamp: number): void {
    const { ends, known, recent } = this.#node
    for (const [id, { last }] of overlay.taken) ends.moved(id, last)
    for (const [id, mark] of overlay.marks.written) known.noteMark(id, mark)
    for (const [key, delivery] of overlay.deliveries.written) {
      const message = delivery?.state === 'leased' ? overlay.messages.get(delivery.serial) : undefined
      if (delivery && message) recent.remember(key, { delivery, message, stamp })
      else recent.forget(key)
    }
  }

  /** `first`: of an attempt, so it begins a transaction. */
  async #fly(session: Session, statements: readonly Statement[], first: boolean, committing = false): Promise<void> {
    session.connection ??= await this.#connections.take()
    const { connection } = session
    const begin: Statement[] = []
    if (first) {
      if (connection.inTransaction) begin.push({ text: 'ROLLBACK' })
      begin.push({ text: session.snapshot ? 'BEGIN ISOLATION LEVEL REPEATABLE READ' : 'BEGIN' }, planning)
    }
    connection.inTransaction = true
    session.committing = committing
    this.#numbers.round_trips++
    await connection.fly([...begin, ...statements])
    session.committing = false
  }

  /** The connection is of no use any more. */
  #giveUp(session: Session): void {
    if (!session.connection) return
    session.connection.broken = true
    this.#connections.give(session.connection)
    session.connection = undefined
  }

  #committed(overlay: Overlay): void {
    if (!overlay.hasWritten) return
    this.#nextDue.wrote(overlay)
    for (const [id, group] of overlay.groupsWritten) {
      if (group) this.#node.known.rememberGroup(id, group.queueId)
      const queueId = group?.queueId ?? overlay.placeOf(id)
      if (queueId !== undefined) this.#changed(queueId, overlay)
    }
    for (const id of overlay.queuesWritten.keys()) this.#changed(id, overlay)
    for (const [groupId, made] of overlay.madeReady) {
      if (made.size === 0) continue
      const queue = overlay.peek(overlay.placeOf(groupId) ?? 0)
      if (queue) this.#hints.tell({ account: queue.account, queue: queue.name, readied: made.size })
    }
    let dead = 0
    for (const key of overlay.deliveries.written.keys()) if (overlay.deliveries.loaded.get(key)?.value) dead++
    this.#upkeep.left(dead)
  }

  #changed(queueId: number, overlay: Overlay): void {
    const queue = overlay.peek(queueId)
    this.#node.known.forget(queueId)
    if (queue) this.#hints.tell({ account: queue.account, queue: queue.name, readied: null })
  }

  // ---- beside transactions ----------------------------------------------------------------------------------------

  /** Before they run out: whoever finds none has to take the long way. */
  #fetchPositions(): void {
    const { positions } = this.#node.blocks
    if (this.#fetching || (positions.left >= positionsAtHand / 2 && !positions.missed)) return
    this.#fetching = true
    this.#aside([
      {
        text: `SELECT nextval('${this.#address.schema}.position_block') FROM generate_series(1, $1::int4)`,
        values: [positionsAtHand / positions.size],
        rows: (rows) => {
          for (const row of rows) positions.add(Number(row[0]))
        },
      },
    ])
      .catch(() => {})
      .finally(() => {
        this.#fetching = false
      })
  }

  /** Looks at tables that were full a moment ago, or empty: planned as everything else is. */
  #lookAside(statement: Statement): Promise<void> {
    return this.#aside([{ text: 'BEGIN' }, planning, statement, { text: 'COMMIT' }])
  }

  /** Statements that are no part of a transaction of units. */
  async #aside(statements: readonly Statement[]): Promise<void> {
    const connection = await this.#connections.take()
    try {
      connection.inTransaction = true
      await connection.fly(statements)
      connection.inTransaction = false
    } catch (error) {
      if (isDisconnection(error)) connection.broken = true
      throw error
    } finally {
      this.#connections.give(connection)
    }
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

  /** The database's clock is the one that all nodes go by; how large everything is; and whether this node may still take part. */
  async #measure(): Promise<void> {
    const { schema } = this.#address
    const before = Date.now()
    let there = Number.NaN
    let worksWith = 0
    await this.#aside([
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
    await this.#aside([
      {
        text: `SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = $1::text AND c.relkind = 'r'`,
        values: [schema],
        rows: ([row]) => {
          this.#sizeBytes = Number(row?.[0] ?? 0)
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

interface Session {
  connection: Connection | undefined
  /** COMMIT is on its way: if the connection is lost now, nobody knows whether it arrived. */
  committing: boolean
  /** Its units say that they only read: each statement sees what the first one saw. */
  snapshot: boolean
  /** What is ready and was held from others, by queue. */
  readonly passedOver: Map<string, Hint>
}

/** Runs all units, so that what each of them misses is known at once; gives what a unit threw that had all it asked for. */
const runAll = (units: readonly Unit[], overlay: Overlay): UnitFailure | undefined => {
  for (const unit of units) {
    if (unit.prefetch) overlay.expect(unit.prefetch)
    try {
      unit.run(overlay)
    } catch (error) {
      if (Overlay.isMiss(error) || overlay.missed) continue
      return new UnitFailure(error)
    }
  }
  return undefined
}

/**
 * Statistics of queues are always wrong: full a moment ago, empty now. With indexes and nested loops only there is one plan for
 * each statement, the right one. For this transaction alone, so a pooler may give the connection to somebody else afterwards.
 */
const planning: Statement = {
  text: `SELECT ${['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin', 'sort']
    .map((what) => `set_config('enable_${what}', 'off', true)`)
    .join(', ')}, set_config('jit', 'off', true)`,
}

const lanes = 32
const positionsAtHand = 8192
const mostConflicts = 200
const mostRuns = 10_000
const reconnectMs = 100
const tolerableMs = 250
/** Whoever waits is to be answered within a second. */
const lookMs = 800
const lookWhileHearingMs = 5000
const measureEvery = 30
