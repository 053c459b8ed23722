import type { StoreFailure } from './store.ts'

/**
 * What an engine tells whoever measures it. Called synchronously in the middle of the work, so an observer counts and
 * returns; it must not throw. An engine without an observer pays nothing.
 */
export interface EngineObserver {
  /** A transaction of the store has ended: everything in it is durable, or (`failed`) none of it was. */
  committed(commit: ObservedCommit): void
  /** Why the store failed a commit, which those who are refused for it are not told. */
  storeFailed?(failure: StoreFailure): void
  /** Something was done to messages, or refused. A batch is told once for each verb, queue and outcome in it. */
  verb(event: ObservedVerb): void
  /** Messages were handed out for the first time: how long each had waited since it became visible. */
  waited?(event: ObservedWaits): void
  /** A receive has begun to wait (1), or waits no longer (-1). */
  waiting(change: 1 | -1): void
}

export interface ObservedCommit {
  readonly units: number
  readonly durationMs: number
  readonly failed?: boolean
}

export interface ObservedWaits {
  readonly account: string
  readonly queue: string
  readonly waitsMs: readonly number[]
}

export interface ObservedVerb {
  readonly verb: Verb
  readonly account: string
  readonly queue: string
  /** How many messages it was done to. 0 for a refusal of the whole, and for a receive that found nothing. */
  readonly messages: number
  /** `ok`, `duplicate` (a send that stored nothing), or the code of a refusal. */
  readonly outcome: string
}

/** The last three happen by themselves, too. */
export type Verb =
  | 'send'
  | 'receive'
  | 'delete'
  | 'extend'
  | 'release'
  | 'reprocess'
  | 'finish'
  | 'fail'
  | 'purge'
  | 'redrive'
  | 'expire'
  | 'dead-letter'
  | 'lease-end'
