import type { Static, TSchema } from 'typebox'
import type { QueueEngine } from '../../core/engine-api.ts'
import type { Principal } from '../../core/identity/identity.ts'

/** What one request asks of an operation, checked but for what it may do. */
export interface Call<Body> {
  readonly engine: QueueEngine
  readonly principal: Principal
  readonly account: string
  readonly path: Readonly<Record<string, string>>
  readonly body: Body
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly content: unknown
  /** Names and values, one after the other. */
  readonly headers?: readonly string[]
  /** Called instead, when the client has gone. */
  readonly ifGone?: () => Promise<unknown>
}

/** All of them are a POST with a JSON object. */
export interface Operation {
  /** With parameters as `:name`. */
  readonly path: string
  readonly body: TSchema
  run(call: Call<unknown>): Promise<Answer>
}

/** Gives an operation's `run` the type that its schema says. */
export const operation = <Schema extends TSchema>(described: {
  readonly path: string
  readonly body: Schema
  run(call: Call<Static<Schema>>): Promise<Answer>
}): Operation => described as Operation
