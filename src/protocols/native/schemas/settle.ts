import { type Static, Type } from 'typebox'
import {
  DeliveryType,
  day,
  GroupName,
  MessageId,
  nullable,
  QueueName,
  ReceiptHandle,
  reprocessCount,
  spanMs,
  strict,
  timestampOrNull,
} from './common.ts'
import { maxBatch } from './send.ts'

const reason = Type.Optional(Type.String({ description: 'Kept with the message, to be shown to people.' }))

export const SettleAction = Type.Union(
  [
    Type.Object(
      { do: Type.Literal('delete', { description: 'Names the action.' }) },
      { ...strict, title: 'DeleteAction', description: 'Gone for this group: acknowledged.' },
    ),
    Type.Object(
      {
        do: Type.Literal('extend', { description: 'Names the action.' }),
        visibilityTimeoutMs: spanMs('The lease ends so long from now, whatever was left of it.', { max: 7 * day }),
      },
      { ...strict, title: 'ExtendAction', description: '0 makes the message visible at once.' },
    ),
    Type.Object(
      {
        do: Type.Literal('release', { description: 'Names the action.' }),
        delayMs: Type.Optional(spanMs('How long the message stays hidden.', { default: 0 })),
        to: Type.Optional(
          Type.Enum(['place', 'back'], {
            default: 'place',
            description: 'To its old place, or behind the messages that wait.',
          }),
        ),
        failed: Type.Optional(
          Type.Boolean({ default: true, description: 'False takes this receive back off the receive count.' }),
        ),
        reason,
      },
      { ...strict, title: 'ReleaseAction', description: 'Visible again, at once or after a delay.' },
    ),
    Type.Object(
      {
        do: Type.Literal('reprocess', { description: 'Names the action.' }),
        delayMs: spanMs('When it is handed out again, from now.'),
        reason,
      },
      {
        ...strict,
        title: 'ReprocessAction',
        description: 'Put aside (type D) without limit and without counting as a failure; refused in ordered queues.',
      },
    ),
    Type.Object(
      {
        do: Type.Literal('finish', { description: 'Names the action.' }),
        as: Type.Enum(['P', 'E', 'F', 'S'], { description: 'Processed, Errored, Filtered or Shelved.' }),
        reason,
        outbound: Type.Optional(Type.String({ description: 'What its processing gave; kept with the message.' })),
      },
      { ...strict, title: 'FinishAction', description: 'Done; what stays of it is for the queue’s settings to say.' },
    ),
    Type.Object(
      { do: Type.Literal('dead-letter', { description: 'Names the action.' }), reason },
      { ...strict, title: 'DeadLetterAction', description: 'To the dead letters at once, whatever its receive count.' },
    ),
  ],
  { title: 'SettleAction', description: 'What to do with a message, named by `do`.' },
)
export type SettleAction = Static<typeof SettleAction>

export const HandleRule = Type.Enum(['leased', 'latest', 'any'], {
  default: 'leased',
  description:
    'Which receipt handles count: only while the lease lasts; until the message is handed out again; or older ones too, ' +
    'as long as the message is there.',
})
export type HandleRule = Static<typeof HandleRule>

const StepEvent = Type.Object(
  {
    severity: Type.Enum(['info', 'warning', 'error'], { description: 'How bad it is.' }),
    text: Type.String({ maxLength: 100_000, description: 'What is to be said.' }),
  },
  { ...strict, title: 'StepEvent', description: 'Something that a worker says of a message.' },
)

const SettleEntry = Type.Object(
  {
    receiptHandle: ReceiptHandle,
    action: SettleAction,
    events: Type.Optional(
      Type.Array(StepEvent, {
        maxItems: 1000,
        description: 'Lines for the message’s history, of which the last 20 are kept.',
      }),
    ),
  },
  { ...strict, title: 'SettleEntry' },
)

export const SettleRequest = Type.Object(
  {
    handles: Type.Optional(HandleRule),
    entries: Type.Array(SettleEntry, { minItems: 1, maxItems: maxBatch, description: 'Each is answered on its own.' }),
  },
  {
    ...strict,
    title: 'SettleRequest',
    examples: [{ entries: [{ receiptHandle: '00000000-04d2-4a1b-8000-0007c0ffee00', action: { do: 'delete' } }] }],
  },
)
export type SettleRequest = Static<typeof SettleRequest>

export const EntryResult = Type.Union(
  [
    Type.Object(
      {
        ok: Type.Literal(true, { description: 'It was done.' }),
        id: MessageId,
        type: nullable(DeliveryType, { description: 'What the message is now; null when it is gone.' }),
        reprocessCount,
        visibleAt: timestampOrNull('When it is visible again.', 'that is not known'),
        changed: Type.Boolean({
          description: 'False when there was nothing left to do: the message was gone already.',
        }),
      },
      { title: 'Settled' },
    ),
    Type.Object(
      {
        ok: Type.Literal(false, { description: 'It was refused.' }),
        code: Type.String({ description: 'Why not: one of the codes of problems.', examples: ['LeaseLost'] }),
        detail: Type.String({ description: 'The same in a sentence.' }),
        data: Type.Record(Type.String(), Type.Unknown(), { description: 'The particulars of the code.' }),
      },
      { title: 'NotSettled' },
    ),
  ],
  { title: 'EntryResult' },
)
export type EntryResult = Static<typeof EntryResult>

export const EntryResults = Type.Object(
  { results: Type.Array(EntryResult, { description: 'One for each entry of the request, in its order.' }) },
  { title: 'EntryResults' },
)
export type EntryResults = Static<typeof EntryResults>

export const ReceiptPath = Type.Object({ queue: QueueName, receiptHandle: ReceiptHandle })
export type ReceiptPath = Static<typeof ReceiptPath>

export const DeleteReceiptQuery = Type.Object(
  { handles: Type.Optional({ ...HandleRule, default: 'latest' }) },
  { ...strict, title: 'DeleteReceiptQuery' },
)
export type DeleteReceiptQuery = Static<typeof DeleteReceiptQuery>

const leased = Type.Optional(
  Type.Enum(['anyway', 'refuse'], {
    default: 'refuse',
    description:
      'What about messages that are leased: delete them anyway, or refuse unless `claim` is the one they are under (and, ' +
      'when a claim is named, refuse those that are under none).',
  }),
)
const claim = Type.Optional(Type.String({ description: 'The claim that the messages are under.' }))

export const DeleteMessageQuery = Type.Object(
  { group: Type.Optional(GroupName), claim, leased },
  { ...strict, title: 'DeleteMessageQuery' },
)
export type DeleteMessageQuery = Static<typeof DeleteMessageQuery>

export const DeleteMessagesRequest = Type.Object(
  {
    ids: Type.Array(MessageId, {
      minItems: 1,
      maxItems: maxBatch,
      description: 'Unknown ones answer `changed: false`.',
    }),
    group: Type.Optional(GroupName),
    claim,
    leased,
  },
  { ...strict, title: 'DeleteMessagesRequest', examples: [{ ids: ['01b8a3d5c4000000000004d2'] }] },
)
export type DeleteMessagesRequest = Static<typeof DeleteMessagesRequest>
