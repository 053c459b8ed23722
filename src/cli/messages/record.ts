import { formOf } from '../../client/body.ts'
import type { AnyMessage } from '../../client/index.ts'

/** Members of a message beside its body; those that have nothing to say are left out. */
type Members = Readonly<Record<string, unknown>>

/**
 * A message as a line of JSON. Bodies are given as the native API gives them: JSON as it is in `body`, text in `text`, all
 * else in `base64`. `exact`: JSON that spans lines is given in base64, so that not even its white space changes.
 */
export const messageLine = (
  message: AnyMessage<unknown>,
  members: Members,
  options: { exact?: boolean } = {},
): string => {
  const attributes = message.attributesText()
  const rest = JSON.stringify(
    withoutNothing({
      contentType: message.contentType,
      ...common(message),
      ...members,
    }),
  )
  const raw = [
    `"id":${JSON.stringify(message.id)}`,
    bodyMember(message, options.exact ?? false),
    ...(attributes === null ? [] : [`"attributes":${onOneLine(attributes)}`]),
  ]
  return `{${raw.join(',')},${rest.slice(1)}`
}

const common = (message: AnyMessage<unknown>): Members => ({
  queue: message.queue,
  group: message.group,
  position: message.position,
  type: message.type,
  priority: message.priority,
  messageGroup: message.messageGroup,
  deduplicationId: message.deduplicationId,
  tags: message.tags.length > 0 ? message.tags : null,
  clientId: message.clientId,
  sentAt: message.sentAt,
  expiresAt: message.expiresAt,
  receiveCount: message.receiveCount,
  firstReceivedAt: message.firstReceivedAt,
  reprocessCount: message.reprocessCount,
  deadLetterSource: message.deadLetterSource,
  traceparent: message.traceparent,
})

const withoutNothing = (members: Members): Members =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null && value !== undefined))

const bodyMember = (message: AnyMessage<unknown>, exact: boolean): string => {
  const bytes = message.bytes()
  const form = formOf(message.contentType)
  const text = form === 'bytes' ? undefined : textOf(bytes)
  if (text !== undefined && form === 'json' && isJson(text)) {
    if (!exact || !/[\r\n]/.test(text)) return `"body":${onOneLine(text)}`
  } else if (text !== undefined) return `"text":${JSON.stringify(text)}`
  return `"base64":"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}"`
}

/** Line ends in JSON text are white space: within strings they would be escaped. */
const onOneLine = (json: string): string => json.replace(/[\r\n]/g, ' ')

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

export const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
