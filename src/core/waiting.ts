import type { Clock } from './clock.ts'
import { Refusal } from './errors.ts'

/** A receive that found nothing and waits. */
export interface Waiter {
  /** Looks once more: calls `began` when that can see no more of what comes, and `done` with how it ended. */
  readonly attempt: (done: (end: AttemptEnd) => void, began: () => void) => void
  /** Nothing came in time, or it was called off. */
  readonly giveUp: () => void
  readonly signal: AbortSignal | undefined
}

/** `failed`: it could not look, or is not there any more, so what it was woken for is still to be had. */
export type AttemptEnd = 'served' | 'nothing' | 'failed'

/** Who waits for one group of a queue, in order of arrival. */
interface Line {
  readonly queueKey: string
  readonly waitKey: string
  readonly entries: Set<Entry>
  /** How many of them look at the moment: one round at a time, or those behind would overtake those in front. */
  looking: number
  /** The round has begun to look, so that whoever is woken now has to wait for the next one. */
  begun: boolean
  /** For how many messages nobody was called to look yet. */
  owed: number
  /** Nobody knows how much there is: if the first finds something, the next one looks too. */
  onward: boolean
}

interface Entry {
  readonly waiter: Waiter
  readonly line: Line
  looking: boolean
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
  readonly #queues = new Map<string, Map<string, Line>>()
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
    const line = this.#line(queueKey, waitKey)
    const entry: Entry = {
      waiter,
      line,
      looking: false,
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
    line.entries.add(entry)
    this.#size++
    if (uncounted) this.#uncounted++
    else this.#observe?.(1)
    if (lookAgain) this.#wake(line, 1)
  }

  /** So many messages became ready: as many waiters, longest-waiting first, look again. */
  wake(queueKey: string, waitKey: string, count: number): void {
    const line = this.#queues.get(queueKey)?.get(waitKey)
    if (line) this.#wake(line, count)
  }

  /** Something came to the queue, or it changed: of each group as many waiters look again, all if it is not said how many. */
  wakeQueue(queueKey: string, count = Number.POSITIVE_INFINITY): void {
    for (const line of this.#queues.get(queueKey)?.values() ?? []) this.#wake(line, count)
  }

  /** The queues that somebody waits for. */
  get queueKeys(): Iterable<string> {
    return this.#queues.keys()
  }

  /** Something is there, nobody knows how much: the longest-waiting of the group looks, and as long as one finds something the next. */
  lookAgain(queueKey: string, waitKey: string): void {
    const line = this.#queues.get(queueKey)?.get(waitKey)
    if (!line) return
    line.onward = true
    this.#wake(line, 1)
  }

  giveUpAll(): void {
    for (const lines of [...this.#queues.values()]) {
      for (const { entries } of [...lines.values()]) {
        for (const entry of [...entries]) this.#giveUp(entry)
      }
    }
  }

  #wake(line: Line, count: number): void {
    line.owed += count
    this.#look(line)
  }

  /** Calls as many as messages are owed, unless those called before have begun to look and are not back yet. */
  #look(line: Line): void {
    if (line.begun) return
    const called: Entry[] = []
    for (const entry of line.entries) {
      if (called.length >= line.owed) break
      if (!entry.looking) called.push(entry)
    }
    line.owed -= called.length
    for (const entry of called) {
      entry.looking = true
      entry.onward = line.onward
      line.onward = false
    }
    line.looking += called.length
    for (const entry of called) {
      entry.waiter.attempt(
        (end) => this.#looked(entry, end),
        () => {
          line.begun = true
        },
      )
    }
  }

  #looked(entry: Entry, end: AttemptEnd): void {
    const { line, onward } = entry
    entry.looking = false
    line.looking--
    if (end !== 'nothing') this.#remove(entry)
    else if (entry.over) this.#giveUp(entry)
    // It is not there any more: what it was called for and did not take is for those behind it.
    if (end === 'failed') line.owed++
    if (onward && end !== 'nothing') {
      line.onward = true
      line.owed++
    }
    if (line.looking > 0) return
    line.begun = false
    // Whoever comes later has looked by itself.
    line.owed = Math.min(line.owed, line.entries.size)
    if (line.owed > 0) this.#look(line)
    else this.#forget(line)
  }

  #giveUp(entry: Entry): void {
    if (entry.looking) entry.over = true
    else if (this.#remove(entry)) entry.waiter.giveUp()
  }

  #remove(entry: Entry): boolean {
    const { line } = entry
    if (!line.entries.delete(entry)) return false
    this.#forget(line)
    entry.cancelTimer()
    if (entry.onAbort) entry.waiter.signal?.removeEventListener('abort', entry.onAbort)
    this.#size--
    if (entry.uncounted) this.#uncounted--
    else this.#observe?.(-1)
    return true
  }

  #line(queueKey: string, waitKey: string): Line {
    const lines = this.#queues.get(queueKey) ?? new Map<string, Line>()
    this.#queues.set(queueKey, lines)
    const known = lines.get(waitKey)
    if (known) return known
    const entries = new Set<Entry>()
    const line: Line = { queueKey, waitKey, entries, looking: 0, begun: false, owed: 0, onward: false }
    lines.set(waitKey, line)
    return line
  }

  /** A line that nobody stands in, and whose last ones are back. */
  #forget({ queueKey, waitKey, entries, looking }: Line): void {
    if (entries.size > 0 || looking > 0) return
    const lines = this.#queues.get(queueKey)
    lines?.delete(waitKey)
    if (lines?.size === 0) this.#queues.delete(queueKey)
  }
}
