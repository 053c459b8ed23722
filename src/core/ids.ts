import type { Millis } from './clock.ts'
import { hex12, hex24, hex48, hexValue } from './hex.ts'

/**
 * Message ids are 24 lower-case hex digits: 48 bits of send time, then 48 bits of serial number, so that they sort by
 * time and a store finds the message without an index of ids. Clients must not rely on any of that.
 */
export const messageId = (sentAt: Millis, serial: number): string => hex48(sentAt) + hex48(serial)

export interface IdParts {
  readonly sentAt: Millis
  readonly serial: number
}

/** Reads a message id in either of its two forms, in any case of letters; undefined when it cannot be one. */
export const parseMessageId = (text: string): IdParts | undefined => {
  const digits = text.length === 36 ? uuidDigits(text) : text
  if (digits?.length !== 24) return undefined
  const sentAt = hexValue(digits, 0, 12)
  const serial = hexValue(digits, 12, 24)
  return Number.isNaN(sentAt + serial) ? undefined : { sentAt, serial }
}

const uuidDigits = (text: string): string | undefined => uuidForm.exec(text.toLowerCase())?.slice(1).join('')

const uuidForm = /^([0-9a-f]{8})-([0-9a-f]{4})-4([0-9a-f]{3})-8([0-9a-f]{3})-([0-9a-f]{6})000000$/

/** The same id in the form of a version 4 UUID, for doors whose clients expect one. */
export const messageIdAsUuid = (id: string): string =>
  `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(12, 15)}-8${id.slice(15, 18)}-${id.slice(18)}000000`

/** What a receipt handle names: one lease of one delivery. */
export interface LeaseName {
  readonly groupId: number
  readonly position: number
  readonly nonce: number
}

/** Largest group id that a receipt handle holds. */
export const maxGroupId = 2 ** 30 - 1

/**
 * A receipt handle in the form of a version 4 UUID (StarQueue's must be one): 48 bits of position, 30 of group, and a
 * nonce of 44 random bits that nobody can guess.
 */
export const receiptHandle = ({ groupId, position, nonce }: LeaseName): string => {
  const nonceHigh = Math.floor(nonce / 2 ** 32)
  const nonceLow = nonce % 2 ** 32
  const tail = hex24((groupId & 0xffff) * 256 + (nonceLow >>> 24)) + hex24(nonceLow & 0xffffff)
  return `${hex24(Math.floor(position / 0x1000000))}${uuidHead(position % 0x1000000)}-4${hex12(nonceHigh)}-${variants[groupId >>> 28]}${hex12((groupId >>> 16) & 0xfff)}-${tail}`
}

/** The two highest bits of the group go with the variant of the UUID. */
const variants = ['8', '9', 'a', 'b']

const uuidHead = (low: number): string => {
  const digits = hex24(low)
  return `${digits.slice(0, 2)}-${digits.slice(2)}`
}

export const parseReceiptHandle = (text: string): LeaseName | undefined => {
  if (text.length !== 36 || text[8] !== '-' || text[13] !== '-' || text[14] !== '4') return undefined
  if (text[18] !== '-' || text[23] !== '-') return undefined
  const variant = hexValue(text, 19, 20)
  const position = hexValue(text, 0, 8) * 0x10000 + hexValue(text, 9, 13)
  const groupId = ((variant & 3) * 0x1000 + hexValue(text, 20, 23)) * 0x10000 + hexValue(text, 24, 28)
  const nonce = hexValue(text, 15, 18) * 2 ** 32 + hexValue(text, 28, 36)
  if (variant < 8 || variant > 11 || Number.isNaN(variant + position + groupId + nonce)) return undefined
  return { groupId, position, nonce }
}
