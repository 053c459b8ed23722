import { Type } from 'typebox'
import { messageIdAsUuid } from '../../../core/ids.ts'
import type { ReceivedMessage } from '../../../core/requests.ts'
import { handBack } from '../../http/hand-back.ts'
import { mayFill } from '../access.ts'
import { ok } from '../answer.ts'
import { deadLetterQueue, fields, halfADay, integer, seconds } from '../fields.ts'
import { md5, textOfBody } from '../message-body.ts'
import { operation } from '../operation.ts'

export const messageReceive = operation({
  name: 'messagereceive',
  path: ['accountid', 'queuename'],
  summary: 'Takes messages: at once where there are any, else as soon as there is one.',
  access: { scope: 'receive' },
  fields: fields({
    MaxNumberOfMessages: Type.Optional(
      integer(1, 10, {
        default: 1,
        says: 'MaxNumberOfMessages must be an integer between 1-10',
        description: 'How many at most.',
      }),
    ),
    VisibilityTimeout: Type.Optional(
      seconds(halfADay, {
        default: 30,
        description: 'Seconds for which they are hidden from others; 0 or less: not at all.',
      }),
    ),
    WaitTimeSeconds: Type.Optional(integer(0, 20, { default: 20, description: 'How long to wait for a first one.' })),
    MaxReceives: Type.Optional(
      integer(1, 10, {
        description: 'In place of the limit of 4, for the messages that this call hands out or meets.',
      }),
    ),
    DeadLetterQueueName: deadLetterQueue,
  }),
  async run({ engine, account, queue, principal, signal, fields: given }) {
    mayFill(principal, given.DeadLetterQueueName)
    const received = await engine.receive({
      account,
      queue,
      maxMessages: given.MaxNumberOfMessages ?? 1,
      visibilityTimeoutMs: Math.max(0, given.VisibilityTimeout ?? 30) * 1000,
      waitMs: (given.WaitTimeSeconds ?? 20) * 1000,
      signal,
      ...(given.MaxReceives !== undefined && { receiveLimit: given.MaxReceives }),
      ...(given.DeadLetterQueueName !== undefined && { deadLetterQueue: given.DeadLetterQueueName }),
    })
    return {
      ...ok({ MessageReceiveResult: received.map((message) => show(account, message)) }),
      ifGone: handBack(engine, { account, queue }, received),
    }
  },
})

const show = (account: string, { message, ...received }: ReceivedMessage) => {
  const text = textOfBody(message)
  // Its reservation ended with the move to the dead letter queue.
  const deduplicationId = received.deadLetterSource ? undefined : message.extra?.deduplicationId
  return {
    AccountId: account,
    ApproximateFirstReceiveTimestamp: timestamp(received.firstReceivedAt),
    ApproximateReceiveCount: received.receiveCount,
    MD5OfMessageBody: md5(text),
    MessageBody: text,
    MessageDeduplicationId: deduplicationId ?? null,
    MessageId: messageIdAsUuid(received.id),
    Priority: message.priority,
    QueueName: received.queue,
    ReceiptHandle: received.receiptHandle,
    SentTimestamp: timestamp(message.sentAt),
  }
}

/** With microseconds, of which a clock of milliseconds knows nothing, and UTC as an offset. */
const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1)}000+00:00`
