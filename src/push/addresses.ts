import { lookup as systemLookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'

/** Which addresses may be called besides public ones. */
export interface AddressPolicy {
  /** All private, local and special ones. */
  readonly all: boolean
  /** This machine itself. */
  readonly loopback: boolean
  /** Networks as `10.1.0.0/16` or `fd00::/8`, or single addresses. */
  readonly networks: readonly string[]
}

export type Lookup = (
  hostname: string,
  options: { readonly all: true; readonly family?: number },
  done: (error: Error | null, addresses: { readonly address: string; readonly family: number }[]) => void,
) => void

const loopbackNetworks = ['127.0.0.0/8', '::1/128']

/**
 * What is not a public address of a single machine: private, shared (CGNAT), link-local, multicast, documentation, benchmarks and reserved
 * ones, and the forms of IPv6 that stand for an IPv4 address behind a translator. IPv4-mapped IPv6 goes by its IPv4 address.
 */
const specialNetworks = [
  ...loopbackNetworks,
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]

/** Undefined when the text is not a network or an address. */
export const parseNetwork = (
  text: string,
): { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' } | undefined => {
  const [address = '', length, ...more] = text.split('/')
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  if (version === 0 || more.length > 0 || !(bits >= 0 && bits <= most)) return undefined
  return { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' }
}

const blockList = (networks: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const network of networks) {
    const parsed = parseNetwork(network)
    if (!parsed) throw new Error(`${network} is not a network`)
    list.addSubnet(parsed.address, parsed.bits, parsed.family)
  }
  return list
}

const special = blockList(specialNetworks)
const loopback = blockList(loopbackNetworks)

/** Whether an address may be called. */
export const addressCheck = (policy: () => AddressPolicy): ((address: string) => boolean) => {
  let networks: readonly string[] | undefined
  let allowed = new BlockList()
  return (address) => {
    const version = isIP(address)
    if (version === 0) return false
    const family = version === 4 ? 'ipv4' : 'ipv6'
    // A zone (fe80::1%eth0) only ever goes with a link-local address.
    const plain = address.split('%')[0] as string
    const current = policy()
    if (current.all || !special.check(plain, family)) return true
    if (current.loopback && loopback.check(plain, family)) return true
    if (networks !== current.networks) {
      networks = current.networks
      allowed = blockList(networks)
    }
    return allowed.check(plain, family)
  }
}

/** The address of a target is not one that may be called. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/**
 * Looks names up and gives only addresses that may be called. The connection is made to one of these, so that a name that stands for another address
 * a moment later gains nothing.
 */
export const guardedLookup =
  (mayCall: (address: string) => boolean, lookup: Lookup = systemLookup as Lookup) =>
  (
    hostname: string,
    options: { readonly all?: boolean | undefined; readonly family?: number | string | undefined },
    done: (error: Error | null, address: unknown, family?: number) => void,
  ): void => {
    const family = options.family === 4 || options.family === 6 ? { family: options.family } : {}
    lookup(hostname, { all: true, ...family }, (error, addresses) => {
      if (error) {
        done(error, [])
        return
      }
      const allowed = addresses.filter(({ address }) => mayCall(address))
      const [first] = allowed
      if (!first) done(refusedAddress(hostname, addresses.map(({ address }) => address).join(', ')), [])
      else if (options.all) done(null, allowed)
      else done(null, first.address, first.family)
    })
  }

export const refusedAddress = (hostname: string, addresses: string): AddressRefused =>
  new AddressRefused(
    `${hostname} is at ${addresses || 'no address'}, a private or local address, which calls may not go to; see push.allowedTargets in the configuration`,
  )
