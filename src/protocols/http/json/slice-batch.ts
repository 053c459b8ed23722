import { failedAt, JsonScanner } from './scan.ts'

/** A message of a batch, with the text of `body` and `attributes` as it was sent, and the other members as values. */
export interface SlicedMessage {
  /** The raw JSON text of `body`: a part of the request's bytes. */
  body: Buffer | undefined
  /** The raw JSON text of `attributes`. */
  attributes: string | undefined
  /** All other members; undefined when there are none. Has no prototype, so that every name is only a name. */
  options: Record<string, unknown> | undefined
}

export interface SlicedBatch {
  /** Undefined: not given. Null, as a whole or an entry: of another type than it should be. */
  messages: (SlicedMessage | null)[] | null | undefined
  /** Names of members that a batch does not have. */
  readonly unknown: string[]
}

/** The bytes are not JSON from here on. */
export class JsonSyntaxError extends Error {
  readonly at: number

  constructor(at: number) {
    super(`not JSON at byte ${at}`)
    this.at = at
  }
}

/**
 * Takes the body of a batch apart in one pass. As in `JSON.parse`, the last of several members of one name counts.
 * Null when the bytes are JSON, but not an object.
 */
export const sliceBatch = (bytes: Buffer): SlicedBatch | null => {
  const scanner = new JsonScanner(bytes)
  const batch: SlicedBatch = { messages: undefined, unknown: [] }
  const start = scanner.skipSpace(0)
  const isObject = bytes[start] === openBrace
  const behind = isObject
    ? eachMember(scanner, bytes, start, (name, from) => {
        if (name === 'messages') {
          batch.messages = bytes[from] === openBracket ? [] : null
          return batch.messages ? sliceMessages(scanner, bytes, from, batch.messages) : good(scanner.skipValue(from, 0))
        }
        batch.unknown.push(name)
        return good(scanner.skipValue(from, 0))
      })
    : good(scanner.skipValue(start, 0))
  const end = scanner.skipSpace(behind)
  if (end !== bytes.length) throw new JsonSyntaxError(end)
  return isObject ? batch : null
}

/** The same for a body that is an array of messages and nothing around it. Null when the bytes are JSON, but not an array. */
export const sliceList = (bytes: Buffer): (SlicedMessage | null)[] | null => {
  const scanner = new JsonScanner(bytes)
  const messages: (SlicedMessage | null)[] = []
  const start = scanner.skipSpace(0)
  const isArray = bytes[start] === openBracket
  const behind = isArray ? sliceMessages(scanner, bytes, start, messages) : good(scanner.skipValue(start, 0))
  const end = scanner.skipSpace(behind)
  if (end !== bytes.length) throw new JsonSyntaxError(end)
  return isArray ? messages : null
}

const quote = 0x22
const comma = 0x2c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/** A position, unless it says where the bytes cease to be JSON. */
export const good = (position: number): number => {
  if (position < 0) throw new JsonSyntaxError(failedAt(position))
  return position
}

const sliceMessages = (
  scanner: JsonScanner,
  bytes: Buffer,
  from: number,
  messages: (SlicedMessage | null)[],
): number => {
  let at = scanner.skipSpace(from + 1)
  if (bytes[at] === closeBracket) return at + 1
  for (;;) {
    if (bytes[at] === openBrace) {
      const message: SlicedMessage = { body: undefined, attributes: undefined, options: undefined }
      messages.push(message)
      at = sliceMessage(scanner, bytes, at, message)
    } else {
      messages.push(null)
      at = good(scanner.skipValue(at, 0))
    }
    at = scanner.skipSpace(at)
    if (bytes[at] === closeBracket) return at + 1
    if (bytes[at] !== comma) throw new JsonSyntaxError(at)
    at = scanner.skipSpace(at + 1)
  }
}

const sliceMessage = (scanner: JsonScanner, bytes: Buffer, start: number, message: SlicedMessage): number =>
  eachMember(scanner, bytes, start, (name, from) => {
    const to = good(scanner.skipValue(from, 0))
    if (name === 'body') message.body = bytes.subarray(from, to)
    else if (name === 'attributes') message.attributes = bytes.toString('utf8', from, to)
    else {
      message.options ??= Object.create(null) as Record<string, unknown>
      message.options[name] = JSON.parse(bytes.toString('utf8', from, to))
    }
    return to
  })

/** Calls `visit` with each member's name and the position of its value; it returns the position behind the value. */
export const eachMember = (
  scanner: JsonScanner,
  bytes: Buffer,
  start: number,
  visit: (name: string, from: number) => number,
): number => {
  let at = scanner.skipSpace(start + 1)
  if (bytes[at] === closeBrace) return at + 1
  for (;;) {
    if (bytes[at] !== quote) throw new JsonSyntaxError(at)
    const behindName = good(scanner.skipString(at + 1))
    const name = readName(bytes, at, behindName)
    at = visit(name, good(scanner.skipColon(behindName)))
    at = scanner.skipSpace(at)
    if (bytes[at] === closeBrace) return at + 1
    if (bytes[at] !== comma) throw new JsonSyntaxError(at)
    at = scanner.skipSpace(at + 1)
  }
}

/** The string whose quotes are at `from` and `to - 1`. */
const readName = (bytes: Buffer, from: number, to: number): string => {
  // Nearly every name is this one.
  if (to - from === 6 && bytes[from + 1] === 0x62 && bytes[from + 2] === 0x6f && bytes[from + 3] === 0x64) {
    if (bytes[from + 4] === 0x79) return 'body'
  }
  const text = bytes.toString('utf8', from, to)
  return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1)
}
