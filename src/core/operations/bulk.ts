/** Operators' actions on all messages that match a filter, in slices that no request waits for. */

import { requireGroup } from '../addressed.ts'
import { messageId } from '../ids.ts'
import { total } from '../queue.ts'
import type { StartAction, TaskView } from '../requests.ts'
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import type { SliceResult, Work } from './background.ts'
import { addWork } from './background.ts'
import { prepareFilter } from './filter.ts'
import { act, checkAction } from './operate.ts'
import { knownCounts, searchGroup } from './search.ts'
import { newTask, putTask, runningTask, taskDone, taskKey, viewTask } from './tasks.ts'

export const startAction = (step: Step, request: StartAction): TaskView => {
  const { action, filter, by } = request
  const queue = step.requireQueue(request)
  const group = requireGroup(queue, request, 'look')
  checkAction(step, queue, group, action)
  const known = group && knownCounts(step, group, filter)
  const matching = known && Object.values(known).reduce((sum, count) => sum + count, 0)
  const task = newTask(
    step,
    request,
    { queue, group },
    {
      kind: action.do,
      group: request.group ?? null,
      to: 'to' in action ? action.to : null,
      total: matching ?? (group ? total(step.tx.counts(group.id)) : 0),
      by,
      action,
      ...(filter ? { filter } : {}),
    },
  )
  if (group) addWork(step, { kind: 'operate', task: taskKey(task) })
  return viewTask(task)
}

/** Fewer than are looked at, since each is written, too. */
const changedAtOnce = 200

export const actionSlice = (step: Step, document: StoredDocument, work: Work & { kind: 'operate' }): SliceResult => {
  const running = runningTask(step, document, work.task)
  if (!running?.task.action) return { done: true }
  const { task, queue, group } = running
  const wanted = { after: task.cursor, newestFirst: false, limit: changedAtOnce }
  const slice = searchGroup(step, { queue, group }, prepareFilter(task.filter), wanted)
  let { changed, skipped } = task
  for (const { placed } of slice.found) {
    const { delivery, message } = placed
    if (delivery.position > task.lastPosition) break
    const id = messageId(message.sentAt, message.serial)
    if (act(step, placed, id, running.task.action, task.by ?? '').changed) changed++
    else skipped++
  }
  const examined = task.examined + slice.examined
  const far = { ...task, changed, skipped, examined, cursor: slice.next ?? task.cursor }
  if (slice.next === null || slice.next > task.lastPosition) return taskDone(step, document, far, 'completed')
  putTask(step, far)
  return { done: false }
}
