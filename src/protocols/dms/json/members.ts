import { isUtf8 } from 'node:buffer'
import { JsonScanner } from '../../http/json/scan.ts'
import { eachMember, good, JsonSyntaxError } from '../../http/json/slice-batch.ts'

/** JSON as it was sent: a value's text, found but not read. */
export interface Raw {
  readonly bytes: Buffer
}

/** Undefined when the bytes are not JSON. */
export const rawJson = (bytes: Buffer): Raw | undefined => {
  if (!isUtf8(bytes)) return undefined
  const scanner = new JsonScanner(bytes)
  const start = scanner.skipSpace(0)
  const end = scanner.skipValue(start, 0)
  return end >= 0 && scanner.skipSpace(end) === bytes.length ? { bytes: bytes.subarray(start, end) } : undefined
}

export const isObject = ({ bytes }: Raw): boolean => bytes[0] === openBrace
export const isArray = ({ bytes }: Raw): boolean => bytes[0] === openBracket

/** The members of an object, in order; of several with one name the last one, in the place of the first. */
export const membersOf = ({ bytes }: Raw): Map<string, Raw> => {
  const scanner = new JsonScanner(bytes)
  const members = new Map<string, Raw>()
  eachMember(scanner, bytes, 0, (name, from) => {
    const to = good(scanner.skipValue(from, 0))
    members.set(name, { bytes: bytes.subarray(from, to) })
    return to
  })
  return members
}

export const elementsOf = ({ bytes }: Raw): Raw[] => {
  const scanner = new JsonScanner(bytes)
  const elements: Raw[] = []
  let at = scanner.skipSpace(1)
  while (bytes[at] !== closeBracket) {
    const to = good(scanner.skipValue(at, 0))
    elements.push({ bytes: bytes.subarray(at, to) })
    at = scanner.skipSpace(to)
    if (bytes[at] === comma) at = scanner.skipSpace(at + 1)
    else if (bytes[at] !== closeBracket) throw new JsonSyntaxError(at)
  }
  return elements
}

export const parsed = ({ bytes }: Raw): unknown => JSON.parse(bytes.toString())

/** An object with each name once: the text that was sent, unless a name stood there twice. */
export const withUniqueNames = (object: Raw): string => {
  const members = membersOf(object)
  const text = object.bytes.toString()
  if (countOfMembers(object) === members.size) return text
  return `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value.bytes.toString()}`).join(',')}}`
}

const countOfMembers = ({ bytes }: Raw): number => {
  const scanner = new JsonScanner(bytes)
  let count = 0
  eachMember(scanner, bytes, 0, (_name, from) => {
    count++
    return good(scanner.skipValue(from, 0))
  })
  return count
}

/**
 * Bytes of UTF-8 that the value takes as compact JSON: without space between the tokens, and with characters in place of their escapes. Never more
 * than its text has.
 */
export const compactBytes = ({ bytes }: Raw): number => {
  let count = 0
  let isText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) isText = !isText
    if (byte === backslash) {
      const escaped = bytes[at + 1]
      if (escaped === letterU) {
        const unit = unitAt(bytes, at)
        const isPair = isHighSurrogate(unit) && bytes[at + 6] === backslash && isLowSurrogate(unitAt(bytes, at + 6))
        count += isPair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3
        at += isPair ? 11 : 5
      } else {
        count += escaped === slash ? 1 : 2
        at++
      }
    } else if (isText || !isSpace(byte)) count++
  }
  return count
}

const unitAt = (bytes: Buffer, at: number): number =>
  bytes[at + 1] === letterU ? Number.parseInt(bytes.toString('latin1', at + 2, at + 6), 16) : 0

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

const quote = 0x22
const comma = 0x2c
const slash = 0x2f
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const letterU = 0x75
const openBrace = 0x7b
