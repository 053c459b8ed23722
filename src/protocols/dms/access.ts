import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import { allows, type Identity, type Principal, type Scope, type SignedRequests } from '../../core/identity/identity.ts'
import { isProjectOf } from '../../core/identity/project-id.ts'
import { Refused } from './problems.ts'
import { parseAuthorization } from './signature/authorization.ts'
import { verifierOf } from './signature/verify.ts'

export interface Gate {
  readonly identity: Identity & SignedRequests
  readonly clock: Clock
}

/**
 * Who makes a request for a project. A token is looked at before the body is read; a signature covers the body. An open server takes
 * anything, and the project is the account.
 */
export const authenticate = async (
  gate: Gate,
  request: IncomingMessage,
  project: string,
  readBody: () => Promise<Buffer>,
): Promise<Principal> => {
  const { identity } = gate
  const token = tokenOf(request)
  const principal = token === undefined ? undefined : await identity.byToken(token)
  if (identity.open) {
    if (principal && isProjectOf(principal.account, project)) return principal
    return identity.openPrincipalOfProject(project.toLowerCase())
  }
  const who = principal ?? (token === undefined ? await bySignature(gate, request, readBody) : undefined)
  if (!who) throw new Refused(token !== undefined && (await identity.hasExpired(token)) ? 10240102 : 10240101)
  if (!isProjectOf(who.account, project)) throw new Refused(10240104)
  return who
}

const tokenOf = ({ headers }: IncomingMessage): string | undefined => {
  const token = headers['x-auth-token']
  return typeof token === 'string' && token !== '' ? token : undefined
}

const bySignature = async (
  { identity, clock }: Gate,
  request: IncomingMessage,
  readBody: () => Promise<Buffer>,
): Promise<Principal | undefined> => {
  const { authorization } = request.headers
  if (!authorization) throw new Refused(10240103)
  const said = parseAuthorization(authorization)
  if (!said) throw new Refused(10240101, 'The Authorization header is not a signature of SDK-HMAC-SHA256.')
  const isSignedWith = verifierOf(request, said, await readBody(), clock.now())
  return identity.bySignature(said.accessKey, isSignedWith)
}

export const isProjectId = (text: string): boolean => /^[0-9A-Fa-f]{32}$/.test(text)

export const requireScope = (principal: Principal, scope: Scope, queue: string): void => {
  if (!allows(principal, scope, queue)) throw new Refused(10240307)
}

/** Whether a queue is shown to a key: it may do something with it. */
export const mayKnow = (principal: Principal, queue: string): boolean =>
  (['send', 'receive', 'manage'] as const).some((scope) => allows(principal, scope, queue))
