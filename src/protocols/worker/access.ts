import type { IncomingHttpHeaders } from 'node:http'
import { allows, type Identity, type Principal, type Scope } from '../../core/identity/identity.ts'
import { bearerToken } from '../http/bearer.ts'
import { ProtocolError } from './errors.ts'

/** Who makes the request. In open mode anybody. */
export const authenticate = async (identity: Identity, headers: IncomingHttpHeaders): Promise<Principal> => {
  if (identity.open) return identity.openPrincipal()
  const token = bearerToken(headers.authorization)
  if (token === undefined) throw unauthorized('The request needs the header "Authorization: Bearer TOKEN".')
  const principal = await identity.byToken(token)
  if (!principal) throw unauthorized('The token is unknown, expired or revoked.')
  return principal
}

const unauthorized = (message: string): ProtocolError =>
  new ProtocolError(401, 'unauthorized', message, ['WWW-Authenticate', 'Bearer realm="millrace"'])

export const requireScope = (principal: Principal, scope: Scope, queue: string): void => {
  if (allows(principal, scope, queue)) return
  throw new ProtocolError(403, 'forbidden', `This needs the scope ${scope} for the queue '${queue}'.`)
}
