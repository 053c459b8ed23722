import type { FastifyInstance } from 'fastify'
import type { Serve } from '../http/serve.ts'
import { methodNotAllowed } from './answer.ts'
import { answering, type Door, notThere, refusing, serverOf } from './handle.ts'
import { allVersions, type Operation, type Version } from './operation.ts'
import { operations } from './operations.ts'
import { type CloudQueuesOptions, defaultSettings } from './options.ts'
import { QueueDefaults } from './queue-defaults.ts'
import { SignedUrls } from './signed-urls.ts'

/** Cloud Queues v1, and Zaqar's v1.1 and v2. */
export interface CloudQueuesDoor {
  /** Adds its routes, which start at the root, to an instance of Fastify. */
  register(app: FastifyInstance): void
  /** Whether a request is of this door that no route took: paths with escapes or lengths that the router does not know. */
  takes(request: { readonly url: string }): boolean
  readonly serve: Serve
}

export const cloudQueuesDoor = (options: CloudQueuesOptions): CloudQueuesDoor => {
  const { engine, identity, clock, origin, serverKey } = options
  const settings = { ...defaultSettings, ...options.settings }
  const door: Door = {
    engine,
    identity,
    clock,
    origin,
    settings,
    signedUrls: new SignedUrls(serverKey, identity),
    queueDefaults: new QueueDefaults(engine),
    maxBodyBytes: Math.min(roomForWhiteSpace * settings.maxPostBytes, options.maxBodyBytes ?? Number.POSITIVE_INFINITY),
  }
  return {
    register(app) {
      for (const version of allVersions) addVersion(app, door, version)
    },
    takes: ({ url }) => ownPath.test(url),
    serve: notThere,
  }
}

const ownPath = /^\/(?:v1|v1\.1|v2\/queues)(?:[/?]|$)/

/** White space does not count in v1, but nobody needs so much of it. */
const roomForWhiteSpace = 8

const addVersion = (app: FastifyInstance, door: Door, version: Version): void => {
  const own = operations.filter((operation) => operation.versions.includes(version))
  for (const path of new Set(own.map((operation) => operation.path))) {
    const here = own.filter((operation) => operation.path === path)
    for (const prefix of prefixesOf(version)) {
      if (prefix !== `/${version}` && !tenantHas(path)) continue
      addPath(app, door, version, prefix + path, here)
    }
  }
  // Below a tenant's path of v2 there is another API.
  addStray(app, version === 'v2' ? '/v2/queues/*' : `/${version}/*`)
}

const prefixesOf = (version: Version): readonly string[] =>
  version === 'v2' ? ['/v2'] : [`/${version}`, `/${version}/:project(^(?!(?:${notTenants.join('|')})$)[^/]+$)`]

/** What stands directly below the version, in this server or in Zaqar's. */
const notTenants = ['queues', 'health', 'ping', 'topics', 'pools', 'flavors']

/** A tenant has queues and a home; what concerns the whole server is there, too. */
const tenantHas = (path: string): boolean => path === '' || /^\/(?:queues|health|ping)/.test(path)

const addPath = (app: FastifyInstance, door: Door, version: Version, url: string, here: readonly Operation[]): void => {
  const methods = here.map(({ method }) => method as string)
  const allowed = [...methods, 'OPTIONS'].sort()
  const others = app.supportedMethods.filter((method) => !allowed.includes(method))
  for (const form of [url, `${url}/`]) {
    for (const operation of here) {
      add(app, [operation.method], form, `${version} ${operation.name}`, serverOf(door, version, operation))
    }
    add(
      app,
      ['OPTIONS'],
      form,
      `${version} options`,
      answering({ status: 200, headers: ['Allow', allowed.join(', ')] }),
    )
    const refuse = refusing(() => methodNotAllowed(allowed))
    add(app, others, form, `${version} refused`, refuse)
  }
}

const addStray = (app: FastifyInstance, url: string): void =>
  add(app, app.supportedMethods, url, 'nothing there', notThere)

const add = (app: FastifyInstance, method: readonly string[], url: string, operationId: string, serve: Serve): void => {
  const schema = { operationId } as object
  app.route({ method: [...method], url, schema, onRequest: serve, handler: neverReached, exposeHeadRoute: false })
}

const neverReached = (): never => {
  throw new Error('the request was served by its onRequest hook')
}
