import type { GroupView, QueueView } from '../../../core/requests.ts'
import { mayUse, requireSendTo } from '../access.ts'
import { jsonAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import * as S from '../schemas/index.ts'

const manage = { to: 'queue', scopes: ['manage'] } as const

export const listQueues = operation({
  method: 'GET',
  path: '/queues',
  summary: 'List queues',
  description: 'The account’s queues in the order of their names, those that the key may manage.',
  access: { to: 'some-queues', scopes: ['manage'] },
  query: S.ListQueuesQuery,
  answers: { 200: { description: 'A page of queues.', schema: S.QueuePage } },
  problems: [],
  exampleQuery: 'prefix=orders',
  async run({ engine, account, principal, query }) {
    const { queues, next } = await engine.listQueues({ account, ...query })
    const visible = queues.filter(({ name }) => mayUse(principal, ['manage'], name))
    return jsonAnswer(200, { queues: visible.map((queue) => queueOf(queue)), next } satisfies S.QueuePage)
  },
})

export const createQueue = operation({
  method: 'PUT',
  path: '/queues/:queue',
  summary: 'Create a queue',
  description: 'Creates an explicit queue with the settings given, or makes a virtual one explicit.',
  access: manage,
  parameters: S.QueuePath,
  query: S.CreateQueueQuery,
  body: { kind: 'json', schema: S.QueueSettingsPatch, optional: true, holdsAnything: true },
  answers: {
    201: { description: 'The queue was created.', schema: S.Queue },
    200: { description: 'The queue was there already.', schema: S.Queue },
  },
  problems: ['QueueExists', 'QueueNotEmpty', 'SettingInvalid'],
  async run({ engine, account, principal, path, query, body: settings }) {
    requireSendTo(principal, settings.deadLetterQueue)
    const { queue, created } = await engine.createQueue({ account, ...path, ...query, settings })
    return jsonAnswer(created ? 201 : 200, queueOf(queue))
  },
})

export const getQueue = operation({
  method: 'GET',
  path: '/queues/:queue',
  summary: 'Look at a queue',
  description: 'Its settings, its consumer groups, and how many messages are in each state.',
  access: manage,
  parameters: S.QueuePath,
  query: S.GetQueueQuery,
  answers: { 200: { description: 'The queue.', schema: S.Queue } },
  problems: ['QueueNotFound'],
  async run({ engine, account, path, query }) {
    const [queue, span] = await Promise.all([
      engine.getQueue({ account, ...path, ...(query.overview ? { overview: true } : {}) }),
      query.span ? engine.queueSpan({ account, ...path }) : {},
    ])
    return jsonAnswer(200, { ...queueOf(queue), ...span } satisfies S.Queue)
  },
})

export const updateQueue = operation({
  method: 'PATCH',
  path: '/queues/:queue',
  summary: 'Change settings of a queue',
  description:
    'Settings that are not given stay as they are. `retentionMs`, `receiveLimit`, `deadLetterQueue` and what is kept of ' +
    'finished messages hold for stored messages too; `delayMs` and deduplication for messages sent from now on.',
  access: manage,
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.QueueSettingsPatch, holdsAnything: true },
  answers: { 200: { description: 'The queue as it is now.', schema: S.Queue } },
  problems: ['QueueNotFound', 'QueueNotEmpty', 'SettingInvalid'],
  async run({ engine, account, principal, path, body: settings }) {
    requireSendTo(principal, settings.deadLetterQueue)
    return jsonAnswer(200, queueOf(await engine.updateQueue({ account, ...path, settings })))
  },
})

export const deleteQueue = operation({
  method: 'DELETE',
  path: '/queues/:queue',
  summary: 'Delete a queue',
  description: 'With its messages and groups, at once.',
  access: manage,
  parameters: S.QueuePath,
  answers: { 200: { description: 'It is gone.', schema: S.Deleted } },
  problems: [],
  async run({ engine, account, path }) {
    return jsonAnswer(200, await engine.deleteQueue({ account, ...path }))
  },
})

export const purgeQueue = operation({
  method: 'POST',
  path: '/queues/:queue/purge',
  summary: 'Remove all messages of a queue',
  description: 'In whatever state they are, at once; the queue and its settings stay.',
  access: manage,
  parameters: S.QueuePath,
  answers: { 200: { description: 'They are gone.', schema: S.Purged } },
  problems: ['QueueNotFound'],
  async run({ engine, account, path }) {
    return jsonAnswer(200, await engine.purgeQueue({ account, ...path }))
  },
})

export const createGroup = operation({
  method: 'PUT',
  path: '/queues/:queue/groups/:group',
  summary: 'Create a consumer group or a subscriber',
  description:
    'A consumer group sees every message that the queue still holds, and all that come; with a tag rule, those that match it. The ' +
    'rule is fixed for good. A subscriber sees what is sent from now on, and keeps each message for itself until it is done ' +
    'with it.',
  access: manage,
  parameters: S.GroupPath,
  query: S.CreateGroupQuery,
  body: { kind: 'json', schema: S.NewGroup, optional: true, holdsAnything: true },
  answers: {
    201: { description: 'The group was created.', schema: S.Group },
    200: { description: 'The group was there already.', schema: S.Group },
  },
  problems: ['QueueNotFound', 'GroupExists', 'GroupsNotEnabled', 'TagRuleFixed', 'SettingInvalid'],
  async run({ engine, account, path, query, body }) {
    const { group, created } = await engine.createGroup({ account, ...path, ...query, ...body })
    return jsonAnswer(created ? 201 : 200, groupOf(group))
  },
})

export const listGroups = operation({
  method: 'GET',
  path: '/queues/:queue/groups',
  summary: 'List consumer groups',
  description: 'The readers of a queue: its consumer groups, or the default one, and its subscribers.',
  access: manage,
  parameters: S.QueuePath,
  answers: { 200: { description: 'The groups, oldest first.', schema: S.GroupList } },
  problems: ['QueueNotFound'],
  async run({ engine, account, path }) {
    const { groups } = await engine.getQueue({ account, ...path })
    return jsonAnswer(200, { groups: groups.map(groupOf) } satisfies S.GroupList)
  },
})

export const updateGroup = operation({
  method: 'PATCH',
  path: '/queues/:queue/groups/:group',
  summary: 'Change a subscriber',
  description: 'What is not given stays as it is.',
  access: manage,
  parameters: S.GroupPath,
  body: { kind: 'json', schema: S.GroupChange, holdsAnything: true },
  answers: { 200: { description: 'The subscriber as it is now.', schema: S.Group } },
  problems: ['QueueNotFound', 'GroupNotFound', 'SettingInvalid'],
  async run({ engine, account, path, body }) {
    return jsonAnswer(200, groupOf(await engine.updateGroup({ account, ...path, ...body })))
  },
})

export const deleteGroup = operation({
  method: 'DELETE',
  path: '/queues/:queue/groups/:group',
  summary: 'Delete a consumer group',
  description: 'With its place in the queue and its dead letters; the messages of the queue stay.',
  access: manage,
  parameters: S.GroupPath,
  answers: { 200: { description: 'It is gone.', schema: S.Deleted } },
  problems: ['QueueNotFound', 'GroupsNotEnabled'],
  async run({ engine, account, path }) {
    return jsonAnswer(200, await engine.deleteGroup({ account, ...path }))
  },
})

/** A queue without what other doors keep with it. */
const queueOf = ({ settings: { door: _, ...settings }, groups, ...queue }: QueueView): S.Queue => ({
  ...queue,
  settings,
  groups: groups.map(groupOf),
})

const groupOf = ({ door: _, tagRule, ...group }: GroupView): S.Group => ({
  ...group,
  tagRule: tagRule && { ...tagRule, tags: [...tagRule.tags] },
})
