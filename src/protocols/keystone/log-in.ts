import type { IssuedSession, Principal, Session } from '../../core/identity/identity.ts'
import { isProjectOf } from '../../core/identity/project-id.ts'
import type { LogIn } from './credentials.ts'
import type { KeystoneOptions } from './options.ts'
import { tooMany, unauthorized } from './problem.ts'

/**
 * Trades credentials for a token. An open server gives one to anybody, for the project that is asked for; one that has keys or passwords
 * only for the project that these belong to.
 */
export const logIn = async (options: KeystoneOptions, { credentials, project }: LogIn): Promise<IssuedSession> => {
  const { identity } = options
  if (identity.open && project !== undefined) return identity.beginOpenSession(project, options.tokenLifetimeMs)
  const session = await sessionFor(options, credentials)
  if (session && (project === undefined || isProjectOf(session.principal.account, project))) return session
  if (identity.open) return identity.beginOpenSession(undefined, options.tokenLifetimeMs)
  throw unauthorized(session ? 'These credentials belong to another project.' : undefined)
}

const sessionFor = async (
  { identity, tokenLifetimeMs }: KeystoneOptions,
  credentials: LogIn['credentials'],
): Promise<IssuedSession | undefined> => {
  if ('token' in credentials) {
    const session = await identity.findSession(credentials.token)
    return session && { ...session, token: credentials.token }
  }
  const answer = await identity.beginSession(credentials, tokenLifetimeMs)
  if ('token' in answer) return answer
  if (answer.refused === 'too-many' && !identity.open) throw tooMany()
  return undefined
}

/** Who has a token of any kind. Those without an end of their own are good for as long as a new one would be. */
export const holderOf = async (
  { identity, clock, tokenLifetimeMs }: KeystoneOptions,
  token: string,
): Promise<Session | undefined> => {
  const session = await identity.findSession(token)
  if (session) return session
  const principal: Principal | undefined = await identity.byToken(token)
  const issuedAt = clock.now()
  return principal && { principal, issuedAt, expiresAt: issuedAt + tokenLifetimeMs }
}
