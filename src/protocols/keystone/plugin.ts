import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal } from '../../core/errors.ts'
import { allows, type Session } from '../../core/identity/identity.ts'
import { catalogueV2, catalogueV3 } from './catalogue.ts'
import { readV2, readV3 } from './credentials.ts'
import { holderOf, logIn } from './log-in.ts'
import type { KeystoneOptions } from './options.ts'
import { forbidden, notFound, problemBody, Refused, unauthorized } from './problem.ts'
import { accessV2, projectOf, tokenV3 } from './show.ts'
import { versionList, versionOf } from './versions.ts'

/** Where clients look for it: at the root, and below a name of its own, as in a whole OpenStack on one address. */
const places = ['', '/identity']

export const keystone = (app: FastifyInstance, options: KeystoneOptions): void => {
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply))
  app.addHook('onSend', async (_request, reply) => {
    reply.header('Cache-Control', 'no-store').header('Vary', 'X-Auth-Token').header('X-Request-Id', reply.request.id)
  })
  for (const place of places) {
    addV3(app, options, place)
    addV2(app, options, place)
  }
  for (const path of ['/identity', '/identity/']) {
    app.get(path, (request, reply) => reply.code(300).send(versionList(options.origin(request.raw), '/identity')))
  }
}

const addV3 = (app: FastifyInstance, options: KeystoneOptions, place: string): void => {
  const { origin, regions } = options
  for (const path of [`${place}/v3`, `${place}/v3/`]) {
    app.get(path, (request) => ({ version: versionOf('v3', origin(request.raw) + place) }))
  }

  app.post(`${place}/v3/auth/tokens`, async (request, reply) => {
    const asked = readV3(request.body)
    const session = await logIn(options, asked)
    reply.code(201).header('X-Subject-Token', session.token)
    return tokenV3(session, { token: session.token, method: asked.method, catalog: catalogFor(request, session) })
  })

  app.route({
    method: ['GET', 'HEAD'],
    url: `${place}/v3/auth/tokens`,
    handler: async (request, reply) => {
      const token = header(request, 'x-subject-token')
      const session = await inspected(options, request, token)
      reply.header('X-Subject-Token', token)
      return tokenV3(session, { token, method: 'password', catalog: catalogFor(request, session) })
    },
  })

  app.delete(`${place}/v3/auth/tokens`, async (request, reply) => {
    await revoke(options, request, header(request, 'x-subject-token'))
    return reply.code(204).send()
  })

  app.get(`${place}/v3/auth/catalog`, async (request) => {
    const { principal } = await caller(options, request)
    return { catalog: catalogueV3(origin(request.raw), principal, regions), links: {} }
  })

  app.get(`${place}/v3/auth/projects`, async (request) => {
    const { principal } = await caller(options, request)
    return { projects: [{ ...projectOf(principal), enabled: true, domain_id: 'default', is_domain: false }], links: {} }
  })

  const catalogFor = (request: FastifyRequest, { principal }: Session) =>
    'nocatalog' in (request.query as object) ? undefined : catalogueV3(origin(request.raw), principal, regions)
}

const addV2 = (app: FastifyInstance, options: KeystoneOptions, place: string): void => {
  const { origin, regions } = options
  for (const path of [`${place}/v2.0`, `${place}/v2.0/`]) {
    app.get(path, (request) => ({ version: versionOf('v2.0', origin(request.raw) + place) }))
  }

  app.post(`${place}/v2.0/tokens`, async (request) => {
    const session = await logIn(options, readV2(request.body))
    return access(request, session, session.token)
  })

  app.get(`${place}/v2.0/tokens/:token`, async (request) => {
    const { token } = request.params as { token: string }
    return access(request, await inspected(options, request, token), token)
  })

  app.delete(`${place}/v2.0/tokens/:token`, async (request, reply) => {
    await revoke(options, request, (request.params as { token: string }).token)
    return reply.code(204).send()
  })

  app.get(`${place}/v2.0/tenants`, async (request) => {
    const { principal } = await caller(options, request)
    return { tenants: [{ ...projectOf(principal), enabled: true }], tenants_links: [] }
  })

  const access = (request: FastifyRequest, session: Session, token: string) => {
    const serviceCatalog = catalogueV2(origin(request.raw), session.principal, regions)
    return accessV2(session, { token, serviceCatalog, region: regions[0] ?? '' })
  }
}

const header = ({ headers }: FastifyRequest, name: string): string => {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

const caller = async (options: KeystoneOptions, request: FastifyRequest): Promise<Session> => {
  const session = await holderOf(options, header(request, 'x-auth-token'))
  if (!session) throw unauthorized()
  return session
}

/** The holder of a token that a client asks about: itself, somebody of its project, or for an administrator anybody. */
const inspected = async (options: KeystoneOptions, request: FastifyRequest, token: string): Promise<Session> => {
  const { principal } = await caller(options, request)
  const subject = await holderOf(options, token)
  const maySee = subject?.principal.account === principal.account || allows(principal, 'admin')
  if (!subject || !maySee) throw notFound('There is no such token, or it has ended.')
  return subject
}

/** Ends a token, for its holder or an administrator: whoever else sees it may not. */
const revoke = async (options: KeystoneOptions, request: FastifyRequest, token: string): Promise<void> => {
  const { principal } = await caller(options, request)
  const subject = await inspected(options, request, token)
  const isOwn = subject.principal.account === principal.account && subject.principal.keyId === principal.keyId
  if (!isOwn && !allows(principal, 'admin')) throw forbidden('Only its holder or an administrator may revoke a token.')
  if (!(await options.identity.findSession(token))) {
    throw forbidden('This is no token of the identity service, but that of a key or a password, and ends with it.')
  }
  await options.identity.endSession(token)
}

const answerError = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const status = statusOf(error)
  if (status === 500) request.log.error({ err: error, requestId: request.id }, 'a request failed')
  if (status === 401) reply.header('WWW-Authenticate', 'Keystone uri="/v3"')
  if (status === 429 || status === 503) reply.header('Retry-After', '10')
  return reply.code(status).send(problemBody(status, status === 500 ? 'The server failed.' : error.message))
}

const statusOf = (error: FastifyError): number => {
  if (error instanceof Refused) return error.status
  if (isRefusal(error)) return isRefusal(error, 'ArgumentInvalid') ? 400 : 503
  const { statusCode = 500 } = error
  return statusCode >= 400 && statusCode < 500 ? statusCode : 500
}
