import { isUtf8 } from 'node:buffer'
import type { Millis } from '../../../core/clock.ts'
import type { Message } from '../../../core/message.ts'
import { bodyForm } from '../../http/body-form.ts'
import { jsonErrorAt } from '../../http/json/scan.ts'
import { utf8AsLatin1 } from '../../http/latin1.ts'
import { messageTtl } from '../limits.ts'
import { messageLink } from '../links.ts'
import type { Call } from '../operation.ts'
import { checksumOf } from './checksum.ts'

// Messages are put together by hand, as text with one character a byte (see http/latin1.ts): bodies go in as they are.

interface Shown {
  readonly id: string
  readonly message: Message
  readonly expiresAt: Millis | null
}

type ShownTo = Pick<Call, 'version' | 'settings'>

/** A message as lists and claims show it. Clients take a member that they do not know for an error. */
export const showMessage = (
  { id, message, expiresAt }: Shown,
  about: ShownTo & { readonly now: Millis; readonly messages: string; readonly claim: string | null },
): string => {
  const { now, messages, claim } = about
  const { ttl, age } = lifeOf(message, expiresAt, now)
  const named = about.version === 'v1' ? '{' : `{"id":"${id}",`
  const link = messageLink(messages, id, claim)
  return `${named}"href":"${link}","ttl":${ttl},"age":${age},${bodyMembers(message, about)}}`
}

/** A message that was popped: it has no place any more. */
export const showPopped = ({ id, message, expiresAt }: Shown, now: Millis, to: ShownTo): string => {
  const { ttl, age } = lifeOf(message, expiresAt, now)
  return `{"id":"${id}","ttl":${ttl},"age":${age},${bodyMembers(message, to)},"claim_id":null,"claim_count":0}`
}

/** The body, and in v2 its checksum where the server has them shown. */
const bodyMembers = (message: Message, { version, settings }: ShownTo): string => {
  const body = bodyText(message)
  if (version !== 'v2' || !settings.checksums) return `"body":${body}`
  return `"body":${body},"checksum":"${checksumOf(Buffer.from(body, 'latin1').toString('utf8'))}"`
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
