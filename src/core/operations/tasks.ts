/** What is remembered of work in slices that somebody asked for, while it runs and for a month after. */

import { Refusal } from '../errors.ts'
import { messageId } from '../ids.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import type { MessageFilter, OperatorAction, QueueAddress, TaskView } from '../requests.ts'
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import type { SliceResult } from './background.ts'
import { removeWork } from './background.ts'

export interface TaskRecord extends TaskView {
  readonly account: string
  readonly queueId: number
  readonly groupId: number
  /** Where it is, and how far it goes: messages that come later stay. */
  readonly cursor: number
  readonly lastPosition: number
  /** Of operators' actions: what is done, and to which messages. */
  readonly action?: OperatorAction
  readonly filter?: MessageFilter
}

const tasks = 'task'
const taskRetentionMs = 30 * 86_400_000

/** A task that begins now, over the messages that are there now. Without a group there is nothing to do. */
export const newTask = (
  step: Step,
  request: QueueAddress,
  place: { readonly queue: QueueRecord; readonly group: GroupRecord | undefined },
  about: Pick<TaskRecord, 'kind' | 'total'> &
    Partial<Pick<TaskRecord, 'group' | 'to' | 'maxPerSecond' | 'by' | 'action' | 'filter'>>,
): TaskRecord => {
  const { queue, group } = place
  const number = step.tx.takePositions(queue.id, 1)
  const task: TaskRecord = {
    id: messageId(step.now, number),
    group: null,
    to: null,
    maxPerSecond: null,
    by: null,
    ...about,
    account: request.account,
    queue: queue.name,
    queueId: queue.id,
    groupId: group?.id ?? 0,
    state: group ? 'running' : 'completed',
    changed: 0,
    skipped: 0,
    examined: 0,
    startedAt: step.now,
    endedAt: group ? null : step.now,
    failure: null,
    cursor: 0,
    lastPosition: number,
  }
  putTask(step, task)
  return task
}

export const getTask = (step: Step, request: { account: string; task: string }): TaskView =>
  viewTask(requireTask(step, request))

/** Newest first. */
export const listTasks = (step: Step, request: { account: string; queue?: string }): readonly TaskView[] =>
  tasksOf(step, request.account)
    .filter((task) => request.queue === undefined || task.queue === request.queue)
    .reverse()
    .map(viewTask)

export const cancelTask = (step: Step, request: { account: string; task: string }): TaskView => {
  const task = requireTask(step, request)
  if (task.state !== 'running') throw new Refusal('TaskNotRunning', { task: request.task })
  const cancelled: TaskRecord = { ...task, state: 'cancelled', endedAt: step.now }
  putTask(step, cancelled)
  return viewTask(cancelled)
}

export interface RunningTask {
  readonly task: TaskRecord
  readonly queue: QueueRecord
  readonly group: GroupRecord
}

/** The task that a piece of work is for; undefined once it has ended, or what it works on is gone. Then the work is gone, too. */
export const runningTask = (step: Step, document: StoredDocument, key: string): RunningTask | undefined => {
  const task = step.tx.document(tasks, key)?.value as TaskRecord | undefined
  const queue = task && step.tx.queueById(task.queueId)
  const group = queue?.groups.find((candidate) => candidate.id === task?.groupId)
  if (task?.state === 'running' && queue && group) return { task, queue, group }
  if (task?.state === 'running') endTask(step, task, queue ? 'completed' : 'failed', `queue '${task.queue}' is gone`)
  removeWork(step, document)
  return undefined
}

const endTask = (step: Step, task: TaskRecord, state: TaskRecord['state'], failure?: string): void =>
  putTask(step, { ...task, state, endedAt: step.now, failure: state === 'failed' ? (failure ?? null) : null })

/** Ends the task and the work for it. */
export const taskDone = (
  step: Step,
  document: StoredDocument,
  task: TaskRecord,
  state: TaskRecord['state'],
  failure?: string,
): SliceResult => {
  endTask(step, task, state, failure)
  removeWork(step, document)
  return { done: true }
}

export const tasksOf = (step: Step, account: string): TaskRecord[] =>
  step.tx
    .documents({ collection: tasks, prefix: `${account}\u0001`, limit: 1000 })
    .map(({ value }) => value as TaskRecord)

const requireTask = (step: Step, request: { account: string; task: string }): TaskRecord => {
  const document = step.tx.document(tasks, taskKey({ account: request.account, id: request.task }))
  if (!document || (document.expiresAt ?? step.now + 1) <= step.now) {
    throw new Refusal('TaskNotFound', { task: request.task })
  }
  return document.value as TaskRecord
}

export const taskKey = ({ account, id }: Pick<TaskRecord, 'account' | 'id'>): string => `${account}\u0001${id}`

export const putTask = (step: Step, task: TaskRecord): void => {
  step.writes++
  const expiresAt = task.endedAt === null ? null : task.endedAt + taskRetentionMs
  step.tx.putDocument({ collection: tasks, key: taskKey(task), value: task, expiresAt })
}

export const viewTask = ({
  id,
  kind,
  queue,
  group,
  to,
  state,
  changed,
  skipped,
  examined,
  ...task
}: TaskRecord): TaskView => ({
  id,
  kind,
  queue,
  group,
  to,
  state,
  changed,
  skipped,
  examined,
  total: task.total,
  startedAt: task.startedAt,
  endedAt: task.endedAt,
  maxPerSecond: task.maxPerSecond,
  failure: task.failure,
  by: task.by,
})
