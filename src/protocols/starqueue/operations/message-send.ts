import { Type } from 'typebox'
import { messageIdAsUuid } from '../../../core/ids.ts'
import type { NewMessage } from '../../../core/message.ts'
import { mayFill } from '../access.ts'
import { badRequest, ok } from '../answer.ts'
import { deadLetterQueue, fields, halfADay, integer, seconds, text } from '../fields.ts'
import { bodyOfText, md5 } from '../message-body.ts'
import { operation } from '../operation.ts'

/** Messages are deleted, or dead letters, after so many receives. */
const receiveLimit = 4
const fourteenDays = 1_209_600

export const messageSend = operation({
  name: 'messagesend',
  path: ['accountid', 'queuename'],
  summary: 'Sends a message. When the answer comes, it is on disk.',
  access: { scope: 'send' },
  fields: fields({
    MessageBody: text({ description: 'Base64, in the standard alphabet and padded.' }),
    Priority: Type.Optional(integer(0, 1000, { default: 100, description: 'Higher first.' })),
    VisibilityTimeout: Type.Optional(
      seconds(halfADay, { default: 0, description: 'Seconds for which the message is hidden; 0 or less: not at all.' }),
    ),
    MessageDeduplicationId: Type.Optional(
      Type.String({
        maxLength: 128,
        pattern: '^\\P{Cc}*$',
        says: 'MessageDeduplicationId must be 1 to 128 printable characters',
        description: 'A second message with the same id is accepted and dropped; empty: none.',
      }),
    ),
    MessageDeduplicationTimePeriod: Type.Optional(
      integer(0, halfADay, { default: 300, description: 'Seconds for which the id is taken.' }),
    ),
    MessageRetentionPeriod: Type.Optional(
      integer(1, fourteenDays, { default: 14_400, description: 'Seconds until the message is deleted.' }),
    ),
    DeadLetterQueueName: deadLetterQueue,
  }),
  async run({ engine, account, queue, principal, settings, fields: given }) {
    const { MessageBody } = given
    if (MessageBody === '') throw badRequest('MessageBody is required')
    if (MessageBody.length > settings.maxMessageBytes) {
      throw badRequest(`MessageBody exceeds maximum ${settings.maxMessageBytes} bytes`)
    }
    const body = bodyOfText(MessageBody)
    if (!body) throw badRequest('MessageBody must be base64 encoded')
    mayFill(principal, given.DeadLetterQueueName)
    const { MessageRetentionPeriod } = given
    const message: NewMessage = {
      ...body,
      contentType: 'application/octet-stream',
      priority: given.Priority ?? 100,
      delayMs: Math.max(0, given.VisibilityTimeout ?? 0) * 1000,
      retentionMs: MessageRetentionPeriod === undefined ? settings.retentionMs : MessageRetentionPeriod * 1000,
      receiveLimit,
      keepsReceiveLimit: true,
      ...deduplicationOf(given),
      ...(given.DeadLetterQueueName !== undefined && { deadLetterQueue: given.DeadLetterQueueName }),
      ...(principal?.keyId && { senderId: principal.keyId }),
    }
    const { maxMessages } = settings
    const room = maxMessages === undefined ? {} : { maxMessages }
    const [sent] = await engine.send({ account, queue, messages: [message], ...room })
    return ok({ MessageSendResult: { MessageId: messageIdAsUuid(sent?.id ?? ''), MD5OfMessageBody: md5(MessageBody) } })
  },
})

const deduplicationOf = (given: {
  MessageDeduplicationId?: string
  MessageDeduplicationTimePeriod?: number
}): Pick<NewMessage, 'deduplicationId' | 'deduplicationWindowMs'> => {
  const { MessageDeduplicationId: id, MessageDeduplicationTimePeriod: period = 300 } = given
  return id === undefined || id === '' ? {} : { deduplicationId: id, deduplicationWindowMs: period * 1000 }
}
