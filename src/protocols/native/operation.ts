import type { IncomingMessage } from 'node:http'
import type { Static, TObject, TSchema } from 'typebox'
import type { QueueEngine } from '../../core/engine-api.ts'
import type { Principal, Scope } from '../../core/identity/identity.ts'
import type { PushControl } from '../../core/push-control.ts'
import type { AdminApi } from './admin-api.ts'
import type { Answer } from './answer.ts'
import type { JsonBodyOptions } from './json-body.ts'
import type { NativeLimits } from './options.ts'
import type { ProblemCode } from './schemas/index.ts'
import type { WatchApi } from './watch-api.ts'

/** What one request asks of an operation, checked. */
export interface Call<Path, Query, Body> {
  readonly engine: QueueEngine
  readonly admin: AdminApi
  readonly push: PushControl
  /** Absent where nobody keeps watch. */
  readonly watch: WatchApi | undefined
  readonly limits: NativeLimits
  readonly documents: Documents
  readonly principal: Principal
  /** Who makes a request, as it is by now; throws a `ProblemError` when its credentials are good no longer. For answers that go on. */
  readonly authenticate: (request: IncomingMessage) => Principal | Promise<Principal>
  /** The account that the request is about. */
  readonly account: string
  readonly path: Path
  readonly query: Query
  readonly body: Body
  readonly request: IncomingMessage
}

/** Descriptions of this API, made of the table of operations. */
export interface Documents {
  openApi(): string
  referencePage(): string
}

export type Access =
  /** One of the scopes, for the queue in the path. */
  | { readonly to: 'queue'; readonly scopes: readonly Scope[] }
  /** The operation itself looks at the grants, once it knows what they have to hold for. */
  | { readonly to: 'some-queues'; readonly scopes: readonly Scope[] }
  | { readonly to: 'server'; readonly scopes: readonly ['admin'] }
  /** Anyone, without credentials. */
  | { readonly to: 'anyone'; readonly scopes: readonly [] }

export type BodyInput<Schema extends TSchema = TSchema> =
  | ({ readonly kind: 'json'; readonly schema: Schema } & JsonBodyOptions)
  /** JSON that the operation takes apart itself; the schema describes it. */
  | { readonly kind: 'raw-json'; readonly schema: TSchema }
  | { readonly kind: 'bytes'; readonly description: string; readonly example: string }

type BodyOf<Input> = Input extends { kind: 'json'; schema: infer Schema extends TSchema }
  ? Static<Schema>
  : Input extends { kind: 'raw-json' | 'bytes' }
    ? Buffer
    : undefined

export interface AnswerDescription {
  readonly description: string
  readonly schema?: TSchema
  /** Default: `application/json`. */
  readonly contentType?: string
}

export interface HeaderDescription {
  readonly name: string
  readonly description: string
  readonly example: string
}

export type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'

/** An operation, as the table holds it. */
export interface Operation {
  readonly method: Method
  /** With parameters as `:name`. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  readonly access: Access
  readonly parameters?: TObject
  readonly query?: TObject
  readonly headers?: readonly HeaderDescription[]
  readonly body?: BodyInput
  readonly answers: Readonly<Record<number, AnswerDescription>>
  /** What may be answered beyond what may be to any request. */
  readonly problems: readonly ProblemCode[]
  /** The query of the `curl` that shows it. */
  readonly exampleQuery?: string
  run(call: Call<unknown, unknown, unknown>): Answer | Promise<Answer>
}

interface OperationOf<Path extends TObject, Query extends TObject, Input> extends Omit<Operation, 'run'> {
  readonly parameters?: Path
  readonly query?: Query
  readonly body?: Input & BodyInput
  run(call: Call<Static<Path>, Static<Query>, BodyOf<Input>>): Answer | Promise<Answer>
}

// biome-ignore lint/complexity/noBannedTypes: no parameters are an object without members.
type None = TObject<{}>

/** Gives an operation's `run` the types that its schemas say. */
export const operation = <Path extends TObject = None, Query extends TObject = None, Input = undefined>(
  described: OperationOf<Path, Query, Input>,
): Operation => described as Operation
