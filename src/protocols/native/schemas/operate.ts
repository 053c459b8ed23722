import { type Static, Type } from 'typebox'
import {
  CountByType,
  CountsToday,
  DeliveryState,
  DeliveryType,
  GroupName,
  groupChoice,
  MessageId,
  nullable,
  strict,
  timestamp,
  timestampOrNull,
} from './common.ts'
import { MessageStatus } from './look.ts'
import { maxBytes, StoredMessage } from './receive.ts'
import { maxBatch } from './send.ts'

const pattern = (what: string) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description: `${what} contains this text, in whatever case; \`*\` stands for any run of characters.`,
    }),
  )

export const MessageFilter = Type.Object(
  {
    types: Type.Optional(Type.Array(DeliveryType, { description: 'Of these types.', examples: [['D']] })),
    states: Type.Optional(Type.Array(DeliveryState, { description: 'In these states.', examples: [['leased']] })),
    sentFrom: Type.Optional(timestamp('Queued at this time or later.')),
    sentBefore: Type.Optional(timestamp('Queued before this time.')),
    id: pattern('The message id'),
    reason: pattern('What was last said of it'),
    holder: pattern('Who holds its lease'),
    contentType: pattern('The content type'),
    messageGroup: pattern('The message group'),
    attributes: pattern('The JSON text of the attributes'),
    body: pattern('The body, as text, of which the first 64 KiB are looked at,'),
  },
  {
    ...strict,
    title: 'MessageFilter',
    description: 'What messages are looked for by: all that is given must hold. Without members: every message.',
    examples: [{ types: ['E'], body: 'sample*42' }],
  },
)

export type MessageFilter = Static<typeof MessageFilter>

const filter = Type.Optional(MessageFilter)

const PageToken = Type.String({
  maxLength: 200,
  description: 'A place in the queue, from an earlier answer; valid for the same filter and order.',
})

export const SearchRequest = Type.Object(
  {
    ...groupChoice,
    filter,
    newestFirst: Type.Optional(Type.Boolean({ default: true, description: 'From the newest message back.' })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: maxBatch, default: 100, description: 'Messages a page at most.' }),
    ),
    maxBytes,
    maxBodyBytes: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Bodies larger than this are left out; `sizeBytes` tells how large they are.',
      }),
    ),
    page: Type.Optional(PageToken),
  },
  { ...strict, title: 'SearchRequest', examples: [{ filter: { types: ['D'] }, limit: 50 }] },
)
export type SearchRequest = Static<typeof SearchRequest>

export const FoundMessage = Type.Object(
  {
    ...StoredMessage.properties,
    sizeBytes: Type.Integer({ minimum: 0, description: 'Bytes of the body.' }),
  },
  { title: 'FoundMessage', description: 'A stored message, perhaps without its body.' },
)
export type FoundMessage = Static<typeof FoundMessage>

const examined = Type.Integer({ minimum: 0, description: 'Messages that were looked at for this answer.' })

export const SearchPage = Type.Object(
  {
    messages: Type.Array(FoundMessage, { description: 'In the order asked for.' }),
    next: nullable(PageToken, {
      description:
        'Pass as `page` for what comes after. There may be fewer messages than asked for, even none, when many had to be ' +
        'looked at for them: the search goes on from here. Null: there is nothing behind.',
    }),
    previous: nullable(PageToken, { description: 'Pass as `page` for what comes before; null on the first page.' }),
    examined,
    end: nullable(Type.String(), {
      description:
        'Where the queue ended as the search began: what came later is told of by a watch with this as `messages.after`, and browsed with it as ' +
        '`marker`. Null on all pages but the first.',
    }),
  },
  { title: 'SearchPage' },
)
export type SearchPage = Static<typeof SearchPage>

export const CountRequest = Type.Object(
  { ...groupChoice, filter, page: Type.Optional(PageToken) },
  { ...strict, title: 'CountRequest', examples: [{ filter: { types: ['E'] } }] },
)
export type CountRequest = Static<typeof CountRequest>

export const CountAnswer = Type.Object(
  {
    count: Type.Integer({ minimum: 0, description: 'Messages that match, among those looked at for this answer.' }),
    types: CountByType,
    next: nullable(PageToken, {
      description: 'Pass as `page` to count on, and add up the answers; null: all were looked at.',
    }),
    examined,
  },
  { title: 'CountAnswer' },
)
export type CountAnswer = Static<typeof CountAnswer>

export const OperatorAction = Type.Union(
  [
    Type.Object(
      { do: Type.Literal('reprocess', { description: 'Names the action.' }) },
      {
        ...strict,
        title: 'ReprocessNow',
        description: 'Type Q at once, for types D, P, E, F and S. The reprocess count stays.',
      },
    ),
    Type.Object(
      {
        do: Type.Literal('move', { description: 'Names the action.' }),
        to: Type.Enum(['P', 'E', 'F', 'S'], { description: 'Processed, Errored, Filtered or Shelved.' }),
      },
      { ...strict, title: 'MoveToType', description: 'Kept as finished, of that type, for any that is not in work.' },
    ),
    Type.Object(
      {
        do: Type.Literal('copy', { description: 'Names the action.' }),
        to: Type.String({ minLength: 1, description: 'The name of a queue, which is made if there is none.' }),
      },
      { ...strict, title: 'CopyToQueue', description: 'Sent to a queue as a new message: with a new id, and type Q.' },
    ),
    Type.Object(
      { do: Type.Literal('delete', { description: 'Names the action.' }) },
      { ...strict, title: 'DeleteForGood', description: 'Gone for every group, in work or not.' },
    ),
  ],
  { title: 'OperatorAction', description: 'What to do with stored messages, named by `do`.' },
)
export type OperatorAction = Static<typeof OperatorAction>

export const ActRequest = Type.Object(
  {
    ...groupChoice,
    ids: Type.Array(MessageId, { minItems: 1, maxItems: maxBatch, description: 'The messages chosen.' }),
    action: OperatorAction,
  },
  {
    ...strict,
    title: 'ActRequest',
    examples: [{ ids: ['01b8a3d5c4000000000004d2'], action: { do: 'reprocess' } }],
  },
)
export type ActRequest = Static<typeof ActRequest>

const ActResult = Type.Object(
  {
    id: MessageId,
    changed: Type.Boolean({ description: 'Whether it was done.' }),
    type: nullable(DeliveryType, { description: 'What the message is now; null when it is gone.' }),
    skipped: nullable(
      Type.Enum(['gone', 'in-work', 'nothing-to-do', 'refused'], {
        description:
          'Why it was not: the message is there no longer, a worker holds it, it is of that type already, or the other ' +
          'queue did not take it.',
      }),
      { description: 'Why it was not done; null when it was.' },
    ),
    copy: Type.Optional(Type.String({ description: 'The id of the copy.' })),
  },
  { title: 'ActResult' },
)

export const ActAnswer = Type.Object(
  {
    changed: Type.Integer({ minimum: 0, description: 'Messages it was done to.' }),
    skipped: Type.Integer({ minimum: 0, description: 'Messages that were left as they are.' }),
    results: Type.Array(ActResult, { description: 'One for each id, in the same order.' }),
  },
  { title: 'ActAnswer' },
)
export type ActAnswer = Static<typeof ActAnswer>

export const ActOnAllRequest = Type.Object(
  { ...groupChoice, filter, action: OperatorAction },
  {
    ...strict,
    title: 'ActOnAllRequest',
    examples: [{ filter: { types: ['E'] }, action: { do: 'move', to: 'S' } }],
  },
)
export type ActOnAllRequest = Static<typeof ActOnAllRequest>

export const ExportRequest = Type.Object(
  {
    ...groupChoice,
    filter,
    ids: Type.Optional(Type.Array(MessageId, { minItems: 1, maxItems: maxBatch, description: 'Only these messages.' })),
    newestFirst: Type.Optional(Type.Boolean({ default: false, description: 'From the newest message back.' })),
  },
  { ...strict, title: 'ExportRequest', examples: [{ filter: { types: ['E'] } }] },
)
export type ExportRequest = Static<typeof ExportRequest>

const QueueWorker = Type.Object(
  {
    name: Type.String({ description: 'As it calls itself: the `holder` of its receives.' }),
    group: GroupName,
    since: timestamp('When this server first heard of it.'),
    lastSeenAt: timestamp('When it last received, or began to wait.'),
    waiting: Type.Integer({ minimum: 0, description: 'Receives of it that wait for a message now.' }),
    inWork: Type.Integer({ minimum: 0, description: 'Messages that it holds.' }),
  },
  { title: 'QueueWorker', description: 'Who receives from a queue, as seen by the server that answers.' },
)

export const QueueWorkers = Type.Object(
  { workers: Type.Array(QueueWorker, { description: 'In the order of their names.' }) },
  { title: 'QueueWorkers' },
)
export type QueueWorkers = Static<typeof QueueWorkers>

export const QueueOverview = Type.Object(
  {
    types: CountByType,
    today: CountsToday,
    oldestWaitingAt: timestampOrNull('When the message that is next to be handed out was sent.', 'none waits'),
    workers: Type.Integer({ minimum: 0, description: 'Workers that the answering server knows of.' }),
  },
  { title: 'QueueOverview', description: 'Of the default group, or of all consumer groups together.' },
)
export type QueueOverview = Static<typeof QueueOverview>

const { deliveries: _, ...status } = MessageStatus.properties

export const MessageDetails = Type.Object(
  {
    ...status,
    deliveries: Type.Array(
      Type.Object(
        {
          ...FoundMessage.properties,
          group: GroupName,
          deadLetters: Type.Boolean({ description: 'Among the dead letters of the group.' }),
        },
        { title: 'MessageDelivery' },
      ),
      {
        description:
          'The message as it stands for each group of its queue; `retained` is the queue’s own copy where it has consumer ' +
          'groups. Empty once it has ended.',
      },
    ),
  },
  { title: 'MessageDetails', description: 'All that is known of a message.' },
)
export type MessageDetails = Static<typeof MessageDetails>
