import type { OutgoingRecord } from '../backend.ts'
import { toBase64 } from '../base64.ts'

/** The request that sends many messages. JSON is spliced in as it is: it is never parsed again, nor written anew. */
export const sendBatchBody = (records: readonly OutgoingRecord[]): string => {
  let text = '{"messages":['
  for (const [at, record] of records.entries()) {
    if (at > 0) text += ','
    text += messageText(record)
  }
  return `${text}]}`
}

const messageText = (record: OutgoingRecord): string => {
  const { contentType, attributes, options } = record
  let text = `{${bodyMember(record)}`
  if (contentType !== undefined) text += `,"contentType":${JSON.stringify(contentType)}`
  if (attributes !== undefined) text += `,"attributes":${attributes}`
  if (options !== undefined) text += `,${JSON.stringify(options).slice(1, -1)}`
  return `${text}}`
}

const bodyMember = ({ form, body }: OutgoingRecord): string => {
  if (typeof body !== 'string') return `"base64":"${toBase64(body)}"`
  return form === 'json' ? `"body":${body}` : `"text":${JSON.stringify(body)}`
}

/** Headers hold only ASCII; JSON can say everything in it. */
export const asciiJson = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
