import { isMillraceError, type Millrace, type Task } from '../client/index.ts'
import { pause } from './interrupt.ts'
import type { Progress } from './output/progress.ts'

const shortestPauseMs = 20
const longestPauseMs = 500

/** Waits for the end of a task. When interrupted it cancels the task, as nobody waits for it any more. */
export const watchTask = async (
  client: Millrace,
  started: Task,
  progress: Progress,
  interrupted: AbortSignal,
): Promise<Task> => {
  let task = started
  let pauseMs = shortestPauseMs
  try {
    while (task.state === 'running' && !interrupted.aborted) {
      progress.update(task.kind === 'redrive' ? task.changed : task.examined, task.total)
      await pause(pauseMs, interrupted)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
      task = await client.tasks.get(task.id)
    }
    return task.state === 'running' ? await cancel(client, task) : task
  } finally {
    progress.end()
  }
}

/** It may have ended in the meantime, which is as good. */
const cancel = async (client: Millrace, task: Task): Promise<Task> => {
  try {
    return await client.tasks.cancel(task.id)
  } catch (error) {
    if (!isMillraceError(error, 'TaskNotRunning')) throw error
    return client.tasks.get(task.id)
  }
}
