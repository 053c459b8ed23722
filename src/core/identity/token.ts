import { hash, timingSafeEqual } from 'node:crypto'

/** A credential as one text: `mr_`, the key's id, `_`, its secret. */
export const formatToken = (keyId: string, secret: string): string => `${prefix}${keyId}_${secret}`

export const parseToken = (token: string): { keyId: string; secret: string } | undefined => {
  if (!isKeyToken(token)) return undefined
  const end = token.indexOf('_', prefix.length)
  if (end <= prefix.length || end === token.length - 1) return undefined
  return { keyId: token.slice(prefix.length, end), secret: token.slice(end + 1) }
}

export const isKeyToken = (text: string): boolean => text.startsWith(prefix)

const prefix = 'mr_'

export const digestOf = (secret: string): string => hash('sha256', secret, 'hex')

/** In a time that does not depend on where they differ. */
export const hasDigest = (secret: string, digest: Uint8Array): boolean => {
  const given = hash('sha256', secret, 'buffer')
  return given.length === digest.length && timingSafeEqual(given, digest)
}

export type RandomBytes = (count: number) => Uint8Array

export const newKeyId = (random: RandomBytes): string => letters(random(16))
export const newSecret = (random: RandomBytes): string => letters(random(40))

/** A version 4 UUID, for accounts that are not named by a person. */
export const newAccountName = (random: RandomBytes): string => {
  const bytes = Buffer.from(random(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Five bits of each byte; no letter that is mistaken for another, and one double click selects all of it. */
const letters = (bytes: Uint8Array): string => Array.from(bytes, (byte) => alphabet[byte & 31]).join('')
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
