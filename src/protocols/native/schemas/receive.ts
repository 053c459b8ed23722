import { type Static, Type } from 'typebox'
import {
  DeliveryState,
  DeliveryType,
  day,
  GroupName,
  MessageId,
  ReceiptHandle,
  receiveCount,
  reprocessCount,
  spanMs,
  strict,
  timestamp,
} from './common.ts'
import { Attributes, maxBatch } from './send.ts'

const ifMissing = Type.Optional(
  Type.Enum(['wait', 'refuse'], {
    default: 'wait',
    description: 'When there is no such queue: answer with nothing and wait for it to come into being, or refuse.',
  }),
)

const maxMessages = Type.Optional(
  Type.Integer({ minimum: 1, maximum: maxBatch, default: 1, description: 'How many messages to take at most.' }),
)

export const maxBytes = Type.Optional(
  Type.Integer({
    minimum: 1,
    description:
      'Stop before this many bytes of bodies and attributes; one message is in the answer in any case. An answer never ' +
      'holds more than 8 MiB, or that one message.',
  }),
)

const waitMs = Type.Optional(
  spanMs('How long to wait for a first message; default: the queue’s `receiveWaitMs`.', { max: 600_000 }),
)

export const ReceiveRequest = Type.Object(
  {
    group: Type.Optional(GroupName),
    deadLetters: Type.Optional(
      Type.Boolean({ default: false, description: 'From the dead letters that the group keeps apart instead.' }),
    ),
    maxMessages,
    maxBytes,
    visibilityTimeoutMs: Type.Optional(
      spanMs('How long the messages are hidden from others; default: the queue’s. 0 leaves them visible.', {
        max: 7 * day,
      }),
    ),
    waitMs,
    receiveLimit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description: 'Overrides the receive limit of the messages that this request hands out.',
      }),
    ),
    deadLetterQueue: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Overrides the dead letter queue of the messages that this request hands out.',
      }),
    ),
    holder: Type.Optional(Type.String({ description: 'Who receives, to be shown to people.', examples: ['worker-3'] })),
    ifMissing,
  },
  { ...strict, title: 'ReceiveRequest', examples: [{ maxMessages: 10, waitMs: 20_000 }] },
)
export type ReceiveRequest = Static<typeof ReceiveRequest>

export const PopRequest = Type.Object(
  { group: Type.Optional(GroupName), maxMessages, maxBytes, waitMs, ifMissing },
  { ...strict, title: 'PopRequest', examples: [{ maxMessages: 10 }] },
)
export type PopRequest = Static<typeof PopRequest>

const text = (description: string) => Type.Optional(Type.String({ description }))

/** What every answer that holds a message says of it. Members with nothing to say are left out. */
export const DeadLetterSource = Type.Object(
  {
    queue: Type.String({ description: 'The queue that it was in.' }),
    group: Type.Optional(Type.String({ description: 'The consumer group that gave up on it.' })),
    reason: Type.String({ description: 'Why it was moved.' }),
    at: timestamp('When it was moved.'),
  },
  { title: 'DeadLetterSource', description: 'Where it was dead lettered from, and why.' },
)

const message = {
  id: MessageId,
  position: Type.Integer({ description: 'Rises within the queue.' }),
  body: Type.Optional(
    Type.Unknown({ description: 'The body, if its content type is JSON: the very text that was sent.' }),
  ),
  text: text('The body, if its content type is text and it is valid UTF-8.'),
  base64: text('Any other body: its bytes in base64.'),
  contentType: text('As the sender said.'),
  attributes: Type.Optional(Attributes),
  priority: Type.Integer({ description: 'Higher ones are handed out first.' }),
  sentAt: timestamp('When it was sent.'),
  expiresAt: Type.Optional(timestamp('When it ceases to be.')),
  receiveCount,
  reprocessCount,
  messageGroup: text('Its message group.'),
  deduplicationId: text('Its deduplication id.'),
  tags: Type.Optional(Type.Array(Type.String(), { description: 'Its tags.' })),
  clientId: text('Who sent it, as the sender said.'),
  senderId: text('The access key id that sent it.'),
  delayMs: Type.Optional(spanMs('The delay that its sender asked for.')),
  receiveLimit: Type.Optional(Type.Integer({ description: 'Its own receive limit.' })),
  deadLetterQueue: text('Its own dead letter queue.'),
  traceparent: text('W3C trace context of its send.'),
  deadLetterSource: Type.Optional(DeadLetterSource),
}

export const ReceivedMessage = Type.Object(
  {
    ...message,
    receiptHandle: Type.Optional(ReceiptHandle),
    type: DeliveryType,
    firstReceivedAt: timestamp('When it was first handed out.'),
    failures: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Releases in a row that were failures, since it was sent, put aside or reprocessed by hand.',
      }),
    ),
    leasedUntil: Type.Optional(timestamp('The end of this lease; absent from messages that were popped.')),
  },
  { title: 'ReceivedMessage', description: 'Members that have nothing to say are left out.' },
)
export type ReceivedMessage = Static<typeof ReceivedMessage>

export const ReceivedMessages = Type.Object(
  { messages: Type.Array(ReceivedMessage, { description: 'Empty when none came in time.' }) },
  { title: 'ReceivedMessages' },
)
export type ReceivedMessages = Static<typeof ReceivedMessages>

export const StoredMessage = Type.Object(
  {
    ...message,
    type: DeliveryType,
    state: DeliveryState,
    visibleAt: Type.Optional(timestamp('While it is delayed or leased: until when.')),
    firstReceivedAt: Type.Optional(timestamp('When it was first handed out.')),
    modifiedAt: timestamp('When its state last changed.'),
    claim: text('The claim that it is under.'),
    holder: text('Who holds its lease.'),
    reason: text('What its worker last said of it.'),
    outbound: text('What its processing gave, as its worker said.'),
  },
  {
    title: 'StoredMessage',
    description: 'A message as it is seen without taking it. Members that have nothing to say are left out.',
  },
)
export type StoredMessage = Static<typeof StoredMessage>

export const StoredMessages = Type.Object(
  { messages: Type.Array(StoredMessage, { description: 'In the order asked for.' }) },
  { title: 'StoredMessages' },
)
export type StoredMessages = Static<typeof StoredMessages>
