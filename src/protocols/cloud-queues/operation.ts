import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import type { QueueEngine } from '../../core/engine-api.ts'
import type { Principal, Scope } from '../../core/identity/identity.ts'
import type { Answer } from './answer.ts'
import type { CloudQueuesSettings } from './options.ts'
import type { Query } from './query.ts'
import type { QueueDefaults } from './queue-defaults.ts'
import type { SignedUrls } from './signed-urls.ts'

export type Version = 'v1' | 'v1.1' | 'v2'

/** What all requests work with. */
export interface Service {
  readonly engine: QueueEngine
  readonly clock: Clock
  readonly settings: CloudQueuesSettings
  readonly signedUrls: SignedUrls
  readonly queueDefaults: QueueDefaults
}

/** What one request asks for. */
export interface Call extends Service {
  readonly version: Version
  readonly principal: Principal
  readonly account: string
  /** The queue in its path; empty where it has none. */
  readonly queue: string
  /** Any other parts of its path. */
  readonly place: Readonly<Record<string, string>>
  readonly query: Query
  readonly clientId: string | undefined
  /** Empty unless the operation reads one. */
  readonly body: Buffer
  /** What links of this client begin with: the version, and the tenant if the path has one. */
  readonly base: string
  readonly request: IncomingMessage
}

export interface Operation {
  readonly name: string
  readonly summary: string
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the version, with names for what varies. */
  readonly path: string
  readonly versions: readonly Version[]
  /** One of these scopes for the queue, or in the account; `anyone` needs no token and names no project. */
  readonly access: readonly Scope[] | 'anyone'
  /** In v1, too, which leaves it out elsewhere. */
  readonly needsClientId?: true
  readonly readsBody?: true
  run(call: Call): Answer | Promise<Answer>
}

export const allVersions: readonly Version[] = ['v1', 'v1.1', 'v2']
export const laterVersions: readonly Version[] = ['v1.1', 'v2']
