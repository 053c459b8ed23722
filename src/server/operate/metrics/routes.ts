import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import { allows, type Identity } from '../../../core/identity/identity.ts'
import { bearerToken } from '../../../protocols/http/bearer.ts'
import { sendProblem } from '../../http/problem.ts'

export interface MetricsRouteOptions {
  readonly registries: readonly Registry[]
  readonly identity: Identity
  /** Anyone may read them. */
  readonly public: boolean
  /** Reads what has to be read before the registries can answer. */
  readonly refresh: () => Promise<void>
}

/** `/metrics`, in the text format of Prometheus. It names queues of every account, so it takes a key with scope `admin`. */
export const metricsRoute = (app: FastifyInstance, options: MetricsRouteOptions): void => {
  app.get('/metrics', async (request, reply) => {
    if (!options.public && !(await isOperator(request, options.identity))) return refuse(reply)
    await options.refresh()
    const texts = await Promise.all(options.registries.map((registry) => registry.metrics()))
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(texts.join('\n'))
  })
}

const isOperator = async ({ headers }: FastifyRequest, identity: Identity): Promise<boolean> => {
  if (identity.open) return true
  const token = bearerToken(headers.authorization)
  const principal = token === undefined ? undefined : await identity.byToken(token)
  return principal !== undefined && allows(principal, 'admin')
}

const refuse = (reply: FastifyReply): FastifyReply =>
  sendProblem(reply.header('WWW-Authenticate', 'Bearer realm="millrace"'), {
    status: 401,
    code: 'Unauthorized',
    title: 'Unauthorized',
    detail: 'Metrics need the bearer token of a key with scope admin, unless metrics.public is set.',
  })
