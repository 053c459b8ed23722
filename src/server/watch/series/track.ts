import { Histogram } from './histogram.ts'
import { Ring } from './ring.ts'

export const spans = {
  hour: { stepMs: 10_000, size: 360 },
  day: { stepMs: 300_000, size: 288 },
} as const
export type Span = keyof typeof spans

export const columns = ['queued', 'delayed', 'errored', 'in', 'out', 'oldestMs', 'waitMs', 'wait95Ms'] as const
export type Column = (typeof columns)[number]

/** What is known of a queue at the end of a step. */
export interface Sample {
  readonly queued: number
  readonly delayed: number
  readonly errored: number
  /** All that ever came, and all that is done with. */
  readonly entered: number
  readonly done: number
  readonly oldestMs: number
}

interface Since {
  readonly at: number
  readonly entered: number
  readonly done: number
}

/** How one queue, or several together, went over time: finely for the last hour, coarsely for the last day. */
export class Track {
  readonly rings = { hour: ringOf('hour'), day: ringOf('day') }
  /** Times from becoming visible to being handed out, of the step that goes on. */
  readonly waits = new Histogram()
  readonly #waitsOfDay = new Histogram()
  readonly #since: Partial<Record<Span, Since>> = {}
  #latest: Since | undefined
  /** When anything last happened. */
  activeAt = 0
  /** Something has been recorded that is not stored yet. */
  isChanged = false

  /** Ends the steps that `at` lies behind. */
  note(at: number, sample: Sample): void {
    const { entered, done } = sample
    const isActive = this.#latest === undefined || this.#latest.entered !== entered || this.#latest.done !== done
    if (isActive || this.waits.total > 0) this.activeAt = at
    this.#waitsOfDay.addAll(this.waits)
    this.#end('hour', at, sample, this.waits)
    if (this.#end('day', at, sample, this.#waitsOfDay)) this.#waitsOfDay.clear()
    this.waits.clear()
    this.#latest = { at, entered, done }
  }

  #end(span: Span, at: number, sample: Sample, waits: Histogram): boolean {
    const ring = this.rings[span]
    const step = Math.floor(at / ring.stepMs)
    const since = this.#since[span]
    if (since && Math.floor(since.at / ring.stepMs) === step) return false
    const rate = (now: number, then: number | undefined) =>
      since && then !== undefined && at > since.at ? (Math.max(0, now - then) * 1000) / (at - since.at) : Number.NaN
    ring.put(step, [
      sample.queued,
      sample.delayed,
      sample.errored,
      rate(sample.entered, since?.entered),
      rate(sample.done, since?.done),
      sample.oldestMs,
      waits.percentile(0.5),
      waits.percentile(0.95),
    ])
    this.#since[span] = { at, entered: sample.entered, done: sample.done }
    if (span === 'day') this.isChanged = true
    return true
  }
}

const ringOf = (span: Span): Ring => new Ring({ ...spans[span], width: columns.length })
