import type { NewMessage } from '../../../core/message.ts'
import {
  compactBytes,
  elementsOf,
  isArray,
  isObject,
  membersOf,
  parsed,
  type Raw,
  rawJson,
  withUniqueNames,
} from '../json/members.ts'
import { Refused } from '../problems.ts'
import { maxBatchBytes } from '../queue-modes.ts'
import { checkTags } from './tags.ts'

export interface Sending {
  readonly messages: readonly NewMessage[]
  readonly returnId: boolean
}

const mostMessages = 10
const longestDelayMs = 604_800_000

/** What a request is to send; bodies and attributes keep the text that they were sent as. */
export const readSend = (body: Buffer, toKafka: boolean): Sending => {
  const root = rawJson(body)
  if (!root) throw new Refused(10540012)
  const fields = isObject(root) ? membersOf(root) : new Map<string, Raw>()
  const list = fields.get('messages')
  if (!list || !isArray(list)) throw new Refused(10540010, 'Invalid request format: messages must be an array.')
  const entries = elementsOf(list)
  if (entries.length < 1 || entries.length > mostMessages) {
    throw new Refused(
      10540010,
      `Invalid request format: there must be 1 to ${mostMessages} messages, not ${entries.length}.`,
    )
  }
  const parts = entries.map(partsOf)
  const messages = parts.map((part) => toMessage(part, toKafka))
  checkSize(parts)
  return { messages, returnId: flag(present(fields, 'returnId') ?? present(fields, 'return_id')) }
}

interface Parts {
  readonly body: Raw
  readonly attributes: Raw | undefined
  readonly fields: ReadonlyMap<string, Raw>
}

const partsOf = (entry: Raw): Parts => {
  if (!isObject(entry)) throw new Refused(10540001, 'Each of messages must be an object.')
  const fields = membersOf(entry)
  const body = fields.get('body')
  if (!body) throw new Refused(10540001, 'A message has no body.')
  const attributes = present(fields, 'attributes')
  if (attributes && !isObject(attributes)) throw new Refused(10540001, 'The attributes of a message must be an object.')
  return { body, attributes, fields }
}

const toMessage = ({ body, attributes, fields }: Parts, toKafka: boolean): NewMessage => {
  const tags = tagsOf(present(fields, 'tags'))
  const delayMs = delayOf(present(fields, 'delayTime') ?? present(fields, 'delay_time'))
  if (delayMs > 0 && toKafka) {
    throw new Refused(10540010, 'Invalid request format: kafka queue message could not have delayTime.')
  }
  return {
    body: body.bytes,
    contentType: 'application/json',
    ...(attributes && { attributes: withUniqueNames(attributes) }),
    ...(tags.length > 0 && { tags }),
    ...(delayMs > 0 && { delayMs }),
  }
}

/** A member that is there and not null. */
const present = (fields: ReadonlyMap<string, Raw>, name: string): Raw | undefined => {
  const raw = fields.get(name)
  return raw && raw.bytes.length === 4 && raw.bytes.equals(nothing) ? undefined : raw
}

const nothing = Buffer.from('null')

const flag = (raw: Raw | undefined): boolean => {
  const value = raw && parsed(raw)
  if (value === undefined || typeof value === 'boolean') return value ?? false
  throw new Refused(10540001, 'returnId must be true or false.')
}

const tagsOf = (raw: Raw | undefined): readonly string[] => {
  const value = raw && parsed(raw)
  if (value === undefined) return []
  return checkTags(Array.isArray(value) ? value : [value])
}

const delayOf = (raw: Raw | undefined): number => {
  const value = raw ? parsed(raw) : 0
  if (typeof value === 'number' && value >= 0 && value <= longestDelayMs) return Math.floor(value)
  throw new Refused(10540010, `Invalid request format: delayTime must be a number from 0 to ${longestDelayMs}.`)
}

const checkSize = (parts: readonly Parts[]): void => {
  const texts = parts.flatMap(({ body, attributes }) => (attributes ? [body, attributes] : [body]))
  const atMost = texts.reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (atMost <= maxBatchBytes) return
  const size = texts.reduce((sum, raw) => sum + compactBytes(raw), 0)
  if (size <= maxBatchBytes) return
  throw new Refused(10540011, `The message size is ${size}, larger than the size limit ${maxBatchBytes}.`)
}
