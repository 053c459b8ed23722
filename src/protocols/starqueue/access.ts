import type { IncomingHttpHeaders } from 'node:http'
import { allows, type Identity, type Principal } from '../../core/identity/identity.ts'
import { bearerToken } from '../http/bearer.ts'
import { accessDenied } from './answer.ts'
import type { Access } from './operation.ts'

/** The token in a header, if one holds any. The first that is there decides, be it empty. */
export const headerToken = (headers: IncomingHttpHeaders): string | undefined => {
  const { authtoken, authorization } = headers
  if (authtoken !== undefined) return String(authtoken)
  return bearerToken(authorization)
}

/** Who has the token, if it is of the account in the path and good for what is asked. */
export const authorize = async (
  identity: Identity,
  token: unknown,
  { account, queue, access }: { account: string; queue: string; access: Access },
): Promise<Principal> => {
  const principal = typeof token === 'string' ? await identity.byToken(token) : undefined
  if (!principal || principal.account !== account) throw accessDenied()
  if (typeof access === 'object' && !allows(principal, access.scope, queue)) throw accessDenied()
  return principal
}

/** Messages may only be directed to a queue that the sender or receiver may fill. */
export const mayFill = (principal: Principal | undefined, queue: string | undefined): void => {
  if (queue === undefined || !principal) return
  if (!allows(principal, 'send', queue) && !allows(principal, 'manage', queue)) throw accessDenied()
}
