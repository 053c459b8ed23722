import { type Static, Type } from 'typebox'
import { day, MessageId, spanMs, strict, Tag, timestamp } from './common.ts'

/** What a sender may say of a message, wherever it says it. */
const messageOptions = {
  delayMs: Type.Optional(spanMs('How long the message stays hidden first; default: the queue’s.')),
  priority: Type.Optional(
    Type.Integer({
      minimum: -(2 ** 31),
      maximum: 2 ** 31 - 1,
      default: 0,
      description: 'Higher ones are handed out first.',
    }),
  ),
  retentionMs: Type.Optional(
    spanMs('How long the message lives; default: the queue’s retention, as it stands at any time.', { min: 1 }),
  ),
  messageGroup: Type.Optional(
    Type.String({ minLength: 1, description: 'The ordering key: within a message group, first in, first out.' }),
  ),
  deduplicationId: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Another message with this id within the window is not stored; the answer names the first one.',
    }),
  ),
  deduplicationWindowMs: Type.Optional(
    spanMs('How long the deduplication id is taken; default: the queue’s.', { max: 7 * day }),
  ),
  receiveLimit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Overrides the queue’s receive limit.' }),
  ),
  deadLetterQueue: Type.Optional(
    Type.String({ minLength: 1, description: 'Overrides the queue’s dead letter queue.' }),
  ),
  tags: Type.Optional(
    Type.Array(Tag, {
      maxItems: 20,
      description: 'What consumer groups with a tag rule go by; in a query separated by commas.',
      examples: [['urgent', 'eu']],
    }),
  ),
  clientId: Type.Optional(
    Type.String({ description: 'Who sends it; `browse` can leave a client’s own messages out.' }),
  ),
}

const ifMissing = Type.Optional(
  Type.Enum(['create', 'refuse'], {
    default: 'create',
    description: 'When there is no such queue: make a virtual one, which exists while it has messages, or refuse.',
  }),
)

/** The body of the request is the body of the message; the rest of what can be said stands in the query. */
export const SendQuery = Type.Object({ ...messageOptions, ifMissing }, { ...strict, title: 'SendQuery' })
export type SendQuery = Static<typeof SendQuery>

export const SendBatchQuery = Type.Object({ ifMissing }, { ...strict, title: 'SendBatchQuery' })
export type SendBatchQuery = Static<typeof SendBatchQuery>

export const Attributes = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Names and JSON values that travel with the message, kept to the letter.',
  examples: [{ tenant: 'acme' }],
})
export type Attributes = Static<typeof Attributes>

export const OutgoingMessage = Type.Object(
  {
    body: Type.Optional(
      Type.Unknown({
        description:
          'Any JSON value. The message keeps its text to the letter: long numbers, order of names and spaces included.',
      }),
    ),
    text: Type.Optional(Type.String({ description: 'A body of text, kept as UTF-8.' })),
    base64: Type.Optional(Type.String({ description: 'A body of bytes, in base64.' })),
    contentType: Type.Optional(
      Type.String({
        pattern: '^[\\x20-\\x7e]{1,255}$',
        description:
          'Default: `application/json` with `body`, `text/plain; charset=utf-8` with `text`, ' +
          '`application/octet-stream` with `base64`.',
      }),
    ),
    attributes: Type.Optional(Attributes),
    ...messageOptions,
    traceparent: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
        description: 'W3C trace context of the send.',
        examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
      }),
    ),
  },
  {
    ...strict,
    title: 'OutgoingMessage',
    description: 'One message to send, with exactly one of `body`, `text` and `base64`.',
    examples: [{ body: { order: 7 }, priority: 5 }],
  },
)
export type OutgoingMessage = Static<typeof OutgoingMessage>

export const maxBatch = 1000

export const SendBatch = Type.Object(
  {
    messages: Type.Array(OutgoingMessage, {
      minItems: 1,
      maxItems: maxBatch,
      description: 'Stored in this order in one atomic step, or none of them.',
    }),
  },
  { ...strict, title: 'SendBatch', examples: [{ messages: [{ body: { order: 7 } }, { text: 'hello' }] }] },
)
export type SendBatch = Static<typeof SendBatch>

export const SentMessage = Type.Object(
  {
    id: MessageId,
    position: Type.Integer({ description: 'Rises within the queue.' }),
    sentAt: timestamp('When it was stored.'),
    duplicate: Type.Boolean({
      description: 'True when its deduplication id was taken: nothing was stored, and `id` is the first message’s.',
    }),
  },
  { title: 'SentMessage' },
)
export type SentMessage = Static<typeof SentMessage>

export const SentMessages = Type.Object(
  { messages: Type.Array(SentMessage, { description: 'One for each message of the request, in its order.' }) },
  { title: 'SentMessages' },
)
export type SentMessages = Static<typeof SentMessages>
