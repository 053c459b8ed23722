import type { NewMessage } from '../../../core/message.ts'
import type { QueueSettings } from '../../../core/queue.ts'
import { JsonSyntaxError, type SlicedMessage, sliceBatch, sliceList } from '../../http/json/slice-batch.ts'
import { badBody, badValue, notParsed, wrongDocument } from '../answer.ts'
import { checkIntegers, checkJson, integerField, missingField, wrongKind } from '../documents.ts'
import { messageDelay, messageTtl } from '../limits.ts'
import { maxPostBytesOf } from '../metadata/reserved.ts'
import type { Call } from '../operation.ts'

/** The messages of a post; bodies keep the text that they were sent as. `queue`: v2's queues have defaults of their own. */
export const readMessages = (call: Call, queue: QueueSettings | undefined): NewMessage[] => {
  const { version, body, settings, clientId, principal } = call
  const isV1 = version === 'v1'
  if (!isV1 || settings.countsWhiteSpaceInV1) {
    checkSize(body.length, queue ? maxPostBytesOf(queue, settings) : settings.maxPostBytes)
  }
  const sliced = slice(body, isV1)
  const most = isV1 ? settings.maxMessagesPerPostV1 : settings.maxMessagesPerPost
  if (sliced.length === 0) throw badBody('No messages were provided.')
  if (sliced.length > most) throw badValue(`A request may post at most ${most} messages, not ${sliced.length}.`)
  checkIntegers(body)
  const common = {
    contentType: 'application/json',
    ...(clientId !== undefined && { clientId }),
    ...(principal.keyId !== null && { senderId: principal.keyId }),
  }
  const messages = sliced.map((message): NewMessage => {
    if (!message) throw badBody('Each message must be an object.')
    if (!message.body) throw missingField('body')
    return { ...common, body: message.body, ...termsOf(message.options ?? {}, call, queue) }
  })
  if (isV1 && !settings.countsWhiteSpaceInV1) checkBodies(body.length, messages, settings.maxPostBytes)
  return messages
}

const slice = (bytes: Buffer, isV1: boolean): readonly (SlicedMessage | null)[] => {
  checkJson(bytes)
  try {
    return isV1 ? sliceBare(bytes) : sliceWrapped(bytes)
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw notParsed()
    throw error
  }
}

const sliceBare = (bytes: Buffer): readonly (SlicedMessage | null)[] => {
  const messages = sliceList(bytes)
  if (!messages) throw firstByte(bytes) === openBrace ? wrongDocument() : notParsed()
  return messages
}

const sliceWrapped = (bytes: Buffer): readonly (SlicedMessage | null)[] => {
  const batch = sliceBatch(bytes)
  if (!batch) throw firstByte(bytes) === openBracket ? wrongDocument() : notParsed()
  if (batch.messages === undefined) throw missingField('messages')
  if (batch.messages === null) throw wrongKind('messages', 'list')
  return batch.messages
}

const openBracket = 0x5b
const openBrace = 0x7b
const firstByte = (bytes: Buffer): number | undefined => bytes.find((byte) => byte > 0x20)

const termsOf = (
  options: Readonly<Record<string, unknown>>,
  { version }: Call,
  queue: QueueSettings | undefined,
): Pick<NewMessage, 'retentionMs' | 'delayMs'> => {
  const ttl = integerField(options, 'ttl')
  if (ttl === undefined && version === 'v1') throw missingField('ttl')
  if (ttl !== undefined && (ttl < messageTtl.min || ttl > messageTtl.max)) {
    throw badValue(
      `The TTL for a message may not exceed ${messageTtl.max} seconds, and must be at least ${messageTtl.min} seconds long.`,
    )
  }
  const delay = version === 'v2' ? integerField(options, 'delay') : undefined
  if (delay !== undefined && (delay < messageDelay.min || delay > messageDelay.max)) {
    throw badValue(
      `The delay of a message may not exceed ${messageDelay.max} seconds, and must be at least ${messageDelay.min} seconds.`,
    )
  }
  // Only where the queue has a delay can a message have another one.
  const delayMs = delay !== undefined && queue && queue.delayMs > 0 ? { delayMs: delay * 1000 } : {}
  if (ttl !== undefined) return { retentionMs: ttl * 1000, ...delayMs }
  return version === 'v2' && queue ? delayMs : { retentionMs: messageTtl.standard * 1000 }
}

const checkSize = (bytes: number, most: number): void => {
  if (bytes > most) throw badValue(`Message collection size is too large. Max size ${most}`)
}

/** White space between the parts of a body does not count, and neither does what is around the bodies. */
const checkBodies = (all: number, messages: readonly NewMessage[], most: number): void => {
  if (all <= most) return
  let bytes = 0
  for (const { body } of messages) bytes += Buffer.byteLength(JSON.stringify(JSON.parse(Buffer.from(body).toString())))
  checkSize(bytes, most)
}
