import { isJsonType } from '../../client/body.ts'
import type { OutgoingMessage, SendOptions } from '../../client/index.ts'
import { usageError } from '../exit.ts'
import { exactJson } from '../input/exact-json.ts'
import { jsonMembers } from '../input/json-members.ts'
import type { InputLine } from '../input/lines.ts'
import { isObject } from '../options/values.ts'
import { isJson } from './record.ts'

export type Outgoing = OutgoingMessage<unknown>

/** Members that a message may have, in NDJSON that is sent or imported. */
const texts = ['contentType', 'messageGroup', 'deduplicationId', 'deadLetterQueue', 'clientId', 'traceparent'] as const
const numbers = ['delayMs', 'priority', 'retentionMs', 'deduplicationWindowMs', 'receiveLimit'] as const
const bodies = ['body', 'text', 'base64'] as const

export interface ParsedLine {
  readonly value: Readonly<Record<string, unknown>>
  /** The same members as the very text that stands there. */
  readonly raw: ReadonlyMap<string, string>
  readonly number: number
}

export const parseLine = ({ text, number }: InputLine): ParsedLine => {
  const value = parse(text, number)
  if (!isObject(value)) throw usageError(`line ${number} is not a JSON object`, lineHint)
  return { value, raw: jsonMembers(text), number }
}

const lineHint = 'Each line is a message such as {"body":{"order":7},"priority":5}.'

const parse = (text: string, number: number): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw usageError(`line ${number} is not JSON`, lineHint)
  }
}

/** The message that a line describes; members that have no meaning for a send are refused unless `others` is `ignore`. */
export const outgoingFrom = (line: ParsedLine, defaults: SendOptions, others: 'refuse' | 'ignore'): Outgoing => {
  const { value, number } = line
  if (others === 'refuse') {
    const known: readonly string[] = [...texts, ...numbers, ...bodies, 'tags', 'attributes']
    const unknown = Object.keys(value).find((name) => !known.includes(name))
    if (unknown !== undefined) throw usageError(`line ${number}: '${unknown}' is not a member of a message`)
  }
  for (const name of texts) check(line, name, 'a text', (given) => typeof given === 'string')
  for (const name of numbers) check(line, name, 'a whole number', Number.isSafeInteger)
  check(line, 'tags', 'an array of texts', isTexts)
  check(line, 'attributes', 'an object', isObject)
  const options: Record<string, unknown> = { ...defaults }
  for (const name of [...texts, ...numbers, 'tags']) if (value[name] != null) options[name] = value[name]
  if (value.attributes != null) options.attributes = exactJson(line.raw.get('attributes') ?? '{}')
  return { ...options, ...bodyOf(line, options.contentType as string | undefined) }
}

const isTexts = (given: unknown): boolean => Array.isArray(given) && given.every((text) => typeof text === 'string')

const check = ({ value, number }: ParsedLine, name: string, what: string, holds: (given: unknown) => boolean): void => {
  const given = value[name]
  if (given !== undefined && given !== null && !holds(given))
    throw usageError(`line ${number}: '${name}' must be ${what}`)
}

/** The client sends a string of a JSON type to the letter, so what stands in `body` stays as it is. */
const bodyOf = (
  { value, raw, number }: ParsedLine,
  contentType: string | undefined,
): Pick<Outgoing, 'body' | 'contentType'> => {
  const given = bodies.filter((name) => raw.has(name))
  if (given.length !== 1)
    throw usageError(`line ${number} must have exactly one of 'body', 'text' and 'base64'`, lineHint)
  const [name] = given
  if (name === 'body') return { body: raw.get('body'), contentType: contentType ?? 'application/json' }
  const text = value[name ?? 'text']
  if (typeof text !== 'string') throw usageError(`line ${number}: '${name}' must be a text`)
  if (name === 'text') return { body: text, contentType }
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0)
    throw usageError(`line ${number}: 'base64' is not base64`)
  return { body: Buffer.from(text, 'base64'), contentType }
}

/** A body from the command line: an object or array in JSON is taken to be JSON, all else is text, unless it is said what it is. */
export const outgoingBody = (text: string, options: SendOptions): Outgoing => {
  const looksLikeJson = /^\s*[[{]/.test(text) && isJson(text)
  const contentType = options.contentType ?? (looksLikeJson ? 'application/json' : undefined)
  if (contentType !== undefined && isJsonType(contentType) && !isJson(text))
    throw usageError('The body is not JSON, as its content type says')
  return { ...options, body: text, contentType }
}

/** About how many bytes a message takes in a request. */
export const bytesOf = ({ body, attributes }: Outgoing): number => {
  const bodyBytes = typeof body === 'string' ? Buffer.byteLength(body) : ((body as Uint8Array).byteLength * 4) / 3
  return bodyBytes + (attributes ? JSON.stringify(attributes).length : 0) + 200
}
