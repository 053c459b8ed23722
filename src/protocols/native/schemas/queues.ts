import { type Static, Type } from 'typebox'
import type { Subscription as CoreSubscription } from '../../../core/queue.ts'
import { Counts, GroupName, MessageId, nullable, QueueName, strict, Tag, timestamp, timestampOrNull } from './common.ts'
import { QueueOverview } from './operate.ts'
import { PushTarget, PushTargetInput } from './push.ts'
import { QueueSettings } from './settings.ts'

export const QueuePath = Type.Object({ queue: QueueName })
export type QueuePath = Static<typeof QueuePath>

export const GroupPath = Type.Object({ queue: QueueName, group: GroupName })
export type GroupPath = Static<typeof GroupPath>

export const TagRule = Type.Object(
  {
    tags: Type.Array(Tag, { minItems: 1, maxItems: 20, description: 'Which tags.' }),
    match: Type.Enum(['any', 'all'], { description: 'Whether a message has to have one of them, or all.' }),
  },
  {
    ...strict,
    title: 'TagRule',
    description: 'What a consumer group is given; messages that do not match are as if they did not exist for it.',
    examples: [{ tags: ['urgent', 'eu'], match: 'all' }],
  },
)
export type TagRule = Static<typeof TagRule>

const Subscription = Type.Unsafe<CoreSubscription>(
  Type.Object(
    {
      push: nullable(PushTarget, { description: 'The service that it calls; null: it is received from.' }),
      expiresAt: timestampOrNull('When it ends by itself.', 'never'),
    },
    { title: 'Subscription', description: 'What a subscriber does, and for how long.' },
  ),
)

export const SubscriptionInput = Type.Object(
  {
    push: Type.Optional(
      nullable(PushTargetInput, { description: 'The service that it calls; null: it is received from.' }),
    ),
    expiresAt: Type.Optional(timestampOrNull('When it ends by itself.', 'never')),
  },
  {
    ...strict,
    title: 'SubscriptionInput',
    description: 'What a subscriber does, and for how long; what is not given stays as it is, or is null in a new one.',
    examples: [{ push: { url: 'https://shop.example/hook' } }],
  },
)
export type SubscriptionInput = Static<typeof SubscriptionInput>

export const Group = Type.Object(
  {
    id: Type.Integer({ description: 'Another one when the group is deleted and created again.' }),
    name: GroupName,
    kind: Type.Enum(['default', 'retained', 'consumer', 'subscriber', 'dead-letters', 'discarded'], {
      description:
        '`default`: the one reader of a queue without consumer groups. `retained`: all messages of a queue with consumer ' +
        'groups; nobody receives from it. `consumer`: a consumer group. `subscriber`: is given what is sent after it was made. `dead-letters`: what a group gave up on.',
    }),
    createdAt: timestamp('When it was created.'),
    counts: Counts,
    deadLetters: nullable(Counts, {
      description:
        'Dead letters of this group that are kept apart; null where the queue keeps none so. `done`: those that have left.',
    }),
    pending: Type.Integer({
      minimum: 0,
      description:
        'Messages from before the group was made that are still being given to it, and not in `counts` yet; of a group with a tag rule at most so many.',
    }),
    tagRule: nullable(TagRule, { description: 'What the group is given; null: every message.' }),
    subscription: nullable(Subscription, { description: 'Of a subscriber; null for other groups.' }),
  },
  { title: 'Group' },
)
export type Group = Static<typeof Group>

export const GroupList = Type.Object(
  { groups: Type.Array(Group, { description: 'The readers of the queue, oldest first.' }) },
  { title: 'GroupList' },
)
export type GroupList = Static<typeof GroupList>

const end = (description: string) =>
  Type.Optional(
    nullable(Type.Object({ id: MessageId, sentAt: timestamp('When it was sent.') }, { title: 'MessageEnd' }), {
      description: `${description} Null in an empty queue; only with \`span=true\`.`,
    }),
  )

export const Queue = Type.Object(
  {
    id: Type.Integer({ description: 'Another one when the queue is deleted and created again.' }),
    account: Type.String({ description: 'The account that owns it.' }),
    name: QueueName,
    publicId: Type.String({
      description:
        'How APIs that name queues by id name this one: 24 hex digits that stay for as long as the queue does.',
      examples: ['6237ad734625ff4ccdbe6be3'],
    }),
    explicit: Type.Boolean({ description: 'False for a virtual queue, which exists while it has messages.' }),
    settings: QueueSettings,
    createdAt: timestamp('When it was created.'),
    modifiedAt: timestamp('When its settings last changed.'),
    messages: Type.Integer({ minimum: 0, description: 'Messages stored, whatever their state.' }),
    counts: Counts,
    groups: Type.Array(Group, { description: 'Its readers: the default one, or its consumer groups.' }),
    overview: Type.Optional(QueueOverview),
    oldest: end('The oldest stored message.'),
    newest: end('The newest stored message.'),
  },
  { title: 'Queue' },
)
export type Queue = Static<typeof Queue>

const overview = Type.Optional(
  Type.Boolean({ default: false, description: 'Also `overview`: counts by type, today’s counts, workers.' }),
)

export const ListQueuesQuery = Type.Object(
  {
    prefix: Type.Optional(Type.String({ description: 'Only queues whose names begin so.' })),
    after: Type.Optional(Type.String({ description: 'Only names after this one: the `next` of the page before.' })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Queues a page, at most.' }),
    ),
    includeEmptyVirtual: Type.Optional(
      Type.Boolean({ default: false, description: 'Also virtual queues that hold no message any more.' }),
    ),
    overview,
  },
  { ...strict, title: 'ListQueuesQuery' },
)
export type ListQueuesQuery = Static<typeof ListQueuesQuery>

export const QueuePage = Type.Object(
  {
    queues: Type.Array(Queue, { description: 'In the order of their names.' }),
    next: nullable(Type.String(), { description: 'Pass as `after` for the next page; null on the last one.' }),
  },
  { title: 'QueuePage' },
)
export type QueuePage = Static<typeof QueuePage>

export const GetQueueQuery = Type.Object(
  {
    span: Type.Optional(
      Type.Boolean({ default: false, description: 'Also `oldest` and `newest`, the ends of what is stored.' }),
    ),
    overview,
  },
  { ...strict, title: 'GetQueueQuery' },
)
export type GetQueueQuery = Static<typeof GetQueueQuery>

export const CreateQueueQuery = Type.Object(
  {
    preset: Type.Optional(
      Type.Enum(['worker'], {
        description:
          'Settings that go together, unless the body says otherwise. `worker`: for workers that record what became of each ' +
          'message. Finished messages are kept, with every step of their history; what waits or is delayed never goes by age.',
      }),
    ),
    ifExists: Type.Optional(
      Type.Enum(['keep', 'match', 'refuse'], {
        default: 'keep',
        description:
          'When the queue is there already: keep it as it is, refuse if a setting given differs from the one in force, ' +
          'or always refuse.',
      }),
    ),
  },
  { ...strict, title: 'CreateQueueQuery' },
)
export type CreateQueueQuery = Static<typeof CreateQueueQuery>

export const CreateGroupQuery = Type.Object(
  {
    ifExists: Type.Optional(
      Type.Enum(['keep', 'refuse'], {
        default: 'keep',
        description: 'When the group is there already: keep it as it is, or refuse.',
      }),
    ),
  },
  { ...strict, title: 'CreateGroupQuery' },
)
export type CreateGroupQuery = Static<typeof CreateGroupQuery>

export const NewGroup = Type.Object(
  {
    tagRule: Type.Optional(nullable(TagRule, { description: 'Default: every message.' })),
    subscription: Type.Optional(SubscriptionInput),
  },
  {
    ...strict,
    title: 'NewGroup',
    description: 'With a subscription the group is a subscriber, which any queue may have.',
    examples: [{ subscription: { push: { url: 'https://shop.example/hook' } } }],
  },
)
export type NewGroup = Static<typeof NewGroup>

export const GroupChange = Type.Object(
  { subscription: SubscriptionInput },
  {
    ...strict,
    title: 'GroupChange',
    description: 'Of a subscriber.',
    examples: [{ subscription: { expiresAt: null } }],
  },
)
export type GroupChange = Static<typeof GroupChange>

export const Purged = Type.Object(
  { purged: Type.Integer({ minimum: 0, description: 'How many messages were removed.' }) },
  { title: 'Purged' },
)
export type Purged = Static<typeof Purged>
