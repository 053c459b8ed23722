import { isUtf8 } from 'node:buffer'
import type { Millis } from '../../../core/clock.ts'
import type { Message } from '../../../core/message.ts'
import { bodyForm } from '../../http/body-form.ts'
import { jsonErrorAt } from '../../http/json/scan.ts'
import { utf8AsLatin1 } from '../../http/latin1.ts'
import { messageTtl } from '../limits.ts'
import { messageLink } from '../links.ts'
import type { Version } from '../operation.ts'

// Messages are put together by hand, as text with one character a byte (see http/latin1.ts): bodies go in as they are.

interface Shown {
  readonly id: string
  readonly message: Message
  readonly expiresAt: Millis | null
}

/** A message as lists and claims show it. Clients take a member that they do not know for an error. */
export const showMessage = (
  { id, message, expiresAt }: Shown,
  { version, now, messages, claim }: { version: Version; now: Millis; messages: string; claim: string | null },
): string => {
  const { ttl, age } = lifeOf(message, expiresAt, now)
  const named = version === 'v1' ? '{' : `{"id":"${id}",`
  return `${named}"href":"${messageLink(messages, id, claim)}","ttl":${ttl},"age":${age},"body":${bodyText(message)}}`
}

/** A message that was popped: it has no place any more. */
export const showPopped = ({ id, message, expiresAt }: Shown, now: Millis): string => {
  const { ttl, age } = lifeOf(message, expiresAt, now)
  return `{"id":"${id}","ttl":${ttl},"age":${age},"body":${bodyText(message)},"claim_id":null,"claim_count":0}`
}

/** In whole seconds; the message ends after `ttl - age`. One that other doors gave no end is as far from it as can be said here. */
const lifeOf = ({ sentAt }: Message, expiresAt: Millis | null, now: Millis): { ttl: number; age: number } => {
  const age = ageOf(sentAt, now)
  return { age, ttl: expiresAt === null ? age + messageTtl.max : secondsBetween(sentAt, expiresAt) }
}

/** The whole life of a message, in seconds. */
export const ttlOf = ({ sentAt }: Message, expiresAt: Millis | null): number =>
  expiresAt === null ? messageTtl.max : secondsBetween(sentAt, expiresAt)

const secondsBetween = (from: Millis, to: Millis): number => Math.floor((to - from) / 1000)

export const ageOf = (since: Millis, now: Millis): number => Math.max(0, Math.floor((now - since) / 1000))

/** What other doors sent that is not JSON is a string here: text as it is, and bytes in base64. */
export const bodyText = ({ body, contentType }: Message): string => {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const form = bodyForm(contentType)
  if (form === 'bytes' || !isUtf8(bytes)) return `"${bytes.toString('base64')}"`
  if (form === 'json' && jsonErrorAt(bytes) === -1) return bytes.toString('latin1')
  return utf8AsLatin1(JSON.stringify(bytes.toString('utf8')))
}
