import { type Static, Type } from 'typebox'
import {
  Counts,
  CountsToday,
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

const maxWatchedMessages = 500

export const WatchRequest = Type.Object(
  {
    everyAccount: Type.Optional(
      Type.Boolean({ default: false, description: 'The queues of every account; needs the scope `admin`.' }),
    ),
    since: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'The `cursor` of the last event seen: of the queues, only what has changed since is told.',
      }),
    ),
    messages: Type.Optional(
      Type.Object(
        {
          queue: QueueName,
          ...groupChoice,
          ids: Type.Array(MessageId, { maxItems: maxWatchedMessages, description: 'Those that are looked at.' }),
          tail: Type.Optional(
            Type.Boolean({ default: false, description: 'Also each message that is sent from now on.' }),
          ),
          after: Type.Optional(
            Type.String({
              pattern: '^p[0-9a-z]{1,10}$',
              description:
                'With `tail`: not from now on, but from where the queue ended before: the `end` of a search or of the last event seen.',
            }),
          ),
        },
        { ...strict, title: 'WatchedMessages', description: 'Messages of one queue whose changes are told.' },
      ),
    ),
  },
  { ...strict, title: 'WatchRequest', examples: [{ messages: { queue: 'orders', ids: [], tail: true } }] },
)
export type WatchRequest = Static<typeof WatchRequest>

export const WatchedQueue = Type.Object(
  {
    account: Type.String({ description: 'The account that owns it.' }),
    name: QueueName,
    explicit: Type.Boolean({ description: 'False for a virtual queue.' }),
    ordering: Type.Enum(['unordered', 'grouped', 'ordered'], { description: 'As its settings say.' }),
    paused: Type.Boolean({ description: 'As its settings say.' }),
    consumerGroups: Type.Boolean({ description: 'As its settings say.' }),
    deadLetterQueue: nullable(QueueName, { description: 'As its settings say.' }),
    counts: Counts,
    deadLetters: Type.Integer({ minimum: 0, description: 'Dead letters that its consumer groups keep apart.' }),
    isDeadLetterQueue: Type.Boolean({ description: 'Whether another queue names it for its dead letters.' }),
    oldestWaitingAt: timestampOrNull('When the oldest message that waits was sent.', 'none does'),
    today: nullable(CountsToday, { description: 'What was done since midnight in the time zone of the server.' }),
    workers: Type.Integer({ minimum: 0, description: 'Workers that the answering server knows of.' }),
    push: Type.Array(
      Type.Object(
        {
          group: GroupName,
          url: Type.String({ description: 'Where it pushes to.' }),
          state: Type.Enum(['healthy', 'failing', 'paused'], { description: 'How that goes.' }),
          detail: Type.String({ description: 'The same in words; may be empty.' }),
        },
        { title: 'WatchedPushTarget' },
      ),
      { description: 'Its push targets.' },
    ),
  },
  { title: 'WatchedQueue', description: 'A queue at a glance.' },
)
export type WatchedQueue = Static<typeof WatchedQueue>

export const WatchedMessage = Type.Object(
  {
    id: MessageId,
    type: DeliveryType,
    state: DeliveryState,
    sentAt: timestamp('When it was sent.'),
    modifiedAt: timestamp('When its state last changed.'),
    visibleAt: timestampOrNull('While it is delayed or leased: until when.'),
    receiveCount,
    reprocessCount,
    holder: textOrNull('Who holds its lease.'),
    reason: textOrNull('What was last said of it.'),
  },
  { title: 'WatchedMessage', description: 'Where a message stands now.' },
)
export type WatchedMessage = Static<typeof WatchedMessage>

export const WatchEvent = Type.Object(
  {
    at: timestamp('When the server looked at the queues.'),
    whole: Type.Boolean({ description: 'True in the first event: all queues are in it, and no others exist.' }),
    cursor: Type.String({ description: 'For `since`, to go on from here over another connection.' }),
    queues: Type.Array(WatchedQueue, { description: 'Queues that have changed since the event before.' }),
    removed: Type.Array(
      Type.Object(
        { account: Type.String({ description: 'The account that owned it.' }), name: QueueName },
        { title: 'RemovedQueue' },
      ),
      {
        description: 'Queues that have gone.',
      },
    ),
    more: Type.Boolean({ description: 'There are more queues than an answer tells of.' }),
    messages: Type.Array(WatchedMessage, { description: 'Watched messages that have changed.' }),
    gone: Type.Array(MessageId, { description: 'Watched messages that are there no longer.' }),
    sent: Type.Array(WatchedMessage, { description: 'With `tail`: messages that have come, the oldest first.' }),
    missed: Type.Boolean({ description: 'With `tail`: more came than are told of, which are the newest.' }),
    end: nullable(Type.String(), {
      description:
        'With `tail`: how far it has come, for `messages.after`, to go on from here over another connection.',
    }),
  },
  {
    title: 'WatchEvent',
    description:
      'What has changed: of queues about once a second, of messages at once; at least every five seconds, changed or not.',
  },
)
export type WatchEvent = Static<typeof WatchEvent>

export const SeriesQuery = Type.Object(
  {
    queue: Type.Optional(QueueName),
    span: Type.Optional(
      Type.Enum(['hour', 'day'], {
        default: 'hour',
        description: '`hour`: the last hour in steps of 10 seconds. `day`: the last day in steps of 5 minutes.',
      }),
    ),
  },
  { ...strict, title: 'SeriesQuery' },
)
export type SeriesQuery = Static<typeof SeriesQuery>

const values = (description: string) => Type.Array(nullable(Type.Number()), { description })

export const Series = Type.Object(
  {
    from: timestamp('When the first step ended.'),
    stepMs: Type.Integer({ minimum: 1, description: 'The length of a step, in milliseconds.' }),
    queued: values('Messages of type Q at the end of each step; null where nothing was recorded.'),
    delayed: values('Messages of type D at the end of each step.'),
    errored: values('Messages of type E at the end of each step.'),
    in: values('Messages a second that came.'),
    out: values('Messages a second that were done with.'),
    oldestMs: values('Age of the oldest waiting message at the end of each step, in milliseconds.'),
    waitMs: values('Median time from being sent (or the end of its delay) to being handed out first, in milliseconds.'),
    wait95Ms: values('The same time, at the 95th percentile.'),
    commitMs: values('Median time that the store took to make a change durable, in milliseconds; of the whole server.'),
    commit99Ms: values('The same time, at the 99th percentile.'),
    node: Type.String({
      description: 'Counts are the same on every node; times in `waitMs` and `commitMs` are those of this one.',
    }),
  },
  { title: 'Series', description: 'How a queue, or all queues of the account together, went over time.' },
)
export type Series = Static<typeof Series>
