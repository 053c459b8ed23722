import { hash } from 'node:crypto'

/** What a client gets that writes the body as Python does and hashes that, as Zaqar and its own clients do. `body`: JSON. */
export const checksumOf = (body: string): string => `MD5:${hash('md5', asPython(body), 'hex')}`

/** The same JSON as `json.dumps` of Python would write it. A member that is there twice is written twice. */
const asPython = (body: string): string =>
  body.replace(tokens, (token, digits: string | undefined) => {
    if (digits !== undefined) return numberOf(token)
    if (token.startsWith('"')) return textOf(token)
    return token === ',' || token === ':' ? `${token} ` : ''
  })

const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|(-?\d[\d.eE+-]*)|[,:]|\s+/g

const textOf = (token: string): string =>
  JSON.stringify(JSON.parse(token)).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const numberOf = (token: string): string => {
  if (/^-?\d+$/.test(token)) return token === '-0' ? '0' : token
  const value = Number(token)
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [, first = '', rest = '', exponent = ''] = /^(\d)(?:\.(\d+))?e(.+)$/.exec(Math.abs(value).toExponential()) ?? []
  const power = Number(exponent)
  if (power < -4 || power >= 16) {
    const magnitude = String(Math.abs(power)).padStart(2, '0')
    return `${sign}${first}${rest && `.${rest}`}e${power < 0 ? '-' : '+'}${magnitude}`
  }
  // The fewest digits that mean this number, with the point among them.
  const digits = (power < 0 ? '0'.repeat(-power) : '') + first + rest
  const before = Math.max(0, power) + 1
  return `${sign}${digits.slice(0, before).padEnd(before, '0')}.${digits.slice(before) || '0'}`
}
