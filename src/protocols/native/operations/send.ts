import type { IncomingHttpHeaders } from 'node:http'
import type { Principal } from '../../../core/identity/identity.ts'
import type { NewMessage } from '../../../core/message.ts'
import type { SentMessage } from '../../../core/requests.ts'
import { isJsonType } from '../../http/body-form.ts'
import { jsonErrorAt } from '../../http/json/scan.ts'
import { headerText } from '../../http/latin1.ts'
import { requireSendTo } from '../access.ts'
import { textAnswer } from '../answer.ts'
import { checkUtf8, malformedJson } from '../json-body.ts'
import { batchMessages } from '../messages/batch.ts'
import { traceparentOf } from '../messages/traceparent.ts'
import { operation } from '../operation.ts'
import { invalid } from '../problem-error.ts'
import * as S from '../schemas/index.ts'

const traceHeader = {
  name: S.headers.traceparent,
  description: 'W3C trace context, kept with the message.',
  example: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
}

const idempotencyHeader = {
  name: S.headers.idempotencyKey,
  description:
    'A second request with the same key within 24 hours stores nothing and gets the answer of the first, so that a send ' +
    'can be repeated safely.',
  example: '4d3d8f4e-7c2b-4a51-9a52-5c8e6d0e7f10',
}

export const sendMessage = operation({
  method: 'POST',
  path: '/queues/:queue/messages',
  summary: 'Send a message',
  description:
    'The body of the request is the body of the message, kept byte for byte with its content type. A body that says it is ' +
    'JSON has to be. When the answer comes, the message is on disk.',
  access: { to: 'queue', scopes: ['send'] },
  parameters: S.QueuePath,
  query: S.SendQuery,
  headers: [
    {
      name: S.headers.attributes,
      description: 'The message’s attributes: a JSON object, in ASCII or UTF-8.',
      example: '{"tenant":"acme"}',
    },
    idempotencyHeader,
    traceHeader,
  ],
  body: { kind: 'bytes', description: 'The message’s body, of any content type.', example: '{"order":7}' },
  answers: { 201: { description: 'The message is stored.', schema: S.SentMessage } },
  problems: [
    'MalformedJson',
    'InputInvalid',
    'MessageTooLarge',
    'QueueFull',
    'IdempotencyKeyReused',
    'QueueNotFound',
    'StoreUnavailable',
  ],
  async run({ engine, account, principal, path: { queue }, query: { ifMissing, ...options }, body, request }) {
    const { headers } = request
    const contentType = headers['content-type'] ?? null
    if (contentType !== null && isJsonType(contentType)) checkJson(body)
    requireSendTo(principal, options.deadLetterQueue)
    const message: NewMessage = {
      body,
      contentType,
      attributes: attributesHeader(headers),
      ...options,
      ...senderOf(principal),
      ...traceparentOf(headers.traceparent),
    }
    const sent = await engine.send({ account, queue, messages: [message], ...sendTerms(headers, ifMissing) })
    return textAnswer(201, encodeSent(sent[0]!))
  },
})

export const sendBatch = operation({
  method: 'POST',
  path: '/queues/:queue/messages/batch',
  summary: 'Send up to 1,000 messages',
  description:
    'All of them are stored in one atomic step, in the order given, or none. The text of `body` and `attributes` is kept ' +
    'to the letter.',
  access: { to: 'queue', scopes: ['send'] },
  parameters: S.QueuePath,
  query: S.SendBatchQuery,
  headers: [
    idempotencyHeader,
    { ...traceHeader, description: 'W3C trace context of messages that have none themselves.' },
  ],
  body: { kind: 'raw-json', schema: S.SendBatch },
  answers: { 201: { description: 'The messages are stored.', schema: S.SentMessages } },
  problems: [
    'MalformedJson',
    'InputInvalid',
    'MessageTooLarge',
    'QueueFull',
    'IdempotencyKeyReused',
    'QueueNotFound',
    'StoreUnavailable',
  ],
  async run({ engine, account, principal, path: { queue }, query: { ifMissing }, body, request }) {
    const { headers } = request
    const common = { ...senderOf(principal), ...traceparentOf(headers.traceparent) }
    const messages = batchMessages(body, headers['content-type'], common)
    for (const { deadLetterQueue } of messages) requireSendTo(principal, deadLetterQueue)
    const sent = await engine.send({ account, queue, messages, ...sendTerms(headers, ifMissing) })
    let text = '{"messages":['
    for (let index = 0; index < sent.length; index++) text += (index === 0 ? '' : ',') + encodeSent(sent[index]!)
    return textAnswer(201, `${text}]}`)
  },
})

const encodeSent = ({ id, position, sentAt, duplicate }: SentMessage): string =>
  `{"id":"${id}","position":${position},"sentAt":${sentAt},"duplicate":${duplicate}}`

const sendTerms = (headers: IncomingHttpHeaders, ifMissing: 'create' | 'refuse' | undefined) => {
  const key = headers['idempotency-key']
  if (key === undefined && ifMissing === undefined) return undefined
  return {
    ...(key === undefined ? {} : { idempotencyKey: idempotencyKey(key) }),
    ...(ifMissing === undefined ? {} : { ifMissing }),
  }
}

const idempotencyKey = (value: string | string[]): string => {
  if (typeof value === 'string' && value.length > 0 && value.length <= 255) return value
  const path = `/${S.headers.idempotencyKey}`
  throw invalid([{ in: 'header', path, message: 'must have 1 to 255 characters' }])
}

const senderOf = ({ keyId }: Principal) => (keyId === null ? undefined : { senderId: keyId })

const checkJson = (bytes: Buffer): void => {
  checkUtf8(bytes)
  const errorAt = jsonErrorAt(bytes)
  if (errorAt !== -1) throw malformedJson(bytes, errorAt, 'A message of this content type')
}

const attributesHeader = (headers: IncomingHttpHeaders): string | null => {
  const value = headers['x-millrace-attributes']
  if (value === undefined) return null
  const text = typeof value === 'string' ? headerText(value) : undefined
  if (text?.trimStart().startsWith('{') && jsonErrorAt(Buffer.from(text)) === -1) return text.trim()
  const path = `/${S.headers.attributes}`
  throw invalid([{ in: 'header', path, message: 'must be a JSON object, in ASCII or UTF-8' }])
}
