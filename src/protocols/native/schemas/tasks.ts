import { type Static, Type } from 'typebox'
import { GroupName, nullable, QueueName, strict, timestamp, timestampOrNull } from './common.ts'

const TaskId = Type.String({ description: 'The id of a task.' })

export const TaskPath = Type.Object({ id: TaskId })
export type TaskPath = Static<typeof TaskPath>

export const RedriveRequest = Type.Object(
  {
    to: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'The queue to move the messages to. Default: each to the queue it was dead lettered from; those that were sent ' +
          'here directly stay.',
      }),
    ),
    group: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The dead letters kept within this consumer group, back into the group itself.',
      }),
    ),
    maxPerSecond: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Messages moved a second at most. Default: no limit.' }),
    ),
  },
  { ...strict, title: 'RedriveRequest', examples: [{ maxPerSecond: 100 }] },
)
export type RedriveRequest = Static<typeof RedriveRequest>

export const Task = Type.Object(
  {
    id: TaskId,
    kind: Type.Enum(['redrive', 'reprocess', 'move', 'copy', 'delete'], { description: 'What it does.' }),
    queue: QueueName,
    group: nullable(GroupName, { description: 'The consumer group that it is about.' }),
    to: nullable(Type.String(), {
      description: 'The queue to redrive or copy to (null: each to where it came from), or the type to move to.',
    }),
    state: Type.Enum(['running', 'completed', 'cancelled', 'failed'], { description: 'How far it is.' }),
    changed: Type.Integer({ minimum: 0, description: 'Messages it was done to so far.' }),
    skipped: Type.Integer({
      minimum: 0,
      description: 'Messages that match, but were in work, had nothing to be done to them or were refused.',
    }),
    examined: Type.Integer({ minimum: 0, description: 'Messages looked at so far.' }),
    total: Type.Integer({ minimum: 0, description: 'Messages to look at when it began.' }),
    startedAt: timestamp('When it began.'),
    endedAt: timestampOrNull('When it ended.', 'it runs'),
    maxPerSecond: nullable(Type.Integer(), { description: 'Messages moved a second at most; null: no limit.' }),
    failure: nullable(Type.String(), { description: 'Why it failed.' }),
    by: nullable(Type.String(), { description: 'Who began it: an access key id, or `operator` in open mode.' }),
  },
  { title: 'Task', description: 'Work that goes on in slices after the request that began it.' },
)
export type Task = Static<typeof Task>

export const ListTasksQuery = Type.Object({ queue: Type.Optional(QueueName) }, { ...strict, title: 'ListTasksQuery' })
export type ListTasksQuery = Static<typeof ListTasksQuery>

export const Tasks = Type.Object({ tasks: Type.Array(Task, { description: 'The latest first.' }) }, { title: 'Tasks' })
export type Tasks = Static<typeof Tasks>
