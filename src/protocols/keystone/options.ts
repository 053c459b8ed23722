import type { Clock } from '../../core/clock.ts'
import type { Identity, SessionLogIns } from '../../core/identity/identity.ts'
import type { OriginOf } from '../http/origin.ts'

export interface KeystoneOptions {
  readonly identity: Identity & SessionLogIns
  readonly clock: Clock
  readonly origin: OriginOf
  readonly tokenLifetimeMs: number
  /** Those that the catalogue names; all of them are this server. */
  readonly regions: readonly string[]
}
