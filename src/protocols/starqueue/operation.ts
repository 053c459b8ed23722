import type { Static, TObject } from 'typebox'
import type { QueueEngine } from '../../core/engine-api.ts'
import type { PasswordLogIn, Principal, Scope } from '../../core/identity/identity.ts'
import type { Answer } from './answer.ts'
import type { StarQueueSettings } from './options.ts'

/** What one request asks for, checked. */
export interface Call<Fields> {
  readonly engine: QueueEngine
  readonly identity: PasswordLogIn
  readonly settings: StarQueueSettings
  /** As they stand in the path; empty where it has none. */
  readonly account: string
  readonly queue: string
  /** Who asks; undefined where no token is needed. */
  readonly principal: Principal | undefined
  readonly fields: Fields
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
}

/** What has to come with a request: a token whose key may do this, a token, or nothing (as long as sign-up is open). */
export type Access = { readonly scope: Scope } | 'token' | 'anyone' | 'sign-up'

/** An operation, as the table holds it. */
export interface Operation {
  /** The first part of its path, in lower case. */
  readonly name: string
  /** What follows it. */
  readonly path: readonly ('accountid' | 'queuename')[]
  readonly summary: string
  readonly access: Access
  readonly fields: TObject
  run(call: Call<unknown>): Answer | Promise<Answer>
}

interface OperationOf<Fields extends TObject> extends Omit<Operation, 'fields' | 'run'> {
  readonly fields: Fields
  run(call: Call<Static<Fields>>): Answer | Promise<Answer>
}

/** Gives an operation's `run` the types that its schema says. */
export const operation = <Fields extends TObject>(described: OperationOf<Fields>): Operation => described as Operation
