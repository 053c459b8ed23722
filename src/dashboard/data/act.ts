import { isMillraceError, type Millrace, type OperatorAction, type Task } from '../../client/index.ts'
import type { Filter } from './filter.ts'
import { apiFilter, type Place, queueAt, readerOf } from './messages.ts'
import { accountClient } from './server.ts'

/** How far an action is. */
export interface Progress {
  readonly changed: number
  readonly skipped: number
  /** Messages looked at, of those there are to look at. */
  readonly done: number
  readonly total: number
  readonly state: 'running' | 'completed' | 'cancelled' | 'failed'
  readonly failure: string | null
}

/** Ids a request: few enough that progress is seen, and a stop comes soon. */
const slice = 200

/** On the messages chosen, slice by slice. */
export const actOnIds = async (
  place: Place,
  ids: readonly string[],
  action: OperatorAction,
  options: { signal: AbortSignal; onProgress: (progress: Progress) => void },
): Promise<Progress> => {
  let [changed, skipped, done] = [0, 0, 0]
  const progress = (state: Progress['state']): Progress => ({
    changed,
    skipped,
    done,
    total: ids.length,
    state,
    failure: null,
  })
  while (done < ids.length) {
    if (options.signal.aborted) return progress('cancelled')
    const some = ids.slice(done, done + slice)
    const answer = await queueAt(place).operate.act(some, action)
    changed += answer.changed
    skipped += answer.skipped
    done += some.length
    options.onProgress(progress(done < ids.length ? 'running' : 'completed'))
  }
  return progress('completed')
}

const pollMs = 300

/** On all messages that match, by the server; a stop leaves done what is done. */
export const actOnAll = async (
  place: Place,
  filter: Filter,
  action: OperatorAction,
  options: { signal: AbortSignal; onProgress: (progress: Progress) => void },
): Promise<Progress> => {
  const task = await queueAt(place).operate.actOnAll(action, apiFilter(filter, Date.now()))
  const onChange = (now: Task) => options.onProgress(progressOf(now))
  return progressOf(await followTask(accountClient(place.account), task, { signal: options.signal, onChange }))
}

/** Until the task has ended; `signal` stops it. */
export const followTask = async (
  client: Millrace,
  begun: Task,
  { signal, onChange }: { readonly signal: AbortSignal; readonly onChange: (task: Task) => void },
): Promise<Task> => {
  let task = begun
  let asked = false
  onChange(task)
  while (task.state === 'running') {
    if (signal.aborted && !asked) {
      asked = true
      await client.tasks.cancel(task.id).catch((error: unknown) => {
        if (!isMillraceError(error)) throw error
      })
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
    task = await client.tasks.get(task.id)
    onChange(task)
  }
  return task
}

const progressOf = ({ changed, skipped, examined, total, state, failure }: Task): Progress => ({
  changed,
  skipped,
  done: examined,
  total,
  state,
  failure,
})

/** All that match, by type; `onProgress` while it is being counted. */
export const countAll = async (
  place: Place,
  filter: Filter,
  options: { signal: AbortSignal; onProgress: (count: Counted) => void },
): Promise<Counted> => {
  const counted = { count: 0, types: { Q: 0, D: 0, P: 0, E: 0, F: 0, S: 0 }, isWhole: false }
  const wanted = apiFilter(filter, Date.now())
  let page: string | null | undefined
  while (page !== null) {
    const request = { ...readerOf(place), filter: wanted, ...(page === undefined ? {} : { page }) }
    const answer = await accountClient(place.account).admin.operator.count(place.queue, request, {
      signal: options.signal,
    })
    counted.count += answer.count
    for (const type of letters) counted.types[type] += answer.types[type]
    page = answer.next
    counted.isWhole = page === null
    options.onProgress({ ...counted, types: { ...counted.types } })
  }
  return counted
}

const letters = ['Q', 'D', 'P', 'E', 'F', 'S'] as const

export interface Counted {
  readonly count: number
  readonly types: Readonly<Record<(typeof letters)[number], number>>
  readonly isWhole: boolean
}
