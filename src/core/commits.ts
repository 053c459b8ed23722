import { Aftermath } from './aftermath.ts'
import type { Clock, Millis, Random } from './clock.ts'
import type { DayOf } from './days.ts'
import { Declined } from './declined.ts'
import { isRefusal } from './errors.ts'
import type { EngineLimits } from './limits.ts'
import type { EngineObserver } from './observer.ts'
import { noteIdleQueue } from './operations/idle-queues.ts'
import type { SecretBox } from './secrets.ts'
import { Step } from './step.ts'
import type { Prefetch, Store, Unit } from './store.ts'
import { StoreFailure } from './store.ts'
import type { Structures } from './structure/structures.ts'
import { storeUnavailable } from './unavailable.ts'

/**
 * Work that asks for its place in a commit. What falls due comes first, so that all others see it. Within a run of settlements,
 * sends and receives that come in one turn the order is just that: what is settled and sent is seen by those who receive.
 * Everything else keeps its place among them; but for what only reads (`view`): a store that does several transactions at once
 * does that in transactions of its own, so that it sees all records as they were at one moment.
 */
export type Phase = 'due' | 'settle' | 'send' | 'receive' | 'in-order' | 'view'

export interface Task<Result> {
  readonly phase: Phase
  /** Roughly how many messages it touches; commits are cut by weight, so that none takes long. */
  readonly weight: number
  readonly prefetch?: readonly Prefetch[]
  run(step: Step): Result
  /** Called right after the commit, before anything else is looked at; a failure or refusal comes as `error`. */
  done(outcome: { readonly value: Result } | { readonly error: Error }): void
}

interface Queued {
  readonly task: Task<unknown>
  outcome: { readonly value: unknown } | { readonly error: Error } | undefined
  after: Aftermath | undefined
}

/** A unit was refused after it had begun to write: everything in its transaction has to be done again, one by one. */
class Spoiled extends Error {
  override readonly cause: Error

  constructor(cause: Error) {
    super(cause.message)
    this.cause = cause
  }
}

export interface CommitsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly limits: EngineLimits
  readonly dayOf: DayOf
  /** Calls `run` when everything that arrives in this turn of the event loop has arrived. */
  readonly turn: (run: () => void) => void
  readonly structures: Structures
  readonly secrets: SecretBox | undefined
  readonly sendsMail: boolean
  readonly observer: EngineObserver | undefined
  /** Brings up to date what has fallen due, so that reads are exact however late a timer is. */
  readonly processDue: (step: Step) => void
  /** Told after each commit of what its units want done. */
  readonly committed: (after: Aftermath) => void
}

/** Group commit: all that arrives in one turn of the event loop is decided and applied in one transaction. */
export class Commits {
  readonly #options: CommitsOptions
  #waiting: Queued[] = []
  #first: Queued[] = []
  /** Apart from the others, where the store does several transactions at once. */
  #views: Queued[] = []
  #viewedLast = false
  /** The transaction under way that sees to what has fallen due. */
  #due: Promise<void> | undefined
  #active = 0
  #scheduled = false
  #idle: (() => void)[] = []

  constructor(options: CommitsOptions) {
    this.#options = options
  }

  /** `first`: before all others of its phase, for those who have waited. */
  submit<Result>(task: Task<Result>, options?: { first: boolean }): void {
    const queued: Queued = { task: task as Task<unknown>, outcome: undefined, after: undefined }
    if (options?.first) this.#first.push(queued)
    else if (task.phase === 'view' && this.#options.store.concurrentTransactions > 1) this.#views.push(queued)
    else this.#waiting.push(queued)
    this.#schedule()
  }

  /** Resolves when nothing is waiting or under way. */
  async idle(): Promise<void> {
    if (this.#active === 0 && !this.#scheduled) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #schedule(): void {
    if (this.#scheduled || this.#active >= this.#options.store.concurrentTransactions) return
    this.#scheduled = true
    this.#options.turn(() => {
      this.#scheduled = false
      void this.#commit(this.#take())
    })
  }

  get #isWaiting(): boolean {
    return this.#waiting.length > 0 || this.#first.length > 0 || this.#views.length > 0
  }

  /** What goes into the next commit, in order. */
  #take(): Queued[] {
    // In turns, so that neither has to wait for the other for long.
    this.#viewedLast = this.#views.length > 0 && !(this.#viewedLast && this.#waiting.length + this.#first.length > 0)
    if (this.#viewedLast) return this.#views.splice(0, cut(this.#views, maxCommitWeight))
    const all = this.#first.length > 0 ? [...this.#first, ...this.#waiting] : this.#waiting
    this.#first = []
    const count = cut(all, this.#mostWeight(all))
    this.#waiting = count === all.length ? [] : all.slice(count)
    return inOrder(count === all.length ? all : all.slice(0, count))
  }

  /** Where a store takes several at once, what is large goes in halves: one is decided and told of while the other is being written. */
  #mostWeight(all: readonly Queued[]): number {
    if (this.#options.store.concurrentTransactions === 1 || this.#active > 0) return maxCommitWeight
    let weight = 0
    for (const { task } of all) weight += task.weight
    return Math.min(maxCommitWeight, weight < worthHalving ? weight : Math.ceil(weight / 2))
  }

  async #commit(batch: Queued[]): Promise<void> {
    this.#active++
    // A store may take several at once.
    if (this.#isWaiting) this.#schedule()
    try {
      await this.#tryTogether(batch)
    } finally {
      this.#active--
      if (this.#isWaiting) this.#schedule()
      else if (this.#active === 0) for (const resolve of this.#idle.splice(0)) resolve()
    }
  }

  async #tryTogether(batch: Queued[], alone = false): Promise<void> {
    const error = await this.#transact(batch, alone)
    if (error === undefined) return
    if (error instanceof StoreFailure || alone) {
      const shown = asShown(error)
      for (const { task } of batch) task.done({ error: shown })
      return
    }
    // One of them failed, or was refused after it had begun to write. Alone, only that one fails.
    for (const queued of batch) await this.#tryTogether([queued], true)
  }

  /** Undefined when all of it is durable and everybody was told; else nothing was written, and why. */
  async #transact(batch: Queued[], alone: boolean): Promise<Error | undefined> {
    const { store, clock, random, limits, structures, secrets, sendsMail, dayOf, observer } = this.#options
    // Whoever looks is to see what has fallen due, and that is held by the one that brings it back.
    while (this.#due && !alone && batch.some(({ task }) => looks(task.phase))) await this.#due
    const now: Millis = clock.now()
    const context = { now, random, limits, structures, secrets, sendsMail, dayOf, observed: observer !== undefined }
    const units: Unit[] = batch.map((queued) => ({
      ...(queued.task.phase === 'view' ? { onlyReads: true } : {}),
      ...(queued.task.prefetch ? { prefetch: queued.task.prefetch } : {}),
      run: (tx) => runOne(queued, new Step(tx, context)),
    }))
    // One at a time is enough; and not when something has just failed: it might be this.
    const dueAt = alone || this.#due || batch[0]?.task.phase === 'due' ? undefined : store.nextDueAt()
    let due: Aftermath | undefined
    if (dueAt !== undefined && dueAt <= now) {
      if (batch.length > 0 && units.every(({ onlyReads }) => onlyReads)) {
        // That writes, so it is not for a transaction of those who only read.
        return (await this.#transact([], false)) ?? this.#transact(batch, true)
      }
      units.unshift({
        run: (tx) => {
          const step = new Step(tx, context)
          this.#options.processDue(step)
          finish(step)
          due = step.after
        },
      })
    }

    const began = observer ? performance.now() : 0
    try {
      const transaction = store.transact(units)
      if (units.length > batch.length || batch[0]?.task.phase === 'due') this.#noteDue(transaction)
      await transaction
    } catch (error) {
      observer?.committed({ units: batch.length, durationMs: performance.now() - began, failed: true })
      if (error instanceof StoreFailure) observer?.storeFailed?.(error)
      return error instanceof Error ? error : new Error(String(error))
    }
    observer?.committed({ units: batch.length, durationMs: performance.now() - began })
    for (const { task, outcome } of batch) {
      task.done(outcome ?? { error: new Error('the store skipped a unit of work') })
    }
    const all = new Aftermath()
    if (due) all.add(due)
    for (const { after } of batch) if (after) all.add(after)
    this.#options.committed(all)
    return undefined
  }

  #noteDue(transaction: Promise<void>): void {
    const over = () => {
      if (this.#due === due) this.#due = undefined
    }
    const due = transaction.then(over, over)
    this.#due = due
  }
}

const maxCommitWeight = 2000
const worthHalving = 256

/** How many of them weigh that much together. */
const cut = (all: readonly Queued[], most: number): number => {
  let weight = 0
  let count = 0
  while (count < all.length && weight < most) weight += (all[count++] as Queued).task.weight
  return count
}

const asShown = (error: Error): Error => {
  if (error instanceof Spoiled) return error.cause
  if (!(error instanceof StoreFailure)) return error
  return storeUnavailable(error)
}

/** May be run again from the start by a store that had to load more; only the last run counts. */
const runOne = (queued: Queued, step: Step): void => {
  queued.after = step.after
  try {
    queued.outcome = { value: queued.task.run(step) }
  } catch (error) {
    const refused = error instanceof Declined ? error.cause : error
    if (refused === error && !isRefusal(error)) throw error
    if (step.writes > 0) throw new Spoiled(refused as Error)
    queued.outcome = { error: refused as Error }
  }
  finish(step)
}

const finish = (step: Step): void => {
  step.refreshAllHeads()
  for (const queueId of step.lessened) {
    const queue = step.tx.queueById(queueId)
    if (queue) noteIdleQueue(step, queue)
  }
}

const looks = (phase: Phase): boolean => phase === 'receive' || phase === 'view' || phase === 'due'

const sortedPhases = ['settle', 'send', 'receive'] as const
const isSorted = (phase: Phase): boolean => (sortedPhases as readonly Phase[]).includes(phase)

/** What is due to the front; then sorts each run of settlements, sends and receives into that order, and leaves the rest where it is. */
const inOrder = (batch: Queued[]): Queued[] => {
  const sorted: Queued[] = batch.filter(({ task }) => task.phase === 'due')
  let run: Queued[] = []
  const close = () => {
    for (const phase of sortedPhases) {
      for (const queued of run) if (queued.task.phase === phase) sorted.push(queued)
    }
    run = []
  }
  for (const queued of batch) {
    if (queued.task.phase === 'due') continue
    if (isSorted(queued.task.phase)) run.push(queued)
    else {
      close()
      sorted.push(queued)
    }
  }
  close()
  return sorted
}
