import type { FastifyInstance } from 'fastify'
import type { Serve } from '../http/serve.ts'
import { refuseStrangers, serverOf } from './handle.ts'
import { operations } from './operations.ts'
import { type DmsOptions, defaultSettings } from './options.ts'
import { isDmsRequest } from './path.ts'
import { largestText } from './queue-modes.ts'

/** The DMS API. */
export interface DmsDoor {
  /** Adds its routes, which start at the root, to an instance of Fastify. */
  register(app: FastifyInstance): void
  /** Whether a request is to be answered here that no route took. */
  takes(request: { readonly method: string; readonly url: string }): boolean
  readonly serve: Serve
  /** Answers a page that an open server is not open to. */
  readonly strangers: Serve
}

export const dmsDoor = ({ engine, identity, clock, settings, maxBodyBytes = largestText }: DmsOptions): DmsDoor => {
  const serve = serverOf({
    engine,
    identity,
    clock,
    settings: { ...defaultSettings, ...settings },
    maxBodyBytes: Math.min(largestText, maxBodyBytes),
  })
  return { register: (app) => register(app, serve), takes: isDmsRequest, serve, strangers: refuseStrangers }
}

const register = (app: FastifyInstance, serve: Serve): void => {
  const add = (method: string | string[], url: string, operationId: string) => {
    const schema = { operationId } as object
    app.route({ method, url, schema, onRequest: serve, handler: neverReached, exposeHeadRoute: false })
  }
  for (const { name, method, paths } of operations) {
    for (const path of paths) {
      for (const prefix of prefixes) add(method, prefix + path.replace(/\{(\w+)\}/g, ':$1'), name)
    }
  }
  for (const url of ['/v1.0', '/v1.0/*', ...prefixes, ...prefixes.map((prefix) => `${prefix}/*`)]) {
    add(app.supportedMethods, url, 'other')
  }
}

/** Another API has the rest of what begins with `/v2`. */
const prefixes = ['/v1.0/:project', '/v2/:project(^[0-9A-Fa-f]{32}$)']

const neverReached = (): never => {
  throw new Error('the request was served by its onRequest hook')
}
