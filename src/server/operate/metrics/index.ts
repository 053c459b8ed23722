import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import type { Clock } from '../../../core/clock.ts'
import type { QueueEngine } from '../../../core/engine-api.ts'
import type { IdentityService } from '../../../core/identity/create-identity.ts'
import type { EngineObserver } from '../../../core/observer.ts'
import type { Store } from '../../../core/store.ts'
import type { PushObserver } from '../../../push/index.ts'
import { EngineMetrics } from './engine-metrics.ts'
import { HttpMetrics } from './http-metrics.ts'
import { PushMetrics } from './push-metrics.ts'
import { QueueDepth } from './queue-depth.ts'
import { metricsRoute } from './routes.ts'
import { addServerMetrics, processRegistry } from './server-metrics.ts'

export interface MetricsOptions {
  readonly app: FastifyInstance
  readonly engine: QueueEngine
  readonly identity: IdentityService
  readonly store: Store
  readonly clock: Clock
  readonly version: string
  readonly public: boolean
}

/** Everything that `/metrics` shows. */
export class ServerMetrics {
  readonly #registry = new Registry()
  readonly #queues: number
  readonly #http = new HttpMetrics(this.#registry)
  /** For calls to services. */
  readonly push: PushObserver
  /** For the engine. */
  readonly observer: EngineObserver

  /** `queues`: how many have numbers of their own. */
  constructor(queues: number) {
    this.#queues = queues
    this.observer = new EngineMetrics(this.#registry, { queues })
    this.push = new PushMetrics(this.#registry)
  }

  /** Times every route that is added to `scope` from now on. */
  time(scope: FastifyInstance, door: string): void {
    this.#http.time(scope, door)
  }

  serve({ app, engine, identity, store, clock, version, public: isPublic }: MetricsOptions): void {
    const { listAccounts } = identity
    const depth = new QueueDepth(this.#registry, { engine, clock, listAccounts, limit: this.#queues })
    addServerMetrics(this.#registry, { store, server: app.server, version })
    const registries = [this.#registry, processRegistry()]
    metricsRoute(app, { registries, identity, public: isPublic, refresh: () => depth.refresh() })
  }
}
