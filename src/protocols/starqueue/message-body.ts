import { hash } from 'node:crypto'
import type { Message, NewMessage } from '../../core/message.ts'

/** What this door keeps with a message: its text, where encoding its bytes again would give another one. */
interface Kept {
  readonly starqueue: { readonly body: string }
}

/** Bytes for the other doors; here the text comes back as it was sent. Undefined: it is not base64. */
export const bodyOfText = (text: string): Pick<NewMessage, 'body' | 'door'> | undefined => {
  const body = Buffer.from(text, 'base64')
  if (body.toString('base64') === text) return { body }
  // The last character may have bits that stand for nothing.
  return base64.test(text) ? { body, door: { starqueue: { body: text } } satisfies Kept } : undefined
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

export const textOfBody = ({ body, extra }: Message): string => {
  const kept = extra?.door as Partial<Kept> | undefined
  return kept?.starqueue?.body ?? asBuffer(body).toString('base64')
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Of the text, not of the bytes. */
export const md5 = (text: string): string => hash('md5', text, 'hex')
