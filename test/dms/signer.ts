// Signs requests as the published algorithm says, on its own: nothing here is taken from the server.

import { createHash, createHmac } from 'node:crypto'

export interface Signing {
  readonly accessKey: string
  readonly secret: string
  readonly at: Date
  /** The older form, for a region and a service, either of which may be empty. */
  readonly scope?: { readonly region: string; readonly service: string }
  readonly signed?: readonly string[]
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()

const percent = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[A-Za-z0-9\-_.~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')

/** The headers that a request has to be sent with. */
export const sign = (
  method: string,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  { accessKey, secret, at, scope, signed }: Signing,
): Record<string, string> => {
  const { host, pathname, searchParams } = new URL(url)
  const date = at.toISOString().replace(/[-:]|\.\d+/g, '')
  const all: Record<string, string> = { host, 'x-sdk-date': date }
  for (const [name, value] of Object.entries(headers)) all[name.toLowerCase()] = value
  const names = [...(signed ?? Object.keys(all))].sort()
  const path = pathname.split('/').map((segment) => percent(decodeURIComponent(segment)))
  const pairs = [...searchParams].sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
  const canonical = [
    method,
    path.at(-1) === '' ? path.join('/') : `${path.join('/')}/`,
    pairs.map(([name, value]) => `${percent(name)}=${percent(value)}`).join('&'),
    names.map((name) => `${name}:${all[name]?.trim()}\n`).join(''),
    names.join(';'),
    all['x-sdk-content-sha256'] ?? sha256(body),
  ].join('\n')
  const day = date.slice(0, 8)
  const place = scope && `${day}/${scope.region}/${scope.service}/sdk_request`
  const text = ['SDK-HMAC-SHA256', date, ...(place ? [place] : []), sha256(canonical)].join('\n')
  const key = scope ? hmac(hmac(hmac(hmac(`SDK${secret}`, day), scope.region), scope.service), 'sdk_request') : secret
  const credential = place ? `Credential=${accessKey}/${place}` : `Access=${accessKey}`
  const signature = createHmac('sha256', key).update(text).digest('hex')
  return {
    ...headers,
    'X-Sdk-Date': date,
    Authorization: `SDK-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}
