import type { Clock, Millis, Random } from './clock.ts'
import type { Commits } from './commits.ts'
import type { EngineLimits } from './limits.ts'
import { backfillWorkSlice } from './operations/backfill.ts'
import type { SliceResult, Work } from './operations/background.ts'
import { pendingWork } from './operations/background.ts'
import { actionSlice } from './operations/bulk.ts'
import { discardSlice } from './operations/discard.ts'
import { processDue } from './operations/due.ts'
import { forgetStepsSlice } from './operations/forget-steps.ts'
import { redriveSlice } from './operations/redrive.ts'
import { tagRuleSlice } from './operations/tag-rules.ts'
import type { Step } from './step.ts'
import type { Store, StoredDocument } from './store.ts'

interface Options {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly commits: Commits
  readonly limits: EngineLimits
}

/**
 * What nobody asks for at the moment: what falls due, work in slices, forgetting old history, the store's own upkeep. One timer,
 * armed for the earliest of them; each slice is a small commit of its own between those of requests.
 */
export class BackgroundWork {
  readonly #options: Options
  /** This node's name among those over the same store. */
  readonly #holder: number
  #stopped = false
  #cancelDueTimer: () => void = () => {}
  #dueTimerAt: Millis = Number.POSITIVE_INFINITY
  #dueUnderWay = false
  #workUnderWay = false
  #turn = 0
  #cancelWorkTimer: () => void = () => {}
  #cancelHistoryTimer: () => void = () => {}
  #maintaining = false

  constructor(options: Options) {
    this.#options = options
    this.#holder = options.store.shared ? options.random.nonce() : 0
  }

  start(): void {
    this.#armDueTimer()
    this.work()
    this.#forgetHistoryLater(0)
  }

  stop(): void {
    this.#stopped = true
    this.#cancelDueTimer()
    this.#cancelWorkTimer()
    this.#cancelHistoryTimer()
  }

  committed(): void {
    this.#armDueTimer()
    this.#maintain()
  }

  /** Another node may have written something down, or died over it. */
  look(): void {
    this.#armDueTimer()
    this.work()
  }

  // ---- what falls due ---------------------------------------------------------------------------------------------

  #armDueTimer(): void {
    const at = this.#options.store.nextDueAt()
    if (this.#stopped || this.#dueUnderWay || at === undefined || at >= this.#dueTimerAt) return
    this.#cancelDueTimer()
    this.#dueTimerAt = at
    const due = () => {
      this.#dueTimerAt = Number.POSITIVE_INFINITY
      this.#processDue()
    }
    this.#cancelDueTimer = this.#options.clock.callAt(at, due, { watchful: true })
  }

  #processDue(): void {
    if (this.#stopped || this.#dueUnderWay) return
    this.#dueUnderWay = true
    this.#options.commits.submit({
      phase: 'due',
      weight: dueSlice,
      run: (step) => processDue(step, dueSlice),
      done: (outcome) => {
        this.#dueUnderWay = false
        if ('error' in outcome) this.#retryDueLater()
        else if (outcome.value) this.#processDue()
        else this.#armDueTimer()
      },
    })
  }

  /** The store is in trouble; it is asked again after a while, not in a tight loop. */
  #retryDueLater(): void {
    if (this.#stopped) return
    const at = this.#options.clock.now() + troubleMs
    this.#dueTimerAt = at
    this.#cancelDueTimer = this.#options.clock.callAt(at, () => {
      this.#dueTimerAt = Number.POSITIVE_INFINITY
      this.#processDue()
    })
  }

  // ---- work in slices ---------------------------------------------------------------------------------------------

  /** Takes up what is written down to be done. */
  work(): void {
    if (this.#stopped || this.#workUnderWay) return
    this.#workUnderWay = true
    this.#cancelWorkTimer()
    this.#options.commits.submit<SliceResult | undefined>({
      phase: 'in-order',
      weight: workSlice,
      run: (step) => this.#slice(step),
      done: (outcome) => {
        this.#workUnderWay = false
        if ('error' in outcome) this.#workAt(this.#options.clock.now() + troubleMs)
        else if (outcome.value && !outcome.value.done && outcome.value.continueAt !== undefined) {
          this.#workAt(outcome.value.continueAt)
        } else if (outcome.value) this.work()
      },
    })
  }

  #workAt(at: Millis): void {
    if (this.#stopped) return
    this.#cancelWorkTimer = this.#options.clock.callAt(at, () => this.work())
  }

  /** One slice of one piece of work, each in its turn; undefined when there is none. */
  #slice(step: Step): SliceResult | undefined {
    const documents = pendingWork(step)
    let earliest: number | undefined
    for (let tried = 0; tried < documents.length; tried++) {
      const document = documents[this.#turn++ % documents.length] as StoredDocument
      const result = this.#elsewhereUntil(step, document) ?? slice(step, document)
      if (result.done || result.continueAt === undefined) return result
      earliest = Math.min(earliest ?? result.continueAt, result.continueAt)
    }
    return earliest === undefined ? undefined : { done: false, continueAt: earliest }
  }

  /** Of the nodes over a store one does a piece of work at a time, and another one when that is not heard of for a while. */
  #elsewhereUntil(step: Step, document: StoredDocument): SliceResult | undefined {
    if (!this.#options.store.shared) return undefined
    const held = step.tx.document(workLeases, document.key)
    const until = held?.expiresAt ?? 0
    const mine = (held?.value as WorkLease | undefined)?.holder === this.#holder
    if (!mine && until > step.now) return { done: false, continueAt: until }
    if (mine && until > step.now + workLeaseMs / 2) return undefined
    const value: WorkLease = { holder: this.#holder }
    step.writes++
    step.tx.putDocument({ collection: workLeases, key: document.key, value, expiresAt: step.now + workLeaseMs })
    return undefined
  }

  // ---- history ----------------------------------------------------------------------------------------------------

  #forgetHistoryLater(inMs: number): void {
    if (this.#stopped) return
    this.#cancelHistoryTimer = this.#options.clock.callAt(this.#options.clock.now() + inMs, () => {
      this.#options.commits.submit({
        phase: 'in-order',
        weight: workSlice,
        run: (step) => {
          step.writes++
          return Math.max(
            step.tx.removeHistory(step.now - this.#options.limits.historyMs, historySlice),
            step.tx.removeCountsOfDays(step.today, historySlice),
          )
        },
        done: (outcome) => {
          const more = 'value' in outcome && outcome.value === historySlice
          this.#forgetHistoryLater(more ? 0 : historyEveryMs)
        },
      })
    })
  }

  // ---- the store's upkeep -----------------------------------------------------------------------------------------

  #maintain(): void {
    const { store, clock } = this.#options
    if (!store.maintain || this.#maintaining || this.#stopped) return
    this.#maintaining = store.maintain()
    if (this.#maintaining) {
      clock.callAt(clock.now() + 1, () => {
        this.#maintaining = false
        this.#maintain()
      })
    }
  }
}

/** Which node does a piece of work; by the key of the work. */
interface WorkLease {
  readonly holder: number
}

const workLeases = 'background-work-lease'
const workLeaseMs = 10_000

/** Deliveries and the like that one commit brings up to date. */
export const dueSlice = 500
const workSlice = 500
const historySlice = 1000
const historyEveryMs = 60_000
const troubleMs = 1000

const slice = (step: Step, document: StoredDocument): SliceResult => {
  const work = document.value as Work
  switch (work.kind) {
    case 'discard':
      return discardSlice(step, document, work, workSlice)
    case 'backfill':
      return backfillWorkSlice(step, document, work, workSlice)
    case 'tag-rule':
      return tagRuleSlice(step, document, work, workSlice)
    case 'redrive':
      return redriveSlice(step, document, work, workSlice)
    case 'operate':
      return actionSlice(step, document, work)
    case 'forget-steps':
      return forgetStepsSlice(step, document, work, workSlice)
  }
}
