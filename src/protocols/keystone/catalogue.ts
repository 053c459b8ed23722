import type { Principal } from '../../core/identity/identity.ts'

/** A service that clients look for, at an address of this server. */
interface Service {
  readonly type: string
  readonly name: string
  readonly url: string
}

/** Clients of OpenStack add the version themselves; those of Rackspace and of DMS want it there, and the project as the token names it. */
const servicesOf = (origin: string, { account }: Principal, identityPath: string): readonly Service[] => [
  { type: 'messaging', name: 'zaqar', url: origin },
  { type: 'rax:queues', name: 'cloudQueues', url: `${origin}/v1/${encodeURIComponent(account)}` },
  { type: 'dms', name: 'dms', url: `${origin}/v1.0/${encodeURIComponent(account)}` },
  { type: 'identity', name: 'keystone', url: `${origin}${identityPath}` },
]

const interfaces = ['public', 'internal', 'admin'] as const

export const catalogueV3 = (origin: string, principal: Principal, regions: readonly string[]): readonly object[] =>
  servicesOf(origin, principal, '/v3').map(({ type, name, url }) => ({
    id: name,
    type,
    name,
    endpoints: regions.flatMap((region) =>
      interfaces.map((face) => ({ id: `${name}-${region}-${face}`, interface: face, region, region_id: region, url })),
    ),
  }))

export const catalogueV2 = (origin: string, principal: Principal, regions: readonly string[]): readonly object[] =>
  servicesOf(origin, principal, '/v2.0').map(({ type, name, url }) => ({
    type,
    name,
    endpoints_links: [],
    endpoints: regions.map((region) => ({
      id: `${name}-${region}`,
      region,
      tenantId: principal.account,
      publicURL: url,
      internalURL: url,
      adminURL: url,
    })),
  }))
