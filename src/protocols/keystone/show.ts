import { hash } from 'node:crypto'
import type { Principal, Session } from '../../core/identity/identity.ts'
import type { LogIn } from './credentials.ts'

const domain = { id: 'default', name: 'Default' }

const userOf = ({ keyId, account }: Principal): string => keyId ?? account

const rolesOf = ({ grants }: Principal): readonly string[] => [
  'member',
  ...(grants.some(({ scope }) => scope === 'admin') ? ['admin'] : []),
]

export const projectOf = ({ account }: Principal) => ({ id: account, name: account })

/** A token as v3 describes it. */
export const tokenV3 = (
  { principal, issuedAt, expiresAt }: Session,
  { token, method, catalog }: { token: string; method: LogIn['method']; catalog: readonly object[] | undefined },
): object => {
  const user = userOf(principal)
  return {
    token: {
      methods: [method],
      user: { id: user, name: user, domain, password_expires_at: null },
      audit_ids: [hash('sha256', token, 'base64url').slice(0, 22)],
      issued_at: microseconds(issuedAt),
      expires_at: microseconds(expiresAt),
      project: { ...projectOf(principal), domain },
      is_domain: false,
      roles: rolesOf(principal).map((name) => ({ id: name, name })),
      ...(catalog && { catalog }),
    },
  }
}

const microseconds = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')

/** The same as v2.0 and Rackspace describe it. */
export const accessV2 = (
  { principal, issuedAt, expiresAt }: Session,
  { token, serviceCatalog, region }: { token: string; serviceCatalog: readonly object[]; region: string },
): object => {
  const user = userOf(principal)
  return {
    access: {
      token: {
        id: token,
        issued_at: new Date(issuedAt).toISOString(),
        expires: new Date(expiresAt).toISOString(),
        tenant: { ...projectOf(principal), enabled: true },
      },
      serviceCatalog,
      user: {
        id: user,
        name: user,
        username: user,
        roles: rolesOf(principal).map((name) => ({ id: name, name })),
        roles_links: [],
        'RAX-AUTH:defaultRegion': region,
      },
    },
  }
}
