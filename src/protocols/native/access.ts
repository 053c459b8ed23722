import type { IncomingHttpHeaders } from 'node:http'
import { allows, type Identity, type Principal, type Scope } from '../../core/identity/identity.ts'
import { bearerToken } from '../http/bearer.ts'
import { headerText } from '../http/latin1.ts'
import type { Sessions } from './options.ts'
import { invalid, ProblemError } from './problem-error.ts'
import { headers as headerNames } from './schemas/index.ts'

/** Who makes the request. In open mode anybody, in the account that the request names. */
export const authenticate = (
  identity: Identity,
  headers: IncomingHttpHeaders,
  sessions?: Sessions,
): Principal | Promise<Principal> => {
  const account = accountHeader(headers)
  if (identity.open) return identity.openPrincipal(account)
  const { authorization } = headers
  if (authorization === undefined) {
    if (headers.cookie === undefined || !sessions) throw unauthorized('The request has no credentials.')
    return sessions.principalOf(headers).then((principal) => {
      if (!principal) throw unauthorized('The request has no credentials, or the session is over.')
      return inAccount(principal, account)
    })
  }
  const token = bearerToken(authorization)
  if (token === undefined) throw unauthorized('The header Authorization is not of the form "Bearer TOKEN".')
  const found = identity.byToken(token)
  return found instanceof Promise ? found.then((principal) => inAccount(principal, account)) : inAccount(found, account)
}

const unauthorized = (message: string, error = ''): ProblemError =>
  new ProblemError('Unauthorized', message, {}, ['WWW-Authenticate', `Bearer realm="millrace"${error}`])

const accountHeader = (headers: IncomingHttpHeaders): string | undefined => {
  const value = headers['x-millrace-account']
  if (typeof value !== 'string') return undefined
  const account = headerText(value)
  if (account) return account
  throw invalid([
    { in: 'header', path: `/${headerNames.account}`, message: 'must be the name of an account, in UTF-8' },
  ])
}

const inAccount = (principal: Principal | undefined, account: string | undefined): Principal => {
  if (!principal) {
    throw unauthorized('The bearer token is unknown, expired or revoked.', ', error="invalid_token"')
  }
  if (account === undefined || account === principal.account) return principal
  if (allows(principal, 'admin')) return { ...principal, account }
  throw new ProblemError(
    'Forbidden',
    `This key belongs to another account than '${account}', so it would need the scope admin.`,
    { scope: 'admin', account },
  )
}

/** Refuses unless the principal has one of the scopes for the queue; without a queue, for every queue. */
export const requireScope = (principal: Principal, scopes: readonly Scope[], queue?: string): void => {
  for (const scope of scopes) if (allows(principal, scope, queue)) return
  const names = scopes.join(' or ')
  const place = queue === undefined ? '' : ` for the queue '${queue}'`
  throw new ProblemError('Forbidden', `This needs the scope ${names}${place}, which the key does not have.`, {
    scope: scopes[0],
    ...(queue === undefined ? {} : { queue }),
  })
}

/** Whatever has messages put into another queue is a send: a key that may not send there must not get them there by a detour. */
export const requireSendTo = (principal: Principal, queue: string | null | undefined): void => {
  if (queue !== undefined && queue !== null) requireScope(principal, ['send', 'manage'], queue)
}

export const mayUse = (principal: Principal, scopes: readonly Scope[], queue: string): boolean =>
  scopes.some((scope) => allows(principal, scope, queue))

/** Under which name what somebody does goes into history. */
export const nameOf = ({ keyId }: Principal): string => keyId ?? 'operator'
