import type { IncomingHttpHeaders } from 'node:http'
import type { QueueEngine } from '../../core/engine-api.ts'
import type { Identity, Principal } from '../../core/identity/identity.ts'
import type { PushControl } from '../../core/push-control.ts'
import type { AdminApi } from './admin-api.ts'
import type { WatchApi } from './watch-api.ts'

/** What this door takes and gives at most; the rest of the limits are core's. */
export interface NativeLimits {
  /** Bytes of any request's body. */
  readonly maxBodyBytes: number
  /** Bytes of bodies and attributes in one answer; one message is handed out in any case. */
  readonly maxAnswerBytes: number
}

export const defaultNativeLimits: NativeLimits = {
  maxBodyBytes: 8 * 1024 * 1024,
  maxAnswerBytes: 8 * 1024 * 1024,
}

export interface NativeApiOptions {
  readonly engine: QueueEngine
  readonly identity: Identity
  readonly admin: AdminApi
  readonly push: PushControl
  readonly watch?: WatchApi
  /** Who has signed in to the dashboard: taken instead of a bearer token. */
  readonly sessions?: Sessions
  readonly limits?: Partial<NativeLimits>
  /** Shown in the description of the API. */
  readonly version?: string
}

export interface Sessions {
  principalOf(headers: IncomingHttpHeaders): Promise<Principal | undefined>
}
