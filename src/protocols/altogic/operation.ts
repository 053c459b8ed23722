import type { IncomingMessage } from 'node:http'
import type { Static, TObject } from 'typebox'
import type { QueueEngine } from '../../core/engine-api.ts'
import type { Principal } from '../../core/identity/identity.ts'
import type { UserSession } from '../../core/identity/users/user.ts'
import type { Users } from '../../core/identity/users/users.ts'
import type { Answer } from './answer.ts'
import type { KnownQueues } from './known-queues.ts'

/** What one request asks for, checked. */
export interface Call<Fields, Needs extends SessionNeed = SessionNeed> {
  readonly engine: QueueEngine
  readonly users: Users
  readonly knownQueues: KnownQueues
  readonly principal: Principal
  /** Of the principal: the app. */
  readonly account: string
  /** Of the user who is signed in, where the operation needs one. */
  readonly session: Needs extends 'always' ? UserSession : UserSession | undefined
  readonly fields: Fields
  /** Members of the body with their text as it was sent. */
  readonly raw: ReadonlyMap<string, Buffer>
  /** What stands in the path for `:id`. */
  readonly id: string
  readonly request: IncomingMessage
}

/** When a user has to be signed in: always, never, or where the client key says so. */
export type SessionNeed = 'always' | 'never' | 'as-the-key-says'

/** An operation, as the table holds it. */
export interface Operation {
  readonly name: string
  /** The method of the client that calls it. */
  readonly client: string
  readonly method: 'GET' | 'POST'
  /** Below `/_api/rest/v1`; its last part may be `:id`. */
  readonly path: string
  readonly summary: string
  readonly session: SessionNeed
  /** The right that the client key needs for some queue at least. */
  readonly scopes: readonly ('send' | 'receive')[]
  /** Of the body; without them it is not read. */
  readonly fields?: TObject
  run(call: Call<unknown>): Promise<Answer>
}

interface OperationOf<Fields extends TObject, Needs extends SessionNeed>
  extends Omit<Operation, 'fields' | 'session' | 'run'> {
  readonly session: Needs
  readonly fields?: Fields
  run(call: Call<Static<Fields>, Needs>): Promise<Answer>
}

/** Gives an operation's `run` the types that its schema says. */
export const operation = <Fields extends TObject, Needs extends SessionNeed>(
  described: OperationOf<Fields, Needs>,
): Operation => described as unknown as Operation
