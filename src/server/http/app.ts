import Fastify, { type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import { frameworkError, maxParamLength, requestIdOf } from '../../protocols/native/index.ts'
import type { Config } from '../config/schema.ts'
import { clientErrorHandler } from './client-error.ts'
import { requestLogger } from './request-logger.ts'
import { requireHost } from './require-host.ts'
import { type RootDoor, serveStray } from './root-door.ts'

export interface TlsFiles {
  readonly cert: string
  readonly key: string
}

/** The HTTP side without any door: limits, time-outs, request ids. */
export const createApp = (
  config: Pick<Config, 'limits'>,
  tls: TlsFiles | undefined,
  log: Logger,
  rootDoors: readonly RootDoor[] = [],
): FastifyInstance => {
  const { limits } = config
  const node = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    // See `requireHost`.
    requireHostHeader: false,
    // How often slow clients are looked for; a shorter time-out is kept to just as well.
    connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs / 2, limits.requestTimeoutMs / 2),
  }
  const app = Fastify({
    ...(tls ? { https: { ...node, ...tls, minVersion: 'TLSv1.2' } } : { http: node }),
    loggerInstance: log,
    childLoggerFactory: (_logger, bindings) => requestLogger(log, bindings),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionTimeout: limits.idleTimeoutMs,
    // While it stops, doors say so in their own words.
    return503OnClosing: false,
    genReqId: requestIdOf,
    clientErrorHandler: clientErrorHandler(rootDoors),
    frameworkErrors(error, request, reply) {
      if (!serveStray(rootDoors, request, reply)) frameworkError(error, request, reply)
    },
    routerOptions: { maxParamLength },
  }) as unknown as FastifyInstance
  app.server.maxConnections = limits.maxConnections
  requireHost(app, rootDoors)
  // Nobody has to meet an expectation; node would refuse it with an answer of no door's form.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  return app
}
