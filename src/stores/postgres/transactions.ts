import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Millis } from '../../core/clock.ts'
import type { Hint, Unit } from '../../core/store.ts'
import type { Address } from './address.ts'
import type { Connection, Connections } from './connections.ts'
import { asStoreFailure, isConflict, isDisconnection } from './failures.ts'
import type { Rest, Statement } from './flight.ts'
import type { Hints } from './hints.ts'
import { KnownQueues } from './known-queues.ts'
import { loadStatements } from './loads.ts'
import type { NextDue } from './next-due.ts'
import { NumberBlocks } from './number-blocks.ts'
import { Conflict } from './overlay/state.ts'
import { Overlay } from './overlay.ts'
import { looksForEach, planning } from './planning.ts'
import { QueueEnds, type Turn } from './queue-ends.ts'
import { RecentItems } from './recent-items.ts'
import type { Upkeep } from './upkeep.ts'
import { writeStatements } from './writes.ts'

export interface TransactionsOptions {
  readonly address: Address
  readonly connections: Connections
  /** How many there are at once, at most. */
  readonly atOnce: number
  /** How long a transaction that was not committing goes on trying while the database is away. */
  readonly retryMs: Millis
  readonly nextDue: NextDue
  readonly hints: Hints
  readonly upkeep: Upkeep
  /** As `server_version_num`. */
  readonly serverVersion: () => number
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

/**
 * Runs units over what they ask for: loads what they miss and runs them again, until nothing is missing; then writes all of it and commits.
 * Where others were quicker, it begins anew.
 */
export class Transactions {
  readonly numbers = { transactions: 0, conflicts: 0, restarts: 0, round_trips: 0, reconnects: 0 }
  /** What this node remembers from one transaction to the next. */
  readonly node = {
    known: new KnownQueues(),
    blocks: new NumberBlocks(),
    ends: new QueueEnds(),
    recent: new RecentItems(),
  }
  readonly #options: TransactionsOptions
  /** Nodes begin at different ones, so that they seldom add to the same rows of counts. */
  readonly #lanes: number[]
  readonly #underway = new Set<Promise<void>>()
  #fetching = false
  #closed = false

  constructor(options: TransactionsOptions) {
    this.#options = options
    const first = randomInt(lanes)
    this.#lanes = Array.from({ length: options.atOnce }, (_, i) => (first + i) % lanes)
  }

  /** Those under way come to their end, and are not tried again while the database is away. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled([...this.#underway])
  }

  run(units: readonly Unit[]): Promise<void> {
    const running = this.#run(units)
    this.#underway.add(running)
    const over = () => void this.#underway.delete(running)
    running.then(over, over)
    return running
  }

  async #run(units: readonly Unit[]): Promise<void> {
    const overlay = new Overlay(this.node)
    const session: Session = {
      connection: undefined,
      committing: false,
      snapshot: units.every(({ onlyReads }) => onlyReads),
      passedOver: new Map(),
    }
    const lane = this.#lanes.pop() ?? 0
    const giveUpAt = performance.now() + this.#options.retryMs
    let conflicts = 0
    this.numbers.transactions++
    try {
      for (;;) {
        try {
          await this.#attempt(units, overlay, session, { lane, hold: conflicts > 0 && !session.snapshot })
          this.#noteLeft(overlay, session, true)
          return
        } catch (error) {
          this.#noteLeft(overlay, session, false)
          if (error instanceof UnitFailure) throw error.error
          if (error instanceof Restart) this.numbers.restarts++
          else if (error instanceof Conflict || isConflict(error)) {
            this.numbers.conflicts++
            overlay.distrust()
            if (++conflicts > mostConflicts) throw error
            if (conflicts > 2) await delay(Math.random() * Math.min(conflicts, 20))
          } else if (isDisconnection(error) && !session.committing && performance.now() < giveUpAt && !this.#closed) {
            this.numbers.reconnects++
            await delay(reconnectMs)
          } else throw asStoreFailure(error, this.#options.address.shown, session.committing && isDisconnection(error))
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
        this.#options.connections.give(session.connection)
      }
      for (const hint of session.passedOver.values()) this.#options.hints.tellAll(hint)
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
      overlay.giveUpGoingAhead()
      for (const id of overlay.needs.locks) overlay.locks.add(id)
      if (overlay.needs.locks.size > 0) {
        // Queues come before everything else, in one order, or transactions would wait for each other.
        if (flown) throw new Restart()
        overlay.locksPending = true
      }
      const loads = loadStatements({
        schema: this.#options.address.schema,
        ...this.node,
        overlay,
        hold: options.hold,
        snapshot: session.snapshot,
      })
      await this.#fly(session, loads, { first: !flown })
      flown = true
      overlay.hasFlown = true
    }
    if (overlay.hasWritten || overlay.dueSeen) await this.#write(overlay, session, options.lane, !flown)
    this.#committed(overlay)
  }

  async #write(overlay: Overlay, session: Session, lane: number, first: boolean): Promise<void> {
    const stamp = randomInt(-(2 ** 31), 2 ** 31)
    const turn = this.node.ends.queueUp([...overlay.ahead])
    const { dueSeen } = overlay
    const look = dueSeen && this.#options.nextDue.look()
    try {
      const { schema } = this.#options.address
      const scans = looksForEach(this.#options.serverVersion())
      const { inserts, statements } = writeStatements({ schema, overlay, stamp, lane, scans })
      if (look) statements.push(look.statement)
      if (inserts.length + statements.length > 0) {
        statements.push({ text: 'COMMIT' })
        if (inserts.length > 0 && turn.hasOthers) {
          // What is new is in nobody's way, so it goes ahead while others of this node have the queue.
          await this.#fly(session, inserts, { first, commit: { when: () => turnOf(turn), statements } })
        } else {
          await turn.ready
          await this.#fly(session, [...inserts, ...statements], { first, commit: true })
        }
        if (session.connection) session.connection.inTransaction = false
      }
    } catch (error) {
      look?.failed()
      throw error
    } finally {
      turn.over()
    }
    this.#remember(overlay, stamp)
    if (overlay.ahead.size > 0 || this.node.blocks.positions.missed) this.#fetchPositions()
    if (look && dueSeen) look.found(dueSeen.partly ? undefined : dueSeen.now)
  }

  #remember(overlay: Overlay, stamp: number): void {
    const { ends, known, recent } = this.node
    for (const [id, { last }] of overlay.taken) ends.moved(id, last)
    for (const [id, mark] of overlay.marks.written) known.noteMark(id, mark)
    overlay.deliveries.written.forEach((delivery, key) => {
      const message = delivery?.state === 'leased' ? overlay.messages.get(delivery.serial) : undefined
      if (delivery && message) recent.remember(key, { delivery, message, stamp })
      else recent.forget(key)
    })
  }

  async #fly(session: Session, statements: readonly Statement[], { first, commit }: Leg): Promise<void> {
    session.connection ??= await this.#options.connections.take()
    const { connection } = session
    const begin: Statement[] = []
    if (first) {
      if (connection.inTransaction) begin.push({ text: 'ROLLBACK' })
      begin.push({ text: session.snapshot ? 'BEGIN ISOLATION LEVEL REPEATABLE READ' : 'BEGIN' }, planning)
    }
    connection.inTransaction = true
    this.numbers.round_trips++
    if (commit === true) session.committing = true
    const rest = commit &&
      commit !== true && {
        when: commit.when,
        statements: () => {
          session.committing = true
          return commit.statements
        },
      }
    await connection.fly([...begin, ...statements], rest || undefined)
    session.committing = false
  }

  /** The connection is of no use any more. */
  #giveUp(session: Session): void {
    if (!session.connection) return
    session.connection.broken = true
    this.#options.connections.give(session.connection)
    session.connection = undefined
  }

  #committed(overlay: Overlay): void {
    if (!overlay.hasWritten) return
    this.#options.nextDue.wrote(overlay)
    for (const [id, group] of overlay.groupsWritten) {
      if (group) this.node.known.rememberGroup(id, group.queueId)
      const queueId = group?.queueId ?? overlay.placeOf(id)
      if (queueId !== undefined) this.#changed(queueId, overlay)
    }
    for (const id of overlay.queuesWritten.keys()) this.#changed(id, overlay)
    for (const [groupId, made] of overlay.madeReady) {
      if (made.size === 0) continue
      const queue = overlay.peek(overlay.placeOf(groupId) ?? 0)
      if (queue) this.#options.hints.tell({ account: queue.account, queue: queue.name, readied: made.size })
    }
    let dead = 0
    for (const key of overlay.deliveries.written.keys()) if (overlay.deliveries.loaded.get(key)?.value) dead++
    this.#options.upkeep.left(dead)
  }

  #changed(queueId: number, overlay: Overlay): void {
    const queue = overlay.peek(queueId)
    this.node.known.forget(queueId)
    if (queue) this.#options.hints.tell({ account: queue.account, queue: queue.name, readied: null })
  }

  /** Before they run out: whoever finds none has to take the long way. */
  #fetchPositions(): void {
    const { positions } = this.node.blocks
    if (this.#fetching || (positions.left >= positionsAtHand / 2 && !positions.missed)) return
    this.#fetching = true
    this.#options.connections
      .run([
        {
          text: `SELECT nextval('${this.#options.address.schema}.position_block') FROM generate_series(1, $1::int4)`,
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
}

interface Leg {
  /** Of an attempt, so it begins a transaction. */
  readonly first: boolean
  /** It ends with COMMIT; or is followed by what does, as soon as the time has come. */
  readonly commit?: true | (Pick<Rest, 'when'> & { readonly statements: readonly Statement[] })
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
 * The database does not see what a transaction waits for here, so it cannot tell when all wait for each other: for a table that is being changed, say,
 * which this one has used. Then it begins anew, and lets go of what it has.
 */
const turnOf = ({ ready }: Turn): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Conflict()), longestWaitMs)
    void ready.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })

const longestWaitMs = 2000
const lanes = 32
const positionsAtHand = 8192
const mostConflicts = 200
const mostRuns = 10_000
const reconnectMs = 100
