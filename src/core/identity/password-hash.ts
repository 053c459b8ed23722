import { scrypt, timingSafeEqual } from 'node:crypto'
import type { RandomBytes } from './token.ts'

/** What a hash costs, as scrypt has it. */
export interface PasswordStrength {
  readonly N: number
  readonly r: number
  readonly p: number
}

/** On a thread of its own: a quarter of a second that nobody else waits for. */
export const usualStrength: PasswordStrength = { N: 2 ** 15, r: 8, p: 3 }

/**
 * Passwords are chosen by people or as short as their API wants them, so they are stored as scrypt hashes with a salt each. The
 * strength stands in the text, so that it can be raised without ending older passwords.
 */
export const hashPassword = async (
  password: string,
  random: RandomBytes,
  strength: PasswordStrength,
): Promise<string> => {
  const salt = random(saltBytes)
  const derived = await derive(password, salt, strength)
  return hashText(strength, salt, derived)
}

/** The hash of no password: looking at it takes as long as at one. */
export const nobodysHash = (strength: PasswordStrength): string =>
  hashText(strength, new Uint8Array(saltBytes), new Uint8Array(hashBytes))

const hashText = ({ N, r, p }: PasswordStrength, salt: Uint8Array, derived: Uint8Array): string =>
  `scrypt$${N}$${r}$${p}$${base64(salt)}$${base64(derived)}`

export const isPasswordOf = async (hash: string, password: string): Promise<boolean> => {
  const [scheme, N, r, p, salt = '', expected = ''] = hash.split('$')
  if (scheme !== 'scrypt') return false
  const bytes = Buffer.from(expected, 'base64')
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const derived = await derive(password, Buffer.from(salt, 'base64'), cost)
  return derived.length === bytes.length && timingSafeEqual(derived, bytes)
}

const saltBytes = 16
const hashBytes = 32

const derive = (password: string, salt: Uint8Array, cost: PasswordStrength): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const maxmem = 128 * cost.N * cost.r * cost.p + 1024 * 1024
    scrypt(password, salt, hashBytes, { ...cost, maxmem }, (error, derived) => {
      if (error) reject(error)
      else resolve(derived)
    })
  })

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
