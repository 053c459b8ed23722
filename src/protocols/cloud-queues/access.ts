import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { allows, type Identity, type Principal, type Scope } from '../../core/identity/identity.ts'
import { accountNameFault } from '../../core/identity/model.ts'
import { headerText } from '../http/latin1.ts'
import type { OriginOf } from '../http/origin.ts'
import { badName, forbidden, refused, unauthorized } from './answer.ts'
import type { Version } from './operation.ts'

export interface Gate {
  readonly identity: Identity
  readonly origin: OriginOf
}

/** What a request says of the project that it is about. */
export interface Said {
  readonly version: Version
  /** In its path. */
  readonly tenant: string | undefined
}

/**
 * Who makes a request, in which account. The tenant in the path goes before the header, and the project of the token is enough; an open server
 * takes any token or none.
 */
export const authenticate = (
  { identity, origin }: Gate,
  request: IncomingMessage,
  said: Said,
): Principal | Promise<Principal> => {
  const { headers } = request
  const project = said.tenant ?? projectHeader(headers)
  if (project !== undefined) checkProject(project)
  const token = headers['x-auth-token']
  if (identity.open) return openTo(identity, token, project, said.version)
  if (typeof token !== 'string' || token === '') {
    throw unauthorized('The request you have made requires authentication.', origin(request))
  }
  const found = identity.byToken(token)
  const checked = (principal: Principal | undefined): Principal => {
    if (!principal) throw unauthorized('The token is unknown, expired or revoked.', origin(request))
    return inProject(principal, project)
  }
  return found instanceof Promise ? found.then(checked) : checked(found)
}

const openTo = (
  identity: Identity,
  token: string | string[] | undefined,
  project: string | undefined,
  version: Version,
): Principal | Promise<Principal> => {
  const anybody = () => {
    if (project === undefined && version !== 'v1') {
      throw refused(400, 'Project-Id Missing', 'The header X-PROJECT-ID was missing')
    }
    return identity.openPrincipal(project)
  }
  // A token that was given here names a project of its own.
  if (project !== undefined || typeof token !== 'string') return anybody()
  const found = identity.byToken(token)
  const orAnybody = (principal: Principal | undefined) => principal ?? anybody()
  return found instanceof Promise ? found.then(orAnybody) : orAnybody(found)
}

const projectHeader = (headers: IncomingHttpHeaders): string | undefined => {
  const given = headers['x-project-id']
  if (typeof given !== 'string') return undefined
  if (given === '') {
    const advice = 'X-PROJECT-ID cannot be an empty string. Specify the right header X-PROJECT-ID and retry.'
    throw refused(400, 'Empty project header not allowed', advice)
  }
  // Some clients send Latin-1, as HTTP once had it.
  return headerText(given) ?? given
}

const checkProject = (project: string): void => {
  const fault = accountNameFault(project)
  if (fault) throw badName(`The project id ${fault}.`)
}

const inProject = (principal: Principal, project: string | undefined): Principal => {
  if (project === undefined || project === principal.account) return principal
  if (allows(principal, 'admin')) return { ...principal, account: project }
  throw forbidden('The token belongs to another project.')
}

/** Refuses unless the principal has one of the scopes: for the queue, else for any at all, of which lists show the permitted ones. */
export const requireScope = (principal: Principal, scopes: readonly Scope[], queue: string): void => {
  for (const scope of scopes) {
    if (queue === '' ? principal.grants.some((grant) => grant.scope === scope) : allows(principal, scope, queue)) return
  }
  throw forbidden(`This needs the scope ${scopes.join(' or ')}${queue === '' ? '' : ` for the queue ${queue}`}.`)
}

/** Whoever has a pre-signed URL: it has been checked that it is good for what is asked. */
export const bearerOf = (project: string): Principal => ({
  account: project,
  keyId: null,
  grants: (['send', 'receive', 'manage'] as const).map((scope) => ({ scope, queues: '*' })),
})
