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
  'tags',
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
    picked[name] = typeof value === 'object' ? [...value] : value
  }
  return picked as MessageOptions | undefined
}

/** What goes with a message besides its body and what is said of it: names, brackets and commas. */
const envelopeWeight = 300

/** At least as many bytes as the record takes on the wire, found without looking at its text. */
export const weightOf = (record: OutgoingRecord): number => envelopeWeight + bodyWeight(record) + restWeight(record)

/** As many bytes as the body takes on the wire, counted; the rest as above. */
export const exactWeightOf = (record: OutgoingRecord): number => {
  const { form, body } = record
  if (typeof body !== 'string') return weightOf(record)
  return envelopeWeight + utf8(form === 'json' ? body : JSON.stringify(body)).length + restWeight(record)
}

const optionWeight = (value: string | number | readonly string[]): number => {
  if (typeof value === 'string') return 6 * value.length
  return typeof value === 'number' ? 24 : value.reduce((sum, text) => sum + 6 * text.length + 3, 2)
}

/** A character is at most three bytes of UTF-8, or in a JSON string six of an escape. */
const bodyWeight = ({ form, body }: OutgoingRecord): number => {
  if (form === 'bytes') return Math.ceil(body.length / 3) * 4
  return form === 'json' ? 3 * body.length : 6 * body.length + 2
}

const restWeight = ({ contentType, attributes, options }: OutgoingRecord): number => {
  let weight = 6 * (contentType?.length ?? 0) + 3 * (attributes?.length ?? 0)
  if (options) for (const value of Object.values(options)) weight += optionWeight(value)
  return weight
}
