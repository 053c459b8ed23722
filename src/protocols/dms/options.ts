import type { Clock } from '../../core/clock.ts'
import type { QueueEngine } from '../../core/engine-api.ts'
import type { Identity, SignedRequests } from '../../core/identity/identity.ts'

export interface DmsSettings {
  /** The quota of queues of each project. */
  readonly maxQueues: number
  readonly maxGroups: number
}

export const defaultSettings: DmsSettings = { maxQueues: 30, maxGroups: 3 }

export interface DmsOptions {
  readonly engine: QueueEngine
  readonly identity: Identity & SignedRequests
  readonly clock: Clock
  readonly settings?: Partial<DmsSettings>
  readonly maxBodyBytes?: number
}
