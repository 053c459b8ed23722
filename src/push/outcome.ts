import type { Millis } from '../core/clock.ts'

interface Timed {
  readonly startedAt: Millis
  readonly durationMs: Millis
}

/** How one call ended. */
export type AttemptOutcome = Timed &
  (
    | { readonly kind: 'accepted'; readonly status: number; readonly answer: string }
    | {
        readonly kind: 'refused'
        readonly status: number
        readonly answer: string
        readonly retryAfterMs: Millis | undefined
        readonly reason: string
      }
    | { readonly kind: 'timeout'; readonly reason: string }
    | { readonly kind: 'connection'; readonly reached: boolean; readonly reason: string }
    /** We ended it ourselves. */
    | { readonly kind: 'cut' }
  )
