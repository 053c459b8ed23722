import type { QueueEngine } from '../../core/engine-api.ts'
import type { Identity } from '../../core/identity/identity.ts'
import type { Users } from '../../core/identity/users/users.ts'

export interface AltogicOptions {
  readonly engine: QueueEngine
  readonly identity: Identity & { readonly users: Users }
  /** Largest body of a request; default: 8 MiB. */
  readonly maxBodyBytes?: number
}
