import { mayUse, nameOf, requireScope, requireSendTo } from '../access.ts'
import { jsonAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import * as S from '../schemas/index.ts'

const someQueues = { to: 'some-queues', scopes: ['manage'] } as const

export const startRedrive = operation({
  method: 'POST',
  path: '/queues/:queue/redrive',
  summary: 'Move messages out of a queue',
  description:
    'Moves dead letters back to where they came from, or all messages of a queue to another one. The work goes on in ' +
    'slices after the answer; the task tells how far it is.',
  access: { to: 'queue', scopes: ['manage'] },
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.RedriveRequest, optional: true },
  answers: { 202: { description: 'The task that has begun.', schema: S.Task } },
  problems: ['QueueNotFound', 'GroupNotFound', 'TaskAlreadyRunning'],
  async run({ engine, account, principal, path, body }) {
    requireSendTo(principal, body.to)
    return jsonAnswer(
      202,
      (await engine.startRedrive({ account, ...path, ...body, by: nameOf(principal) })) satisfies S.Task,
    )
  },
})

export const listTasks = operation({
  method: 'GET',
  path: '/tasks',
  summary: 'List tasks',
  access: someQueues,
  query: S.ListTasksQuery,
  answers: { 200: { description: 'The tasks of queues that the key may manage.', schema: S.Tasks } },
  problems: [],
  async run({ engine, account, principal, query }) {
    if (query.queue !== undefined) requireScope(principal, ['manage'], query.queue)
    const tasks = await engine.listTasks({ account, ...query })
    return jsonAnswer(200, {
      tasks: tasks.filter(({ queue }) => mayUse(principal, ['manage'], queue)),
    } satisfies S.Tasks)
  },
})

export const getTask = operation({
  method: 'GET',
  path: '/tasks/:id',
  summary: 'Look at a task',
  access: someQueues,
  parameters: S.TaskPath,
  answers: { 200: { description: 'The task.', schema: S.Task } },
  problems: ['TaskNotFound'],
  async run({ engine, account, principal, path: { id } }) {
    const task = await engine.getTask({ account, task: id })
    requireScope(principal, ['manage'], task.queue)
    return jsonAnswer(200, task)
  },
})

export const cancelTask = operation({
  method: 'DELETE',
  path: '/tasks/:id',
  summary: 'Cancel a task',
  description: 'What it has done stays done.',
  access: someQueues,
  parameters: S.TaskPath,
  answers: { 200: { description: 'The task as it ended.', schema: S.Task } },
  problems: ['TaskNotFound', 'TaskNotRunning'],
  async run({ engine, account, principal, path: { id } }) {
    const task = await engine.getTask({ account, task: id })
    requireScope(principal, ['manage'], task.queue)
    return jsonAnswer(200, await engine.cancelTask({ account, task: id }))
  },
})
