import type { FastifyInstance } from 'fastify'
import type { Serve } from '../http/serve.ts'
import { serverOf } from './handle.ts'
import { operations } from './operations.ts'
import { defaultSettings, type StarQueueOptions } from './options.ts'
import { isStarQueueRequest } from './path.ts'

/** The StarQueue API. */
export interface StarQueueDoor {
  /** Adds its routes, which start at the root, to an instance of Fastify. */
  register(app: FastifyInstance): void
  /** Whether a request is to be answered here that no route took: methods and escapes that the router does not know, and paths of nobody. */
  takes(request: { readonly method: string; readonly url: string }): boolean
  readonly serve: Serve
}

export const starQueueDoor = (options: StarQueueOptions): StarQueueDoor => {
  const { engine, identity } = options
  const settings = { ...defaultSettings, ...options.settings }
  const enough = largestEscape * settings.maxMessageBytes + roomForTheRest
  const serve = serverOf({ engine, identity, settings, maxBodyBytes: Math.min(enough, options.maxBodyBytes ?? enough) })
  return { register: (app) => register(app, serve), takes: isStarQueueRequest, serve }
}

/** A character of base64 may be written as an escape of JSON, such as `\u002b`. */
const largestEscape = 6
const roomForTheRest = 65_536

const register = (app: FastifyInstance, serve: Serve): void => {
  const add = (path: string, operationId: string) => {
    const schema = { operationId } as object
    for (const url of [path, `${path}/*`]) {
      app.route({ method: app.supportedMethods, url, schema, onRequest: serve, handler: neverReached })
    }
  }
  for (const { name } of operations) add(`/${name}`, name)
  // `MessageSend`, as some texts have it, and any other mixture of cases.
  add(`/:name(^(?:${operations.map(({ name }) => inAnyCase(name)).join('|')})$)`, 'in other cases')
}

const inAnyCase = (name: string): string => [...name].map((letter) => `[${letter}${letter.toUpperCase()}]`).join('')

const neverReached = (): never => {
  throw new Error('the request was served by its onRequest hook')
}
