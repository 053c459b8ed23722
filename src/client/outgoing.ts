import type { MessageOptions, OutgoingRecord } from './backend.ts'
import { encodeBody, utf8 } from './body.ts'
import { MillraceError } from './error.ts'
import type { SendOptions } from './types/message.ts'

/** Names of the options that travel as they are. */
const optionNames = [
  'delayMs',
  'priority',
  'retentionMs',
  'messageGroup',
  'deduplicationId',
  'deduplicationWindowMs',
  'receiveLimit',
  'deadLetterQueue',
  'clientId',
  'traceparent',
] as const satisfies readonly (keyof MessageOptions)[]

/** Everything is read now: what the caller does to body and options later changes nothing. Bytes alone are not copied. */
export const outgoing = (body: unknown, options: SendOptions | undefined): OutgoingRecord => {
  const encoded = encodeBody(body, options?.contentType)
  return {
    form: encoded.form,
    body: encoded.body,
    contentType: encoded.contentType,
    attributes: options?.attributes === undefined ? undefined : attributesText(options.attributes),
    options: options === undefined ? undefined : pick(options),
  }
}

const attributesText = (attributes: unknown): string => {
  try {
    const text = JSON.stringify(attributes)
    if (text?.startsWith('{')) return text
  } catch (cause) {
    throw new MillraceError('ArgumentInvalid', 'attributes cannot be written as JSON.', { cause })
  }
  throw new MillraceError('ArgumentInvalid', 'attributes must be an object.', { data: { argument: 'attributes' } })
}

const pick = (options: SendOptions): MessageOptions | undefined => {
  let picked: Record<string, unknown> | undefined
  for (const name of optionNames) {
    const value = options[name]
    if (value === undefined) continue
    picked ??= {}
    picked[name] = value
  }
  return picked as MessageOptions | undefined
}

/** What goes with a message besides its body and attributes: names and short values. */
const envelopeWeight = 200

/** At least as many bytes as the record takes on the wire, found without looking at its text. */
export const weightOf = (record: OutgoingRecord): number =>
  envelopeWeight +
  bodyWeight(record) +
  (record.attributes === undefined ? 0 : 3 * record.attributes.length) +
  (record.options === undefined ? 0 : 1024)

const bodyWeight = ({ form, body }: OutgoingRecord): number => {
  if (form === 'bytes') return Math.ceil(body.length / 3) * 4
  // A character is at most three bytes of UTF-8; in a JSON string the rare control character takes six.
  return 3 * body.length
}

/** As many bytes as the body takes on the wire, counted. */
export const exactWeightOf = (record: OutgoingRecord): number => {
  if (typeof record.body !== 'string') return weightOf(record)
  const text = record.form === 'json' ? record.body : JSON.stringify(record.body)
  return weightOf(record) - 3 * record.body.length + utf8(text).length
}
