import type { SentMessage } from '../../protocols/native/schemas/send.ts'
import type { OutgoingRecord } from '../backend.ts'
import { defaultContentTypes } from '../body.ts'
import type { Api } from './api.ts'
import { asciiJson } from './encode.ts'

/** From here on a message travels as it is, and not in a JSON envelope, which would have to be written and read. */
const largeLength = 256 * 1024

/** Header lines have limits of their own. */
const longestAttributes = 4096

export const isLarge = ({ body, attributes = '' }: OutgoingRecord): boolean =>
  body.length >= largeLength && attributes.length <= longestAttributes

export interface SingleSend {
  readonly queue: string
  readonly message: OutgoingRecord
  readonly ifMissing: 'create' | 'refuse' | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
}

/** The request's body is the message's body; the rest of what there is to say stands in query and headers. */
export const sendSingle = async (
  api: Api,
  { queue, message, ifMissing, headers, signal }: SingleSend,
): Promise<SentMessage> => {
  const { form, body, contentType = defaultContentTypes[form], attributes, options } = message
  const { traceparent, ...query } = options ?? {}
  const { value } = await api.call<SentMessage>({
    method: 'POST',
    path: ['queues', queue, 'messages'],
    query: { ...query, ...(ifMissing === 'refuse' ? { ifMissing } : {}) },
    body: typeof body === 'string' ? body : (body as Uint8Array<ArrayBuffer>),
    headers: {
      ...headers,
      'content-type': contentType,
      ...(attributes === undefined ? {} : { 'x-millrace-attributes': asciiJson(attributes) }),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    repeatable: 'always',
    signal,
  })
  return value
}
