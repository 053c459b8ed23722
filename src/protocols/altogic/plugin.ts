import type { FastifyInstance } from 'fastify'
import type { Serve } from '../http/serve.ts'
import { strangeOrigin } from './access.ts'
import { answerClientError } from './client-error.ts'
import { refuserOf, serverOf } from './handle.ts'
import { KnownQueues } from './known-queues.ts'
import { basePath, operations } from './operations.ts'
import type { AltogicOptions } from './options.ts'
import { isAltogicRequest } from './path.ts'

/** The Altogic API: message queues, and the users and sessions that its clients need for them. */
export interface AltogicDoor {
  /** Adds its routes, which start at the root, to an instance of Fastify. */
  register(app: FastifyInstance): void
  /** Whether a request is to be answered here that no route took. */
  takes(request: { readonly url: string }): boolean
  readonly serve: Serve
  /** Answers a page that an open server is not open to. */
  readonly strangers: Serve
  /** What a client of this door is told when what it sent is not HTTP, or came too slowly. */
  readonly clientError: typeof answerClientError
}

export const altogicDoor = (options: AltogicOptions): AltogicDoor => {
  const serve = serverOf({ maxBodyBytes: 8_388_608, ...options, knownQueues: new KnownQueues() })
  const strangers = refuserOf(({ headers }) => strangeOrigin(headers.origin))
  return {
    register: (app) => register(app, serve),
    takes: isAltogicRequest,
    serve,
    strangers,
    clientError: answerClientError,
  }
}

const register = (app: FastifyInstance, serve: Serve): void => {
  const add = (url: string, operationId: string) => {
    const schema = { operationId } as object
    app.route({ method: app.supportedMethods, url, schema, onRequest: serve, handler: neverReached })
  }
  const known = new Set<string>()
  for (const { name, path } of operations) {
    const url = `/_api${basePath}${path}`
    if (!known.has(url)) add(url, name)
    known.add(url)
  }
  add('/_api', 'nothing')
  add('/_api/*', 'nothing')
  add('/e::app/_api/*', 'in an app')
}

const neverReached = (): never => {
  throw new Error('the request was served by its onRequest hook')
}
