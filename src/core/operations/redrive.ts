/** Moving messages out of a queue in slices, each message in one step: never in both places, never in neither. */

import { findGroup, requireGroup } from '../addressed.ts'
import type { DeliveryState } from '../delivery.ts'
import { Refusal } from '../errors.ts'
import { messageExpiry } from '../expiry.ts'
import type { Message } from '../message.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import { ownerGroup, refersOnly } from '../queue.ts'
import type { StartRedrive, TaskView } from '../requests.ts'
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import type { SliceResult, Work } from './background.ts'
import { addWork } from './background.ts'
import { endEverywhere } from './ending.ts'
import { newDelivery } from './lifecycle.ts'
import { isExpired, liveUntil } from './lifetime.ts'
import { moveToQueue } from './moving.ts'
import type { Placed } from './placed.ts'
import type { RunningTask, TaskRecord } from './tasks.ts'
import { newTask, putTask, runningTask, taskDone, taskKey, tasksOf, viewTask } from './tasks.ts'

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
  if (group && isRunning(step, queue, group)) throw new Refusal('TaskAlreadyRunning', { queue: queue.name })
  const counts = group && step.tx.counts(group.id)
  const task = newTask(
    step,
    request,
    { queue, group },
    {
      kind: 'redrive',
      group: request.group ?? null,
      to: request.to ?? null,
      total: counts ? counts.ready + counts.behind : 0,
      maxPerSecond: rate ?? null,
      by: request.by ?? null,
    },
  )
  if (group) addWork(step, { kind: 'redrive', task: taskKey(task) })
  return viewTask(task)
}

export const redriveSlice = (
  step: Step,
  document: StoredDocument,
  work: Work & { kind: 'redrive' },
  sliceSize: number,
): SliceResult => {
  const running = runningTask(step, document, work.task)
  if (!running) return { done: true }
  const { task } = running
  const limit = task.maxPerSecond === null ? sliceSize : allowedNow(task, step.now, sliceSize)
  if (limit === 0) return { done: false, continueAt: nextAllowedAt(task) }
  return moveSlice(step, document, running, limit)
}

const moveSlice = (
  step: Step,
  document: StoredDocument,
  { task, queue, group }: RunningTask,
  limit: number,
): SliceResult => {
  const slice = step.tx.search(group.id, { after: task.cursor, limit, examine: examinedAtOnce, states: visible })
  let { changed } = task
  const far = () => ({ ...task, changed, examined: task.examined + slice.examined, cursor: slice.next ?? task.cursor })
  for (const item of slice.items) {
    if (item.delivery.position > task.lastPosition) break
    const placed = { ...item, queue, group }
    if (isExpired(placed, step.now)) {
      endEverywhere(step, placed, 'expired')
      continue
    }
    const home = group.kind === 'dead-letters' && task.to === null
    if (home) {
      if (backIntoGroup(step, placed)) changed++
      continue
    }
    const targetName = task.to ?? item.delivery.detail?.source?.queue
    if (targetName === undefined || targetName === queue.name) continue
    const target = step.tx.queue(task.account, targetName)
    if (!target) return taskDone(step, document, far(), 'failed', `queue '${targetName}' does not exist`)
    const onlyGroup = task.to === null ? item.delivery.detail?.source?.group : undefined
    const expiresAt = lifeThere(step, placed, target)
    moveToQueue(step, placed, target, { receiveCount: 0, detail: null, onlyGroup, ...(expiresAt && { expiresAt }) })
    changed++
  }
  if (slice.next === null || slice.next > task.lastPosition) return taskDone(step, document, far(), 'completed')
  putTask(step, far())
  return { done: false }
}

/**
 * Whoever moves a message wants it to be there: where it has no end of its own, it lives as long as one sent now; else no shorter than where it is.
 * Null: it never ends.
 */
const lifeThere = (step: Step, { group, delivery, message }: Placed, target: QueueRecord): number | null => {
  const { retentionMs } = target.settings
  if (message.expiresAt === null) return retentionMs === null ? null : step.now + retentionMs
  return group.kind === 'dead-letters'
    ? Math.max(message.expiresAt, delivery.detail?.expiresAt ?? 0)
    : message.expiresAt
}

/** However few of them are visible. */
const examinedAtOnce = 10_000

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
  if (refersOnly(home) && !step.tx.item(owner.id, position)) {
    // For all other groups its life was over, and this one does not keep it alive.
    step.insertDelivery(queue, owner, newDelivery(step, queue, owner, message, position, 0))
  }
  const detail = delivery.messageGroup === null ? null : ({ broughtBack: true } as const)
  step.insertDelivery(queue, home, newDelivery(step, queue, home, message, position, 0, { firstReceivedAt, detail }))
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
  return Math.max(0, Math.min(most, allowed - task.changed))
}

const nextAllowedAt = (task: TaskRecord): number =>
  task.startedAt + Math.ceil((task.changed * 1000) / (task.maxPerSecond ?? 1000))

const isRunning = (step: Step, queue: QueueRecord, group: GroupRecord): boolean =>
  tasksOf(step, queue.account).some(
    (task) => task.kind === 'redrive' && task.groupId === group.id && task.state === 'running',
  )
