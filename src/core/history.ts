import type { Millis } from './clock.ts'
import type { DeliveryType } from './delivery.ts'

/** A line of a message's history: one change of its state, or something that was said of it. */
export interface HistoryStep {
  readonly at: Millis
  readonly from: DeliveryType
  /** `ended`: it was gone; `detail.outcome` says how. */
  readonly to: DeliveryType | 'ended'
  /** Who or what did it: the name of a worker or an operator, `push`, `receiver` for one without a name, `automatic`. */
  readonly cause: string
  /** The group whose delivery it was, in a queue with several. */
  readonly group?: string
  readonly text?: string
  readonly detail?: StepDetail
}

/** What few lines have. */
export interface StepDetail {
  /** The receive that came to its end here, and when it began. */
  readonly attempt?: number
  readonly startedAt?: Millis
  readonly durationMs?: number
  /** How the message ended. */
  readonly outcome?: string
  /** Until when it was put aside, and how often it was. */
  readonly until?: Millis
  readonly reprocessCount?: number
  /** Of an event that its worker wrote. */
  readonly severity?: Severity
  /** Of a call to a service: the status of its answer, and the beginning of that. */
  readonly status?: number
  readonly answer?: string
}

export type Severity = 'info' | 'warning' | 'error'

/** Something a worker says of a message while it handles it. */
export interface StepEvent {
  readonly severity: Severity
  readonly text: string
}

/** On whose account a message changes, for the line that is written of it. */
export interface Cause {
  readonly by: string
  readonly text?: string
  readonly detail?: StepDetail
  /** Become lines of their own, before the change. */
  readonly events?: readonly StepEvent[]
}

/** The lines of a message that is there still. */
export interface StepsRecord {
  readonly queueId: number
  readonly serial: number
  /** The first 10, and the last 100. */
  readonly lines: readonly HistoryStep[]
  /** Lines between those that are kept no longer. */
  readonly omitted: number
}
