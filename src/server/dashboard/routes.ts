import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Identity } from '../../core/identity/identity.ts'
import { sendProblem } from '../http/problem.ts'
import { type Built, notBuilt } from './built.ts'
import { type OperatorSessions, sessionCookie } from './sessions.ts'

export interface DashboardOptions {
  readonly built: Built | undefined
  readonly sessions: OperatorSessions
  readonly identity: Pick<Identity, 'open'>
  readonly version: string
  /** Where the server is reached below its host; mostly empty. */
  readonly path: string
  readonly secure: boolean
}

/** Whether whoever asks is a browser that a person looks at. */
export const wantsPage = (request: FastifyRequest): boolean => request.headers.accept?.includes('text/html') ?? false

/** The dashboard: one page for every screen, its files, and signing in and out. */
export const dashboardRoutes = async (app: FastifyInstance, options: DashboardOptions): Promise<void> => {
  const { built } = options
  if (built) {
    await app.register(fastifyStatic, {
      root: built.directory,
      prefix: '/dashboard/',
      serve: true,
      wildcard: false,
      index: false,
      preCompressed: true,
      cacheControl: false,
      globIgnore: ['**/*.br', '**/*.gz', 'index.html'],
      setHeaders(reply, path) {
        const isHashed = path.includes('/assets/')
        reply.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
        reply.header('X-Content-Type-Options', 'nosniff')
      },
    })
  }
  const page = (_request: FastifyRequest, reply: FastifyReply) => sendPage(reply, built)
  app.get('/dashboard', page)
  app.get('/dashboard/*', (request, reply) => {
    if (!request.url.startsWith('/dashboard/assets/')) return sendPage(reply, built)
    return sendProblem(reply, {
      status: 404,
      code: 'PathNotFound',
      title: 'Path not found',
      detail: 'There is no such file. The dashboard has been built anew: load its page again.',
    })
  })
  sessionRoutes(app, options)
}

export const sendPage = (reply: FastifyReply, built: Built | undefined): FastifyReply =>
  reply
    .type('text/html; charset=utf-8')
    .headers(pageHeaders)
    .code(built ? 200 : 503)
    .send(built?.page ?? notBuilt)

/** Nothing from elsewhere, nothing inline, and in nobody's frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const pageHeaders = {
  'Cache-Control': 'no-cache',
  'Content-Security-Policy': policy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

const sessionRoutes = (app: FastifyInstance, options: DashboardOptions): void => {
  const { sessions, identity, version, path, secure } = options
  const cookie = (value: string, maxAge: number) =>
    `${sessionCookie}=${value}; Path=${path}/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`

  app.get('/dashboard/session', async (request, reply) => {
    reply.header('Cache-Control', 'no-store')
    if (identity.open) return { state: 'open', account: 'default', name: null, admin: true, version }
    const principal = await sessions.principalOf(request.headers)
    if (!principal) return { state: 'signed-out' }
    const admin = principal.grants.some(({ scope }) => scope === 'admin')
    return { state: 'signed-in', account: principal.account, name: principal.keyId, admin, version }
  })

  app.post('/dashboard/session', async ({ body }, reply) => {
    reply.header('Cache-Control', 'no-store')
    const signedIn = Value.Check(SignIn, body) ? await sessions.signIn(body.key.trim()) : undefined
    if (!signedIn) return sendProblem(reply, refused)
    reply.header('Set-Cookie', cookie(signedIn.token, signedIn.maxAgeSeconds))
    return reply.code(204).send()
  })

  app.delete('/dashboard/session', async (request, reply) => {
    await sessions.signOut(request.headers)
    return reply.header('Set-Cookie', cookie('', 0)).code(204).send()
  })
}

/** Checked here rather than by the framework, whose first schema adds some 30 ms to every start. */
const SignIn = Type.Object({ key: Type.String({ minLength: 1, maxLength: 1024 }) })

const refused = {
  status: 403,
  code: 'Forbidden',
  title: 'Forbidden',
  detail:
    'This key does not open the dashboard: it is unknown, expired or revoked, or has neither the scope manage nor admin.',
}
