import type { QueueEngine } from '../../core/engine-api.ts'
import type { Principal } from '../../core/identity/identity.ts'
import type { Answer } from './answer.ts'
import type { DmsSettings } from './options.ts'
import type { Places } from './places.ts'
import type { Query } from './query.ts'

/** What one request asks for. */
export interface Call {
  readonly engine: QueueEngine
  readonly settings: DmsSettings
  readonly places: Places
  readonly account: string
  readonly principal: Principal
  /** As it stands in the path. */
  readonly project: string
  /** What stands in the path for the names in braces. */
  readonly parameters: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Buffer
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
}

/** An operation, as the table holds it. */
export interface Operation {
  readonly name: string
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** What follows the project in the path. */
  readonly paths: readonly string[]
  readonly summary: string
  run(call: Call): Promise<Answer>
}
