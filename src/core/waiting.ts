import type { Clock } from './clock.ts'
import { Refusal } from './errors.ts'

/** A receive that found nothing and waits. */
export interface Waiter {
  /** Looks once more, and calls `done` with how that ended. */
  readonly attempt: (done: (end: AttemptEnd) => void) => void
  /** Nothing came in time, or it was called off. */
  readonly giveUp: () => void
  readonly signal: AbortSignal | undefined
}

/** `failed`: it could not look, or is not there any more, so what it was woken for is still to be had. */
export type AttemptEnd = 'served' | 'nothing' | 'failed'

interface Entry {
  readonly waiter: Waiter
  readonly queueKey: string
  readonly waitKey: string
  attempting: boolean
  /** It was woken while it was looking. */
  again: boolean
  /** Nobody knows how much there is: if it finds something, the next one looks too. */
  onward: boolean
  /** Its time was up while it was looking: what it finds is still for it. */
  over: boolean
  cancelTimer: () => void
  onAbort: (() => void) | undefined
  readonly uncounted: boolean
}

interface AddOptions {
  readonly lookAgain?: boolean
  readonly uncounted?: boolean
}

/**
 * Receives that wait, per queue and group in order of arrival: an entry in a list and a timer each. Whoever has waited
 * longest is tried first.
 */
export class WaitingList {
  readonly #clock: Clock
  readonly #limit: number
  readonly #observe: ((change: 1 | -1) => void) | undefined
  /** By queue, then by group. */
  readonly #queues = new Map<string, Map<string, Set<Entry>>>()
  #size = 0
  #uncounted = 0

  constructor(clock: Clock, limit: number, observe?: (change: 1 | -1) => void) {
    this.#clock = clock
    this.#limit = limit
    this.#observe = observe
  }

  get size(): number {
    return this.#size
  }

  /** `lookAgain`: something may have come between its first look and now. `uncounted`: it is no client's, so the limit does not concern it. */
  add(queueKey: string, waitKey: string, waitMs: number, waiter: Waiter, options: AddOptions = {}): void {
    const { lookAgain = false, uncounted = false } = options
    if (!uncounted && this.#size - this.#uncounted >= this.#limit)
      throw new Refusal('TooManyWaiting', { limit: this.#limit })
    const entry: Entry = {
      waiter,
      queueKey,
      waitKey,
      attempting: false,
      again: false,
      onward: false,
      over: false,
      cancelTimer: () => {},
      onAbort: undefined,
      uncounted,
    }
    entry.cancelTimer = this.#clock.callAt(this.#clock.now() + waitMs, () => this.#giveUp(entry), {
      keepAlive: !uncounted,
    })
    if (waiter.signal) {
      entry.onAbort = () => {
        if (this.#remove(entry)) waiter.giveUp()
      }
      waiter.signal.addEventListener('abort', entry.onAbort, { once: true })
    }
    const groups = this.#queues.get(queueKey) ?? new Map<string, Set<Entry>>()
    this.#queues.set(queueKey, groups)
    const entries = groups.get(waitKey)
    if (entries) entries.add(entry)
    else groups.set(waitKey, new Set([entry]))
    this.#size++
    if (uncounted) this.#uncounted++
    else this.#observe?.(1)
    if (lookAgain) this.#attempt(entry)
  }

  /** So many messages became ready: as many waiters, longest-waiting first, look again. */
  wake(queueKey: string, waitKey: string, count: number): void {
    const entries = this.#queues.get(queueKey)?.get(waitKey)
    if (!entries) return
    let left = count
    const looking: Entry[] = []
    for (const entry of entries) {
      if (left <= 0) return
      if (entry.attempting) looking.push(entry)
      else {
        left--
        this.#attempt(entry)
      }
    }
    for (const entry of looking.slice(0, left)) entry.again = true
  }

  /** Something came to the queue, or it changed: of each group as many waiters look again, all if it is not said how many. */
  wakeQueue(queueKey: string, count = Number.POSITIVE_INFINITY): void {
    for (const waitKey of this.#queues.get(queueKey)?.keys() ?? []) this.wake(queueKey, waitKey, count)
  }

  /** The queues that somebody waits for. */
  get queueKeys(): Iterable<string> {
    return this.#queues.keys()
  }

  /** Something is there, nobody knows how much: the longest-waiting of the group looks, and as long as one finds something the next. */
  lookAgain(queueKey: string, waitKey: string): void {
    const entries = this.#queues.get(queueKey)?.get(waitKey)
    const next = entries?.values().find((entry) => !entry.attempting)
    if (!next) return
    next.onward = true
    this.#attempt(next)
  }

  giveUpAll(): void {
    for (const groups of [...this.#queues.values()]) {
      for (const entries of [...groups.values()]) {
        for (const entry of [...entries]) this.#giveUp(entry)
      }
    }
  }

  #attempt(entry: Entry): void {
    if (entry.attempting) {
      entry.again = true
      return
    }
    entry.attempting = true
    entry.waiter.attempt((end) => this.#attempted(entry, end))
  }

  #attempted(entry: Entry, end: AttemptEnd): void {
    const { again, onward } = entry
    entry.attempting = false
    entry.again = false
    entry.onward = false
    if (end === 'nothing' && this.#isWaiting(entry) && !entry.over) {
      if (again) this.#attempt(entry)
      return
    }
    if (end === 'nothing') this.#giveUp(entry)
    else this.#remove(entry)
    // It is not there any more: what it was woken for and did not take is for those behind it.
    const left = (again ? 1 : 0) + (end === 'failed' ? 1 : 0)
    if (left > 0) this.wake(entry.queueKey, entry.waitKey, left)
    if (onward && end !== 'nothing') this.lookAgain(entry.queueKey, entry.waitKey)
  }

  #giveUp(entry: Entry): void {
    if (entry.attempting) entry.over = true
    else if (this.#remove(entry)) entry.waiter.giveUp()
  }

  #isWaiting(entry: Entry): boolean {
    return this.#queues.get(entry.queueKey)?.get(entry.waitKey)?.has(entry) ?? false
  }

  #remove(entry: Entry): boolean {
    const groups = this.#queues.get(entry.queueKey)
    const entries = groups?.get(entry.waitKey)
    if (!groups || !entries?.delete(entry)) return false
    if (entries.size === 0) groups.delete(entry.waitKey)
    if (groups.size === 0) this.#queues.delete(entry.queueKey)
    entry.cancelTimer()
    if (entry.onAbort) entry.waiter.signal?.removeEventListener('abort', entry.onAbort)
    this.#size--
    if (entry.uncounted) this.#uncounted--
    else this.#observe?.(-1)
    return true
  }
}
