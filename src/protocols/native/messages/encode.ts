import { isUtf8 } from 'node:buffer'
import type { Message } from '../../../core/message.ts'
import type { DeadLetterSource, ReceivedMessage, StoredMessage } from '../../../core/requests.ts'
import { bodyForm } from '../../http/body-form.ts'
import { jsonErrorAt } from '../../http/json/scan.ts'
import { utf8AsLatin1 } from '../../http/latin1.ts'

// Answers with messages are put together by hand, as strings with one character for each byte (see latin1.ts): the bytes
// of JSON bodies and the text of attributes go in as they are.

/** The `messages` (or what they are called) of an answer, in pieces that are small enough to be strings each. */
export const messageList = <Item>(
  messages: readonly Item[],
  encode: (message: Item) => string,
  rest = '',
  name = 'messages',
): string | string[] => {
  let text = `{"${name}":[`
  const pieces: string[] = []
  for (let index = 0; index < messages.length; index++) {
    if (text.length > pieceLength) {
      pieces.push(text)
      text = ''
    }
    text += index === 0 ? encode(messages[index]!) : `,${encode(messages[index]!)}`
  }
  text += `]${rest}}`
  if (pieces.length === 0) return text
  pieces.push(text)
  return pieces
}

const pieceLength = 1024 * 1024

export const encodeReceived = (received: ReceivedMessage): string => {
  const { message, receiptHandle, leasedUntil } = received
  let text = `{"id":"${received.id}","position":${received.position}`
  if (receiptHandle !== null) text += `,"receiptHandle":"${receiptHandle}"`
  text += `,"type":"${received.type}","firstReceivedAt":${received.firstReceivedAt}`
  if (leasedUntil !== null) text += `,"leasedUntil":${leasedUntil}`
  if (received.failures > 0) text += `,"failures":${received.failures}`
  return `${text}${encodeCommon(message, received)}${encodeBody(message.body, message.contentType)}}`
}

export const encodeStored = (stored: StoredMessage): string =>
  `${aboutStored(stored)}${encodeBody(stored.message.body, stored.message.contentType)}}`

/** Without its body, if that is larger than `maxBodyBytes`. */
export const encodeFound = (stored: StoredMessage, maxBodyBytes = Number.POSITIVE_INFINITY): string => {
  const { body, contentType } = stored.message
  const text = `${aboutStored(stored)},"sizeBytes":${body.byteLength}`
  return body.byteLength > maxBodyBytes ? `${text}}` : `${text}${encodeBody(body, contentType)}}`
}

export const encodeDelivery = (stored: StoredMessage & { readonly deadLetters: boolean }): string =>
  `{"group":${quoted(stored.group)},"deadLetters":${stored.deadLetters},${encodeFound(stored).slice(1)}`

const aboutStored = (stored: StoredMessage): string => {
  const { visibleAt, firstReceivedAt, claim, holder, reason, outbound } = stored
  let text = `{"id":"${stored.id}","position":${stored.position}`
  text += `,"type":"${stored.type}","state":"${stored.state}","modifiedAt":${stored.modifiedAt}`
  if (visibleAt !== null) text += `,"visibleAt":${visibleAt}`
  if (firstReceivedAt !== null) text += `,"firstReceivedAt":${firstReceivedAt}`
  if (claim !== null) text += `,"claim":${quoted(claim)}`
  if (holder !== null) text += `,"holder":${quoted(holder)}`
  if (reason !== null) text += `,"reason":${quoted(reason)}`
  if (outbound !== null) text += `,"outbound":${quoted(outbound)}`
  return text + encodeCommon(stored.message, stored)
}

interface Common {
  readonly expiresAt: number | null
  readonly receiveCount: number
  readonly reprocessCount: number
  readonly deadLetterSource: DeadLetterSource | null
}

const encodeCommon = (message: Message, about: Common): string => {
  const { contentType, attributes, messageGroup, extra } = message
  let text = `,"sentAt":${message.sentAt},"priority":${message.priority}`
  text += `,"receiveCount":${about.receiveCount},"reprocessCount":${about.reprocessCount}`
  if (about.expiresAt !== null) text += `,"expiresAt":${about.expiresAt}`
  if (messageGroup !== null) text += `,"messageGroup":${quoted(messageGroup)}`
  if (extra !== null) text += encodeExtra(extra)
  if (about.deadLetterSource !== null) text += `,"deadLetterSource":${quoted(about.deadLetterSource)}`
  if (attributes !== null) text += `,"attributes":${utf8AsLatin1(attributes)}`
  if (contentType !== null) text += `,"contentType":${quoted(contentType)}`
  return text
}

/** The members of a message's extras that this API shows. */
const shown = [
  'deduplicationId',
  'tags',
  'clientId',
  'senderId',
  'delayMs',
  'receiveLimit',
  'deadLetterQueue',
  'traceparent',
] as const

const encodeExtra = (extra: NonNullable<Message['extra']>): string => {
  let text = ''
  for (const name of shown) {
    const value = extra[name]
    if (value !== undefined) text += `,"${name}":${quoted(value)}`
  }
  return text
}

/**
 * Other doors may have stored what is not what its content type says; a body that would break the answer, and with it the
 * messages beside it, is given in a form that holds anything.
 */
const encodeBody = (body: Uint8Array, contentType: string | null): string => {
  const bytes = asBuffer(body)
  const form = bodyForm(contentType)
  if (form !== 'bytes' && isUtf8(bytes)) {
    if (form === 'json' && jsonErrorAt(bytes) === -1) return `,"body":${bytes.toString('latin1')}`
    return `,"text":${quoted(bytes.toString('utf8'))}`
  }
  return `,"base64":"${bytes.toString('base64')}"`
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const quoted = (value: unknown): string => utf8AsLatin1(JSON.stringify(value))
