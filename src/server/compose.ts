import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Clock } from '../core/clock.ts'
import { type DayOf, daysIn } from '../core/days.ts'
import { createEngine } from '../core/engine.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import { createIdentity, type IdentityService } from '../core/identity/create-identity.ts'
import type { PasswordStrength } from '../core/identity/password-hash.ts'
import { secretBox } from '../core/secrets.ts'
import type { Store, StoreFailure } from '../core/store.ts'
import { systemClock, systemRandom } from '../core/system.ts'
import { storeFailureOf } from '../core/unavailable.ts'
import { altogicDoor } from '../protocols/altogic/index.ts'
import { cloudQueuesDoor, notificationForms, versionList } from '../protocols/cloud-queues/index.ts'
import { dmsDoor } from '../protocols/dms/index.ts'
import { originOf } from '../protocols/http/origin.ts'
import { starQueueDoor } from '../protocols/starqueue/index.ts'
import { jsonSchemas } from '../structures/json-schemas.ts'
import { createAdmin } from './admin.ts'
import type { Config } from './config/schema.ts'
import { configuredAccounts } from './configured-accounts.ts'
import { applyConfiguredQueues } from './configured-queues.ts'
import { builtDashboard, dashboardRoutes, OperatorSessions } from './dashboard/index.ts'
import { doors } from './doors.ts'
import { answerFailure } from './http/answer-failure.ts'
import { createApp, type TlsFiles } from './http/app.ts'
import { guardOpenServer } from './http/open-guard.ts'
import { checkMayBeOpen } from './open-mode.ts'
import { isPostgres } from './open-store.ts'
import { failureLog } from './operate/failure-log.ts'
import { healthRoutes } from './operate/health.ts'
import { homeRoutes } from './operate/home.ts'
import { ServerMetrics } from './operate/metrics/index.ts'
import { logRequests } from './operate/request-log.ts'
import { tracedEngine } from './operate/tracing/engine.ts'
import { mailServerOf, startPush } from './push.ts'
import { starQueueSettings, virtualMessageBytes } from './starqueue-settings.ts'
import { whyNoStart } from './start-error.ts'
import { version } from './version.ts'
import { everyObserver, LateObserver, startWatch } from './watch/index.ts'

/** What is made before everything else, and closed after it. */
export interface Foundation {
  readonly store: Store
  readonly serverKey: Uint8Array
  readonly tls: TlsFiles | undefined
  readonly log: Logger
  readonly clock?: Clock
  readonly passwordStrength?: PasswordStrength
}

export interface Composed {
  readonly app: FastifyInstance
  readonly engine: QueueEngine
  readonly identity: IdentityService
  /** Ends waiting receives, lets everything else come to its end, and takes no more. Leaves the store open. */
  stop(): Promise<void>
}

/** Puts the server together: the only place that knows every room. Nothing listens yet. */
export const compose = async (config: Config, foundation: Foundation): Promise<Composed> => {
  const { store, serverKey, tls, log, clock = systemClock(), passwordStrength } = foundation
  const metrics = new ServerMetrics(config.metrics.queues)
  const logFailure = failureLog(log, clock)
  // Whoever is refused because of it is not told.
  const storeFailed = (failure: StoreFailure) => logFailure('the store fails', failure)
  const recorded = new LateObserver()
  const { maxBatch, maxWaiting, maxWaitMs, historyMs } = config.limits
  const limits = {
    maxBatch,
    maxWaiting,
    maxWaitMs,
    historyMs,
    maxVirtualMessageBytes: virtualMessageBytes(config.starqueue),
  }
  const secrets = secretBox(() => serverKey, randomBytes)
  const engine = tracedEngine(
    createEngine({
      store,
      clock,
      random: systemRandom(),
      limits,
      observer: everyObserver(metrics.observer, recorded, { storeFailed }),
      dayOf: daysOf(config),
      jsonSchemas: jsonSchemas(),
      secrets,
      sendsMail: mailServerOf(config.push) !== undefined,
    }),
    version,
  )
  try {
    const configured = configuredAccounts(config)
    const { tokenLifetimeMs } = config.starqueue
    const { sessionLifetimeMs: userSessionLifetimeMs } = config.altogic
    const lifetimes = {
      ...(tokenLifetimeMs !== undefined && { tokenLifetimeMs }),
      ...(userSessionLifetimeMs !== undefined && { userSessionLifetimeMs }),
    }
    const common = {
      engine,
      clock,
      randomBytes,
      serverKey,
      ...lifetimes,
      ...(passwordStrength && { passwordStrength }),
    }
    const identity = await createIdentity({ ...common, open: true, configured }).catch((error: unknown) => {
      throw whyNoStart(error, 'accounts')
    })
    checkMayBeOpen(config.host, identity)
    if (!identity.open && !(await identity.hasKeys())) log.warn('no account has a key, so nobody can use this server')
    await applyConfiguredQueues(engine, identity, config)

    const { maxBodyBytes } = config.limits
    const starQueue = starQueueDoor({ engine, identity, settings: starQueueSettings(config), maxBodyBytes })
    const altogic = altogicDoor({ engine, identity, maxBodyBytes })
    const origin = originOf(config.publicUrl)
    const cloudQueues = cloudQueuesDoor({
      engine,
      identity,
      clock,
      serverKey,
      origin,
      settings: config.cloudQueues,
      maxBodyBytes,
    })
    const dms = dmsDoor({ engine, identity, clock, settings: config.dms, maxBodyBytes })
    const rootDoors = [altogic, dms, { ...starQueue, strangers: 'serve' }, cloudQueues] as const
    const app = createApp(config, tls, log, rootDoors)
    const sessions = new OperatorSessions({ engine, identity, clock })
    const path = config.publicUrl === undefined ? '' : new URL(config.publicUrl).pathname.replace(/\/+$/, '')
    const secure = config.publicUrl?.startsWith('https:') ?? tls !== undefined
    const dashboard = builtDashboard(path)
    let isStopping = false
    logRequests(app, log)
    guardOpenServer(app, () => identity.open, config.publicUrl, rootDoors)
    app.register(async (scope) => {
      scope.setErrorHandler(answerFailure)
      metrics.time(scope, 'server')
      healthRoutes(scope, { engine, clock, isStopping: () => isStopping })
      homeRoutes(scope, { version, dashboard, choices: versionList() })
      await dashboardRoutes(scope, { built: dashboard, sessions, identity, version, path, secure })
      metrics.serve({ app: scope, engine, identity, store, clock, version, public: config.metrics.public })
    })
    const push = startPush({
      engine,
      identity,
      store,
      clock,
      secrets,
      observer: metrics.push,
      config: config.push,
      forms: notificationForms,
    })
    const admin = createAdmin({
      identity,
      store,
      clock,
      version,
      dataDirectory: isPostgres(config) ? null : config.data,
    })
    const apis = { altogic, starQueue, cloudQueues, dms }
    const watch = startWatch(
      {
        engine,
        identity,
        clock,
        push,
        queues: config.metrics.series,
        onError(error) {
          // Why the store fails is said already.
          if (!storeFailureOf(error)) logFailure('the queues could not be watched', error)
        },
      },
      recorded,
    )
    doors(app, metrics, {
      engine,
      identity,
      admin,
      push,
      watch,
      sessions,
      ...apis,
      rootDoors,
      config,
      clock,
      origin,
      version,
    })

    const stop = async () => {
      isStopping = true
      const closed = app.close()
      await watch.stop()
      await push.stop(config.push.stopTimeoutMs)
      await identity.stop().catch((err: unknown) => log.warn({ err }, 'the last use of keys could not be written'))
      await engine.stop()
      // A connection whose request was under way when the server stopped listening would be kept for the next one.
      const sweep = setInterval(() => app.server.closeIdleConnections(), 20)
      await closed.finally(() => clearInterval(sweep))
    }
    return { app, engine, identity, stop }
  } catch (error) {
    await engine.stop()
    throw error
  }
}

/** What is counted by the day is counted from midnight where the server's people are. */
const daysOf = ({ timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone }: Config): DayOf => daysIn(timeZone)
