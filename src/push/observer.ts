import type { AttemptOutcome } from './outcome.ts'

/** What the calls tell whoever measures them; must not throw. */
export interface PushObserver {
  called(call: {
    readonly outcome: Exclude<AttemptOutcome['kind'], 'cut'>
    readonly durationMs: number
    /** Its message will be tried again. */
    readonly retried: boolean
  }): void
}
