import type { QueueEngine } from '../../core/engine-api.ts'
import type { Identity, PasswordLogIn } from '../../core/identity/identity.ts'

export interface StarQueueSettings {
  /** Whether anyone may make an account. */
  readonly signUp: boolean
  /** Life of messages that name none. */
  readonly retentionMs: number
  /** Largest MessageBody, in characters of base64. */
  readonly maxMessageBytes: number
  /** Messages in one queue; absent: as many as there is room for. */
  readonly maxMessages?: number
}

export const defaultSettings: StarQueueSettings = {
  signUp: true,
  retentionMs: 14_400_000,
  maxMessageBytes: 262_144,
}

export interface StarQueueOptions {
  readonly engine: QueueEngine
  readonly identity: Identity & PasswordLogIn
  readonly settings?: Partial<StarQueueSettings>
  /** Largest body of a request; default: what the largest message can need. */
  readonly maxBodyBytes?: number
}
