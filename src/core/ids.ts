import type { Millis } from './clock.ts'

/**
 * Message ids are 24 lower-case hex digits: 48 bits of send time, then 48 bits of serial number, so that they sort by
 * time and a store finds the message without an index of ids. Clients must not rely on any of that.
 */
export const messageId = (sentAt: Millis, serial: number): string => hex(sentAt, 12) + hex(serial, 12)

export interface IdParts {
  readonly sentAt: Millis
  readonly serial: number
}

/** Reads a message id in either of its two forms, in any case of letters; undefined when it cannot be one. */
export const parseMessageId = (text: string): IdParts | undefined => {
  let digits = text
  if (text.length === 36) {
    const match = uuidForm.exec(text.toLowerCase())
    if (!match) return undefined
    digits = `${match[1]}${match[2]}${match[3]}${match[4]}${match[5]}`
  }
  if (digits.length !== 24 || !hexDigits.test(digits)) return undefined
  return { sentAt: Number.parseInt(digits.slice(0, 12), 16), serial: Number.parseInt(digits.slice(12), 16) }
}

const hexDigits = /^[0-9a-f]+$/i
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
  const place = hex(position, 12)
  const nonceHigh = Math.floor(nonce / 2 ** 32)
  const nonceLow = nonce % 2 ** 32
  return `${place.slice(0, 8)}-${place.slice(8)}-4${hex(nonceHigh, 3)}-${hex(0x8000 | (groupId >>> 16), 4)}-${hex(groupId & 0xffff, 4)}${hex(nonceLow, 8)}`
}

export const parseReceiptHandle = (text: string): LeaseName | undefined => {
  if (!uuidV4.test(text)) return undefined
  const variantAndGroup = Number.parseInt(text.slice(19, 23), 16)
  return {
    position: Number.parseInt(text.slice(0, 8) + text.slice(9, 13), 16),
    groupId: (variantAndGroup & 0x3fff) * 0x10000 + Number.parseInt(text.slice(24, 28), 16),
    nonce: Number.parseInt(text.slice(15, 18), 16) * 2 ** 32 + Number.parseInt(text.slice(28), 16),
  }
}

const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
