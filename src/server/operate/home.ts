import type { FastifyInstance } from 'fastify'
import { apiPath } from '../../protocols/native/schemas/common.ts'
import type { Built } from '../dashboard/built.ts'
import { sendPage, wantsPage } from '../dashboard/routes.ts'

export interface HomeOptions {
  readonly version: string
  readonly dashboard: Built | undefined
  /** What clients of OpenStack choose from. */
  readonly choices: { readonly versions: object }
}

/**
 * `GET /`: the dashboard for a browser, and for programs where to go from here. Clients of OpenStack look there for `versions` of an
 * API and choose one, so the answer to programs is "multiple choices".
 */
export const homeRoutes = (app: FastifyInstance, { version, dashboard, choices }: HomeOptions): void => {
  const places = { api: apiPath, reference: `${apiPath}/reference`, openapi: `${apiPath}/openapi.json` }
  const description = { name: 'millrace', version, ...places, health: '/healthz', readiness: '/readyz' }

  app.get('/', (request, reply) => {
    reply.header('Vary', 'Accept')
    return wantsPage(request) ? sendPage(reply, dashboard) : reply.code(300).send({ ...description, ...choices })
  })
}
