import { isUtf8 } from 'node:buffer'
import type { Message } from '../../../core/message.ts'
import type { ReceivedMessage } from '../../../core/requests.ts'
import { bodyForm } from '../../http/body-form.ts'
import { jsonErrorAt } from '../../http/json/scan.ts'
import { utf8AsLatin1 } from '../../http/latin1.ts'

/** The answer to a consumer, put together as text with one character for each byte: bodies and attributes go in as they were sent. */
export const encodeBatch = (received: readonly ReceivedMessage[]): string => `[${received.map(encode).join(',')}]`

const encode = ({ message, receiptHandle }: ReceivedMessage): string => {
  const attributes = message.attributes === null ? '{}' : utf8AsLatin1(message.attributes)
  const tags = message.extra?.tags ? `,"tags":${utf8AsLatin1(JSON.stringify(message.extra.tags))}` : ''
  return `{"message":{"body":${encodeBody(message)},"attributes":${attributes}${tags}},"handler":"${receiptHandle}"}`
}

/** What other doors sent is text as a string, and anything else as base64. */
const encodeBody = ({ body, contentType }: Message): string => {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const form = bodyForm(contentType)
  if (form !== 'bytes' && isUtf8(bytes)) {
    if (form === 'json' && jsonErrorAt(bytes) === -1) return bytes.toString('latin1')
    return utf8AsLatin1(JSON.stringify(bytes.toString()))
  }
  return `"${bytes.toString('base64')}"`
}
