import type { Millis } from './clock.ts'

/** How a service that is called for messages fares, on this node. */
export interface PushHealth {
  readonly account: string
  readonly queue: string
  /** `default`: the queue's own target; else the subscriber's name. */
  readonly group: string
  readonly url: string
  /**
   * - `healthy`: the last call went well, or there was none yet
   * - `failing`: the last calls did not
   * - `paused`: it could not be reached so often that messages wait; one is tried now and then
   */
  readonly state: 'healthy' | 'failing' | 'paused'
  /** While it is paused: when the next message is tried. */
  readonly pausedUntil: Millis | null
  readonly inFlight: number
  readonly calls: number
  readonly failures: number
  readonly consecutiveFailures: number
  readonly lastCallAt: Millis | null
  readonly lastError: { readonly at: Millis; readonly reason: string } | null
  /** From the start of a call to the end of its answer, of late. */
  readonly latencyMs: number | null
}

/** What doors and people can see of the calls, and do about them. */
export interface PushControl {
  /** All targets of an account, or of one of its queues, in no particular order. */
  list(query: { readonly account: string; readonly queue?: string }): readonly PushHealth[]
  /** Ends the pause of a target: it is tried at once. False when there is no such target. */
  resume(target: { readonly account: string; readonly queue: string; readonly group?: string }): boolean
}
