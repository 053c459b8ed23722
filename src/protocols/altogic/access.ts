import type { IncomingHttpHeaders } from 'node:http'
import { isAuthorized } from '../../core/identity/client-terms.ts'
import type { ClientAccess, Identity, Principal } from '../../core/identity/identity.ts'
import type { UserSession } from '../../core/identity/users/user.ts'
import type { Users } from '../../core/identity/users/users.ts'
import { refused } from './answer.ts'
import type { Operation } from './operation.ts'

/** Who asks, once client key, origin and session have been checked, in this order. */
export interface Caller {
  readonly principal: Principal
  readonly session: UserSession | undefined
}

export const authorize = async (
  identity: Identity & { readonly users: Users },
  headers: IncomingHttpHeaders,
  operation: Operation,
): Promise<Caller> => {
  const { principal, client } = await clientOf(identity, headers['x-client-key'])
  const { authorizedDomains = [], enforceSession = false } = client ?? {}
  if (authorizedDomains.length > 0) checkOrigin(headers.origin, authorizedDomains)
  if (operation.scopes.length > 0) checkRights(principal, operation)
  const needsSession = operation.session === 'always' || (operation.session === 'as-the-key-says' && enforceSession)
  const session = needsSession ? await sessionOf(identity.users, principal.account, headers.session) : undefined
  return { principal, session }
}

/** In open mode anybody, with any client key. */
const clientOf = async (identity: Identity, key: string | string[] | undefined): Promise<ClientAccess> => {
  if (typeof key !== 'string' || key === '') {
    throw refused(401, 'missing_client_key', 'The request has no client key (header X-Client-Key).')
  }
  if (identity.open) return { principal: identity.openPrincipal(), client: null }
  const access = await identity.byClientKey(key)
  if (!access) throw unknownClientKey()
  return access
}

export const unknownClientKey = () =>
  refused(401, 'invalid_client_key', 'The client key is unknown, expired or revoked.')

const checkOrigin = (origin: string | undefined, domains: readonly string[]): void => {
  if (origin === undefined) {
    throw refused(
      401,
      'missing_request_origin',
      'The client key is for web pages of certain domains only, and the request has no origin.',
    )
  }
  if (!isAuthorized(origin, domains)) throw strangeOrigin(origin)
}

export const strangeOrigin = (origin: string | undefined) =>
  refused(401, 'domain_not_authorized', `Pages of ${origin ?? 'this host'} may not use this client key.`, {
    ...(origin !== undefined && { origin }),
  })

const checkRights = ({ grants }: Principal, { scopes }: Operation): void => {
  if (grants.some(({ scope }) => scopes.some((wanted) => wanted === scope))) return
  throw refused(403, 'not_allowed', 'The client key may not use message queues.')
}

/** The client forgets its session on these two codes, so they are for nothing else. */
const sessionOf = async (users: Users, account: string, token: string | string[] | undefined): Promise<UserSession> => {
  if (typeof token !== 'string' || token === '') {
    throw refused(
      401,
      'missing_session_token',
      'A user has to be signed in to do this, and the request names no session.',
    )
  }
  const session = await users.sessions.byToken(account, token)
  if (!session) throw refused(401, 'invalid_session_token', 'The session has ended, or there never was one.')
  return session
}
