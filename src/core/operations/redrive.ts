/** Moving messages out of a queue in slices, each message in one step: never in both places, never in neither. */
import type { DeliveryState } from '../delivery.ts'
import { Refusal } from '../errors.ts'
import { messageId } from '../ids.ts'
import type { Message } from '../message.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import { ownerGroup } from '../queue.ts'
import type { StartRedrive, TaskView } from '../requests.ts'
import type { Step } from '../step.ts'
import { findGroup, messageExpiry, requireGroup } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import type { SliceResult, Work } from './background.ts'
import { addWork, removeWork } from './background.ts'
import type { Placed } from './lifecycle.ts'
import { endEverywhere, isExpired, liveUntil, moveToQueue, newDelivery } from './lifecycle.ts'

interface TaskRecord extends TaskView {
  readonly account: string
  readonly queueId: number
  readonly groupId: number
  /** Where it is, and how far it goes: messages that come later stay. */
  readonly cursor: number
  readonly lastPosition: number
}

const tasks = 'task'
const taskRetentionMs = 30 * 86_400_000
const visible: readonly DeliveryState[] = ['ready', 'behind']

export const startRedrive = (step: Step, request: StartRedrive): TaskView => {
  const queue = step.requireQueue(request)
  if (request.to === queue.name && request.group === undefined) {
    throw new Refusal('ArgumentInvalid', { argument: 'to', reason: 'must be another queue' })
  }
  if (request.to !== undefined) step.requireQueue({ account: request.account, queue: request.to })
  const rate = request.maxPerSecond
  if (rate !== undefined && !(Number.isInteger(rate) && rate >= 1)) {
    throw new Refusal('ArgumentInvalid', { argument: 'maxPerSecond', reason: 'must be a whole number from 1' })
  }
  const group = requireGroup(queue, { ...request, deadLetters: request.group !== undefined }, 'look')
  if (group && runningTask(step, queue, group)) throw new Refusal('TaskAlreadyRunning', { queue: queue.name })
  const counts = group && step.tx.counts(group.id)
  const number = step.tx.takePositions(queue.id, 1)
  const task: TaskRecord = {
    id: messageId(step.now, number),
    kind: 'redrive',
    account: request.account,
    queue: queue.name,
    queueId: queue.id,
    group: request.group ?? null,
    groupId: group?.id ?? 0,
    to: request.to ?? null,
    state: group ? 'running' : 'completed',
    moved: 0,
    total: counts ? counts.ready + counts.behind : 0,
    startedAt: step.now,
    endedAt: group ? null : step.now,
    maxPerSecond: rate ?? null,
    failure: null,
    cursor: 0,
    lastPosition: number,
  }
  putTask(step, task)
  if (group) addWork(step, { kind: 'redrive', task: taskKey(task.account, task.id) })
  return view(task)
}

export const getTask = (step: Step, request: { account: string; task: string }): TaskView =>
  view(requireTask(step, request))

/** Newest first. */
export const listTasks = (step: Step, request: { account: string; queue?: string }): readonly TaskView[] =>
  step.tx
    .documents({ collection: tasks, prefix: `${request.account}\u0001`, limit: 1000 })
    .map((document) => document.value as TaskRecord)
    .filter((task) => request.queue === undefined || task.queue === request.queue)
    .reverse()
    .map(view)

export const cancelTask = (step: Step, request: { account: string; task: string }): TaskView => {
  const task = requireTask(step, request)
  if (task.state !== 'running') throw new Refusal('TaskNotRunning', { task: request.task })
  const cancelled: TaskRecord = { ...task, state: 'cancelled', endedAt: step.now }
  putTask(step, cancelled)
  return view(cancelled)
}

export const redriveSlice = (
  step: Step,
  document: StoredDocument,
  work: Work & { kind: 'redrive' },
  sliceSize: number,
): SliceResult => {
  const task = step.tx.document(tasks, work.task)?.value as TaskRecord | undefined
  const queue = task && step.tx.queueById(task.queueId)
  const group = queue?.groups.find((candidate) => candidate.id === task?.groupId)
  if (task?.state !== 'running' || !queue || !group) {
    if (task?.state === 'running') endTask(step, task, queue ? 'completed' : 'failed', `queue '${task.queue}' is gone`)
    removeWork(step, document)
    return { done: true }
  }
  const limit = task.maxPerSecond === null ? sliceSize : allowedNow(task, step.now, sliceSize)
  if (limit === 0) return { done: false, continueAt: nextAllowedAt(task) }
  return moveSlice(step, document, task, queue, group, limit)
}

const moveSlice = (
  step: Step,
  document: StoredDocument,
  task: TaskRecord,
  queue: QueueRecord,
  group: GroupRecord,
  limit: number,
): SliceResult => {
  const items = step.tx.scan(group.id, { after: task.cursor, limit, states: visible })
  let { moved, cursor } = task
  for (const item of items) {
    if (item.delivery.position > task.lastPosition) break
    cursor = item.delivery.position
    const placed = { ...item, queue, group }
    if (isExpired(placed, step.now)) {
      endEverywhere(step, placed, 'expired')
      continue
    }
    const home = group.kind === 'dead-letters' && task.to === null
    if (home) {
      if (backIntoGroup(step, placed)) moved++
      continue
    }
    const targetName = task.to ?? item.delivery.detail?.source?.queue
    if (targetName === undefined || targetName === queue.name) continue
    const target = step.tx.queue(task.account, targetName)
    if (!target) {
      endTask(step, { ...task, moved, cursor }, 'failed', `queue '${targetName}' does not exist`)
      removeWork(step, document)
      return { done: true }
    }
    const onlyGroup = task.to === null ? item.delivery.detail?.source?.group : undefined
    moveToQueue(step, placed, target, { receiveCount: 0, detail: null, onlyGroup })
    moved++
  }
  const last = items.at(-1)
  if (items.length < limit || !last || last.delivery.position > task.lastPosition) {
    endTask(step, { ...task, moved, cursor }, 'completed')
    removeWork(step, document)
    return { done: true }
  }
  putTask(step, { ...task, moved, cursor })
  return { done: false }
}

const backIntoGroup = (step: Step, placed: Placed): boolean => {
  const { queue, group, delivery } = placed
  const { position, firstReceivedAt } = delivery
  const home = findGroup(queue, { group: group.name })
  if (!home) return false
  const message = asLongAsItWould(step, placed)
  step.removeDelivery(queue, group, delivery)
  step.countDone(group.id)
  step.makeWayFor(queue, home, delivery)
  const owner = ownerGroup(queue)
  if (owner.id !== home.id && !step.tx.item(owner.id, position)) {
    // For all other groups its life was over.
    step.insertDelivery(queue, owner, newDelivery(step, queue, owner, message, position, 0))
  }
  step.insertDelivery(queue, home, newDelivery(step, queue, home, message, position, 0, { firstReceivedAt }))
  return true
}

/** Back in its group a dead letter lives as long as it would have here or there; sweeps of the group's retention have passed it by. */
const asLongAsItWould = (step: Step, placed: Placed): Message => {
  const { queue, message, delivery } = placed
  const expiry = messageExpiry(message, queue)
  return expiry === null ? message : liveUntil(step, placed, Math.max(expiry, delivery.detail?.expiresAt ?? 0))
}

/** What the rate allows up to now, less what has been moved. */
const allowedNow = (task: TaskRecord, now: number, most: number): number => {
  const rate = task.maxPerSecond ?? Number.POSITIVE_INFINITY
  const allowed = Math.floor(((now - task.startedAt) * rate) / 1000) + 1
  return Math.max(0, Math.min(most, allowed - task.moved))
}

const nextAllowedAt = (task: TaskRecord): number =>
  task.startedAt + Math.ceil((task.moved * 1000) / (task.maxPerSecond ?? 1000))

const endTask = (step: Step, task: TaskRecord, state: TaskRecord['state'], failure?: string): void =>
  putTask(step, { ...task, state, endedAt: step.now, failure: state === 'failed' ? (failure ?? null) : null })

const runningTask = (step: Step, queue: QueueRecord, group: GroupRecord): boolean =>
  step.tx
    .documents({ collection: tasks, prefix: `${queue.account}\u0001`, limit: 1000 })
    .some(({ value }) => (value as TaskRecord).groupId === group.id && (value as TaskRecord).state === 'running')

const requireTask = (step: Step, request: { account: string; task: string }): TaskRecord => {
  const document = step.tx.document(tasks, taskKey(request.account, request.task))
  if (!document || (document.expiresAt ?? step.now + 1) <= step.now) {
    throw new Refusal('TaskNotFound', { task: request.task })
  }
  return document.value as TaskRecord
}

const taskKey = (account: string, id: string): string => `${account}\u0001${id}`

const putTask = (step: Step, task: TaskRecord): void => {
  step.writes++
  const expiresAt = task.endedAt === null ? null : task.endedAt + taskRetentionMs
  step.tx.putDocument({ collection: tasks, key: taskKey(task.account, task.id), value: task, expiresAt })
}

const view = (task: TaskRecord): TaskView => {
  const { account: _account, queueId: _queue, groupId: _group, cursor: _cursor, lastPosition: _last, ...shown } = task
  return shown
}
