import { type Static, Type } from 'typebox'
import type { Failure as CoreFailure } from '../../../core/failure.ts'
import type { HistoryStep as CoreStep } from '../../../core/history.ts'
import {
  DeliveryState,
  DeliveryType,
  GroupName,
  groupChoice,
  MessageId,
  nullable,
  QueueName,
  receiveCount,
  reprocessCount,
  strict,
  textOrNull,
  timestamp,
  timestampOrNull,
} from './common.ts'
import { DeadLetterSource, maxBytes, StoredMessage } from './receive.ts'
import { maxBatch } from './send.ts'

export const MessagePath = Type.Object({ queue: QueueName, id: MessageId })
export type MessagePath = Static<typeof MessagePath>

export const MessageIdPath = Type.Object({ id: MessageId })
export type MessageIdPath = Static<typeof MessageIdPath>

export const BrowseQuery = Type.Object(
  {
    ...groupChoice,
    marker: Type.Optional(
      Type.String({ description: 'The `marker` of the page before, or a message id; absent: from the head.' }),
    ),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: maxBatch, default: 10, description: 'Messages a page at most.' }),
    ),
    maxBytes,
    newestFirst: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'From the newest message back; markers are then for this direction.',
      }),
    ),
    states: Type.Optional(
      Type.Array(DeliveryState, {
        description:
          'Only messages in these states, separated by commas; default: all that wait, delayed ones too, but not the ' +
          'leased and not the finished.',
        examples: [['ready', 'leased']],
      }),
    ),
    types: Type.Optional(
      Type.Array(DeliveryType, {
        description: 'Only messages of these types, separated by commas.',
        examples: [['Q', 'D']],
      }),
    ),
    exceptClientId: Type.Optional(Type.String({ description: 'Leaves out messages that this client sent.' })),
  },
  { ...strict, title: 'BrowseQuery' },
)
export type BrowseQuery = Static<typeof BrowseQuery>

export const BrowsePage = Type.Object(
  {
    messages: Type.Array(StoredMessage, {
      description:
        'In the order in which they came into the queue. A page may be shorter than `limit`, since its bytes are bounded; an empty one is the last.',
    }),
    marker: nullable(Type.String(), {
      description:
        'Where the next page begins; it stays valid whatever becomes of the messages, and later messages come behind it. ' +
        'Null when the queue does not exist, or the marker given is unknown.',
    }),
  },
  { title: 'BrowsePage' },
)
export type BrowsePage = Static<typeof BrowsePage>

export const GetMessageQuery = Type.Object(groupChoice, { ...strict, title: 'GetMessageQuery' })
export type GetMessageQuery = Static<typeof GetMessageQuery>

export const GetMessagesRequest = Type.Object(
  {
    ids: Type.Array(MessageId, {
      minItems: 1,
      maxItems: maxBatch,
      description: 'Unknown ones are left out of the answer, which keeps this order.',
    }),
    ...groupChoice,
  },
  { ...strict, title: 'GetMessagesRequest', examples: [{ ids: ['01b8a3d5c4000000000004d2'] }] },
)
export type GetMessagesRequest = Static<typeof GetMessagesRequest>

const Failure = Type.Unsafe<CoreFailure>(
  Type.Object(
    {
      kind: Type.Enum(['status', 'timeout', 'connection'], {
        description: 'The service’s answer was no; there was none in time; there was no connection, or it broke.',
      }),
      status: Type.Optional(Type.Integer({ description: 'The status code of the answer.' })),
      answer: Type.Optional(Type.String({ description: 'The beginning of the answer.' })),
    },
    { title: 'Failure', description: 'Why a call to a service failed.' },
  ),
)

const HistoryStep = Type.Unsafe<CoreStep>(
  Type.Object(
    {
      at: timestamp('When.'),
      from: DeliveryType,
      to: Type.Enum(['Q', 'D', 'P', 'E', 'F', 'S', 'ended'], {
        description: 'The type it had then, or that it was gone.',
      }),
      cause: Type.String({
        description:
          'Who or what did it: the name of a worker or operator, `push`, `receiver` for one without a name, or `automatic`.',
      }),
      group: Type.Optional(GroupName),
      text: Type.Optional(Type.String({ description: 'What was said of it.' })),
      detail: Type.Optional(
        Type.Record(Type.String(), Type.Unknown(), {
          description:
            'What few lines have: `attempt`, `startedAt`, `durationMs`, `outcome`, `until`, `reprocessCount`, `severity`, and of ' +
            'a call to a service the `status` and the beginning of the `answer`.',
        }),
      ),
    },
    { title: 'HistoryStep', description: 'One change of a message’s state, or something said of it.' },
  ),
)

export const DeliveryStatus = Type.Object(
  {
    group: GroupName,
    subscriber: Type.Boolean({
      description: 'The group is a subscriber: what it makes of the message is nothing to the queue.',
    }),
    type: DeliveryType,
    state: DeliveryState,
    visibleAt: timestampOrNull('While it is delayed or leased: until when.'),
    receiveCount,
    reprocessCount,
    firstReceivedAt: timestampOrNull('When it was first handed out.'),
    modifiedAt: timestamp('When its state last changed.'),
    holder: textOrNull('Who holds its lease.'),
    reason: textOrNull('What its worker last said of it.'),
    failure: nullable(Failure, { description: 'Why its handling failed.' }),
    deadLetterSource: nullable(DeadLetterSource, { description: 'Of a dead letter.' }),
  },
  { title: 'DeliveryStatus' },
)
export type DeliveryStatus = Static<typeof DeliveryStatus>

export const MessageStatus = Type.Object(
  {
    id: MessageId,
    queue: QueueName,
    queuePublicId: Type.String({ description: 'The `publicId` of the queue.' }),
    sentAt: timestamp('When it was sent.'),
    delayMs: Type.Integer({ description: 'The delay that its sender asked for, in milliseconds.' }),
    groupsDone: Type.Integer({
      minimum: 0,
      description:
        'How many consumer groups are done with it, and so not among `deliveries`, while the queue keeps it.',
    }),
    deliveries: Type.Array(DeliveryStatus, {
      description: 'Where it stands, for each consumer group it is there for.',
    }),
    ended: nullable(
      Type.Object({
        outcome: Type.Enum(
          ['deleted', 'processed', 'filtered', 'errored', 'shelved', 'expired', 'purged', 'dead-letter'],
          { description: 'How it ended.' },
        ),
        at: timestamp('When it ended.'),
        receiveCount,
        reprocessCount,
        firstReceivedAt: timestampOrNull('When it was first handed out.'),
        reason: textOrNull('What its worker last said of it.'),
        failure: nullable(Failure, { description: 'Why its handling failed.' }),
      }),
      { description: 'What became of it; null while it is there. Subscribers may have it still then.' },
    ),
    steps: Type.Array(HistoryStep, {
      description:
        'Every change of its state, the first ten and the last hundred, where its queue’s `history` is `steps`.',
    }),
    stepsOmitted: Type.Integer({ minimum: 0, description: 'How many were left out after the first ten.' }),
  },
  { title: 'MessageStatus', description: 'What became of a message, readable for seven days from its send.' },
)
export type MessageStatus = Static<typeof MessageStatus>
