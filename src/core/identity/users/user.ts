import type { Millis } from '../../clock.ts'
import { longestPassword } from '../password-hashing.ts'

/** A person who uses an app whose account this is; known to its clients, and without any right to queues of its own. */
export interface User {
  /** 24 lower-case hex digits. */
  readonly id: string
  readonly account: string
  /** As it was written at sign-up. No two users of an account have the same, whatever its case. */
  readonly email: string
  readonly name: string | null
  readonly signedUpAt: Millis
  readonly lastLoginAt: Millis
  /** What the client said of the user at sign-up: any JSON object. */
  readonly data: Readonly<Record<string, unknown>>
}

export interface NewUser {
  readonly email: string
  readonly password: string
  readonly name?: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** The sign-in of a user somewhere, until it is ended. */
export interface UserSession {
  /** Names it to the user's own clients, and gives the right to be that user. */
  readonly token: string
  readonly account: string
  readonly userId: string
  readonly createdAt: Millis
  /** What the client was, as its door described it: any JSON object. */
  readonly client: Readonly<Record<string, unknown>>
}

export interface UserFault {
  readonly field: 'email' | 'password' | 'data'
  readonly reason: string
}

/** Everything that is wrong with what a new user gave: at most one fault a field. */
export const newUserFaults = ({ email, password, name = '', data = {} }: NewUser): UserFault[] => {
  const faults: UserFault[] = []
  if (!isEmail(email)) faults.push({ field: 'email', reason: 'must be an e-mail address' })
  const reason = userPasswordFault(password)
  if (reason !== undefined) faults.push({ field: 'password', reason })
  if (!isStorable({ name, data })) faults.push({ field: 'data', reason: 'must be text without NUL' })
  else if (Buffer.byteLength(JSON.stringify({ name, data })) > maxDataBytes) {
    faults.push({ field: 'data', reason: `must have at most ${maxDataBytes} bytes as JSON` })
  }
  return faults
}

/** What is wrong with the password of a user, if anything. */
export const userPasswordFault = (password: string): string | undefined =>
  password.length >= 6 && password.length <= longestPassword && password.isWellFormed()
    ? undefined
    : `must have 6 to ${longestPassword} characters`

export const isEmail = (text: string): boolean =>
  text.length <= 254 && text.isWellFormed() && /^[^\s@\p{Cc}]+@[^\s@.\p{Cc}]+(?:\.[^\s@.\p{Cc}]+)+$/u.test(text)

const maxDataBytes = 65_536

/** Whether every text in it is one that a store takes. */
const isStorable = (value: unknown): boolean => {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\u0000')
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, member]) => isStorable(key) && isStorable(member))
}
