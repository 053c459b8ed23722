import { aborted } from '../client/error.ts'
import type { Group, QueueInfo } from '../client/index.ts'
import type { Groups, Millrace, Queues, Tasks } from '../client/types/millrace.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import { Refusal } from '../core/errors.ts'
import type { PushControl } from '../core/push-control.ts'
import type { GroupView, QueueView } from '../core/requests.ts'
import { orMillraceError } from './errors.ts'
import { given } from './given.ts'

/** Asks core, unless the caller has given up already. */
export const ask = <Value>(signal: AbortSignal | undefined, request: () => Promise<Value>): Promise<Value> =>
  signal?.aborted ? Promise.reject(aborted(signal)) : orMillraceError(request())

export const engineQueues = (engine: QueueEngine, account: string, push: PushControl): Queues => ({
  async list({ signal, ...query } = {}) {
    const { queues, next } = await ask(signal, () => engine.listQueues({ account, ...given(query) }))
    return { queues: queues.map(queueInfo), next }
  },
  async create(queue, settings = {}, { signal, preset, ifExists = 'keep' } = {}) {
    const answer = await ask(signal, () =>
      engine.createQueue({ account, queue, settings, ifExists, ...given({ preset }) }),
    )
    return { queue: queueInfo(answer.queue), created: answer.created }
  },
  async get(queue, { signal, span } = {}) {
    const [view, ends] = await ask(signal, () =>
      Promise.all([engine.getQueue({ account, queue }), span ? engine.queueSpan({ account, queue }) : {}]),
    )
    return { ...queueInfo(view), ...ends }
  },
  async update(queue, settings, { signal } = {}) {
    return queueInfo(await ask(signal, () => engine.updateQueue({ account, queue, settings })))
  },
  async delete(queue, { signal } = {}) {
    return (await ask(signal, () => engine.deleteQueue({ account, queue }))).deleted
  },
  pushTargets: ({ queue, signal } = {}) => ask(signal, async () => push.list({ account, ...given({ queue }) })),
  resumePush: (queue, { group = 'default', signal } = {}) =>
    ask(signal, async () => {
      push.resume({ account, queue, group })
      const target = push.list({ account, queue }).find((candidate) => candidate.group === group)
      if (!target) throw new Refusal('GroupNotFound', { queue, group })
      return target
    }),
})

export const engineGroups = (engine: QueueEngine, account: string): Groups => ({
  async list(queue, { signal } = {}) {
    const { groups } = await ask(signal, () => engine.getQueue({ account, queue }))
    return groups.map(groupInfo)
  },
  async create(queue, group, { signal, ifExists = 'keep', tagRule, subscription } = {}) {
    const answer = await ask(signal, () =>
      engine.createGroup({ account, queue, group, ifExists, ...given({ tagRule, subscription }) }),
    )
    return { group: groupInfo(answer.group), created: answer.created }
  },
  async update(queue, group, subscription, { signal } = {}) {
    return groupInfo(await ask(signal, () => engine.updateGroup({ account, queue, group, subscription })))
  },
  async delete(queue, group, { signal } = {}) {
    return (await ask(signal, () => engine.deleteGroup({ account, queue, group }))).deleted
  },
})

export const engineTasks = (engine: QueueEngine, account: string): Tasks => ({
  list: async ({ signal, ...query } = {}) => await ask(signal, () => engine.listTasks({ account, ...given(query) })),
  get: (task, { signal } = {}) => ask(signal, () => engine.getTask({ account, task })),
  cancel: (task, { signal } = {}) => ask(signal, () => engine.cancelTask({ account, task })),
})

export const engineStatus =
  (engine: QueueEngine, account: string): Millrace['status'] =>
  async (id, { signal } = {}) => {
    const status = await ask(signal, () => engine.status({ account, id }))
    return status && { ...status, deliveries: [...status.deliveries], steps: [...status.steps] }
  }

/** Without what other doors keep with it. */
const queueInfo = ({ settings: { door: _, ...settings }, groups, ...queue }: QueueView): QueueInfo => ({
  ...queue,
  settings,
  groups: groups.map(groupInfo),
})

const groupInfo = ({ door: _, tagRule, ...group }: GroupView): Group => ({
  ...group,
  tagRule: tagRule && { ...tagRule, tags: [...tagRule.tags] },
})
