import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import type { ClientConfig } from 'pg'

/** Where the database is: what a libpq URL says, several hosts included. */
export interface Address {
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  /** Without the password, to show to people. */
  readonly shown: string
  readonly schema: string
  /** How to connect to one of the hosts. */
  clientConfig(host: { readonly host: string; readonly port: number }): ClientConfig
}

/** Throws a `TypeError` in a sentence when the URL does not say where to go. */
export const parseAddress = (url: string): Address => {
  const parts = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url)
  if (!parts) throw new TypeError('A PostgreSQL store is given as postgres://user:password@host:port/database.')
  const [, credentials = '', hostList = '', path = '', search = ''] = parts
  const query = new URLSearchParams(search)
  const [user = '', password] = splitOnce(credentials, ':').map(decode)
  const ports = query.get('port')?.split(',') ?? []
  const named = query.get('host') ?? hostList
  const hosts = named.split(',').map((entry, i) => hostOf(decode(entry), ports[i] ?? ports[0]))
  const schema = query.get('schema') ?? 'millrace'
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(schema)) {
    throw new TypeError('The schema must be 1 to 41 lower-case letters, digits and _.')
  }
  const name = user || query.get('user') || process.env.PGUSER || userInfo().username
  const database = decode(path) || query.get('dbname') || name
  const secret = password ?? query.get('password') ?? undefined
  const ssl = sslOf(query)
  return {
    hosts,
    schema,
    shown: `postgres://${name}@${hosts.map(({ host, port }) => `${host}:${port}`).join(',')}/${database}`,
    clientConfig: ({ host, port }) => ({
      host,
      port,
      user: name,
      database,
      ...(secret === undefined ? {} : { password: secret }),
      ssl,
      application_name: query.get('application_name') ?? 'millrace',
      connectionTimeoutMillis: Number(query.get('connect_timeout') ?? 5) * 1000,
      keepAlive: true,
    }),
  }
}

const splitOnce = (text: string, separator: string): string[] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const hostOf = (entry: string, portGiven: string | undefined): { host: string; port: number } => {
  const parts = /^(\[[^\]]+\]|\/.*|[^:]*)(?::(\d+))?$/.exec(entry)
  const host = parts?.[1]?.replace(/^\[|\]$/g, '') || process.env.PGHOST || '127.0.0.1'
  const port = Number(parts?.[2] ?? portGiven ?? process.env.PGPORT ?? 5432)
  if (!parts || !(port >= 1 && port <= 65_535)) throw new TypeError(`'${entry}' is not a host with a port.`)
  return { host, port }
}

/** As libpq does: `require` encrypts, `verify-ca` and `verify-full` look at the certificate too. */
const sslOf = (query: URLSearchParams): ClientConfig['ssl'] => {
  const mode = query.get('sslmode') ?? 'disable'
  if (mode === 'disable' || mode === 'allow' || mode === 'prefer') return false
  const root = query.get('sslrootcert')
  const authority = root === null ? {} : { ca: readFileSync(root, 'utf8') }
  if (mode === 'require') return { rejectUnauthorized: false }
  if (mode === 'verify-ca') return { ...authority, checkServerIdentity: () => undefined }
  if (mode === 'verify-full') return authority
  throw new TypeError(`sslmode '${mode}' is not one that PostgreSQL knows.`)
}
