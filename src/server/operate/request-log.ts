import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'

/** One line for each request, at `debug`. */
export const logRequests = (app: FastifyInstance, log: Logger): void => {
  if (!log.isLevelEnabled('debug')) return
  app.addHook('onResponse', (request, reply, done) => {
    const ms = Math.round(reply.elapsedTime * 1000) / 1000
    request.log.debug({ req: request, status: reply.statusCode, ms }, 'request')
    done()
  })
}
