import type { FastifyInstance } from 'fastify'
import type { Clock } from '../core/clock.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import type { Identity, SessionLogIns } from '../core/identity/identity.ts'
import type { PushControl } from '../core/push-control.ts'
import type { AltogicDoor } from '../protocols/altogic/index.ts'
import type { CloudQueuesDoor } from '../protocols/cloud-queues/index.ts'
import type { DmsDoor } from '../protocols/dms/index.ts'
import type { OriginOf } from '../protocols/http/origin.ts'
import { keystone } from '../protocols/keystone/index.ts'
import { type AdminApi, nativeApi, type WatchApi } from '../protocols/native/index.ts'
import { apiPath } from '../protocols/native/schemas/common.ts'
import type { StarQueueDoor } from '../protocols/starqueue/index.ts'
import { workerProtocol } from '../protocols/worker/index.ts'
import type { Config } from './config/schema.ts'
import type { OperatorSessions } from './dashboard/index.ts'
import { sendProblem } from './http/problem.ts'
import { type RootDoor, serveStray } from './http/root-door.ts'
import type { ServerMetrics } from './operate/metrics/index.ts'

export interface DoorOptions {
  readonly config: Config
  readonly engine: QueueEngine
  readonly identity: Identity & SessionLogIns
  readonly clock: Clock
  readonly origin: OriginOf
  readonly admin: AdminApi
  readonly push: PushControl
  readonly altogic: AltogicDoor
  readonly watch: WatchApi
  readonly sessions: OperatorSessions
  readonly starQueue: StarQueueDoor
  readonly cloudQueues: CloudQueuesDoor
  readonly dms: DmsDoor
  /** Those of them whose paths start at the root, the first of which to take a request that no route took. */
  readonly rootDoors: readonly RootDoor[]
  readonly version: string
}

/** Every API that the server speaks, each in a scope of its own. */
export const doors = (app: FastifyInstance, metrics: ServerMetrics, options: DoorOptions): void => {
  const { maxBodyBytes } = options.config.limits
  const { altogic, starQueue, cloudQueues, dms, rootDoors } = options
  // Before the framework has read anything of their bodies.
  app.addHook('onRequest', (request, reply, done) => {
    const isStray = request.is404 && !ownPaths.some((path) => request.url.startsWith(path))
    if (!isStray || !serveStray(rootDoors, request, reply)) done()
  })
  app.register(
    async (scope) => {
      metrics.time(scope, 'native')
      await nativeApi(scope, { ...options, limits: { maxBodyBytes } })
    },
    { prefix: apiPath },
  )
  app.register(
    async (scope) => {
      metrics.time(scope, 'worker')
      await workerProtocol(scope, { ...options, maxBodyBytes })
    },
    { prefix: '/worker/v1' },
  )
  app.register(async (scope) => {
    metrics.time(scope, 'altogic')
    altogic.register(scope)
  })
  app.register(async (scope) => {
    metrics.time(scope, 'starqueue')
    starQueue.register(scope)
  })
  app.register(async (scope) => {
    metrics.time(scope, 'cloud-queues')
    cloudQueues.register(scope)
  })
  app.register(async (scope) => {
    metrics.time(scope, 'dms')
    dms.register(scope)
  })
  app.register(async (scope) => {
    metrics.time(scope, 'keystone')
    const { identity, clock, origin, config } = options
    keystone(scope, { identity, clock, origin, ...config.keystone })
  })
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, nothingThere))
}

/** Of APIs that answer all that lies below. */
const ownPaths = ['/api/', '/worker/']

const nothingThere = {
  status: 404,
  code: 'PathNotFound',
  title: 'Path not found',
  detail: `There is nothing here. The API is under ${apiPath}; ${apiPath}/reference describes it.`,
}
