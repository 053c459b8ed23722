import type { Deleted } from '../../protocols/native/schemas/common.ts'
import type { MessageStatus } from '../../protocols/native/schemas/look.ts'
import type { PushHealth, PushTargets } from '../../protocols/native/schemas/push.ts'
import type { Group, Queue, QueuePage } from '../../protocols/native/schemas/queues.ts'
import type { QueueSettingsPatch } from '../../protocols/native/schemas/settings.ts'
import type { Task, Tasks as TaskList } from '../../protocols/native/schemas/tasks.ts'
import type { CallOptions } from '../types/message.ts'
import type {
  CreatedGroup,
  CreatedQueue,
  CreateQueueOptions,
  Groups,
  ListQueuesOptions,
  Millrace,
  Queues,
  Tasks,
} from '../types/millrace.ts'
import type { Api } from './api.ts'

const created = 201

export const httpQueues = (api: Api): Queues => ({
  async list({ signal, ...query }: ListQueuesOptions = {}): Promise<QueuePage> {
    return (await api.call<QueuePage>({ method: 'GET', path: ['queues'], query, repeatable: 'always', signal })).value
  },
  async create(
    name,
    settings: QueueSettingsPatch = {},
    { ifExists, preset, signal }: CreateQueueOptions = {},
  ): Promise<CreatedQueue> {
    // Done twice, the second would find the queue of the first and refuse it.
    const repeatable = ifExists === 'refuse' ? 'refused' : 'always'
    const path = ['queues', name]
    const { status, value } = await api.call<Queue>({
      method: 'PUT',
      path,
      query: { ifExists, preset },
      body: settings,
      repeatable,
      signal,
    })
    return { queue: value, created: status === created }
  },
  async get(name, { span, signal } = {}): Promise<Queue> {
    const path = ['queues', name]
    return (await api.call<Queue>({ method: 'GET', path, query: { span }, repeatable: 'always', signal })).value
  },
  async update(name, settings, { signal } = {}): Promise<Queue> {
    const path = ['queues', name]
    return (await api.call<Queue>({ method: 'PATCH', path, body: settings, repeatable: 'always', signal })).value
  },
  async delete(name, { signal } = {}): Promise<boolean> {
    const path = ['queues', name]
    return (await api.call<Deleted>({ method: 'DELETE', path, repeatable: 'always', signal })).value.deleted
  },
  async pushTargets({ queue, signal } = {}): Promise<readonly PushHealth[]> {
    const path = ['push-targets']
    const query = { queue }
    return (await api.call<PushTargets>({ method: 'GET', path, query, repeatable: 'always', signal })).value.targets
  },
  async resumePush(name, { group, signal } = {}): Promise<PushHealth> {
    const path = ['queues', name, 'push-target', 'resume']
    const query = { group }
    return (await api.call<PushHealth>({ method: 'POST', path, query, repeatable: 'always', signal })).value
  },
})

export const httpGroups = (api: Api, queues: Queues): Groups => ({
  async list(queue, options?: CallOptions): Promise<readonly Group[]> {
    return (await queues.get(queue, options)).groups
  },
  async create(queue, group, { ifExists, tagRule, subscription, signal } = {}): Promise<CreatedGroup> {
    const repeatable = ifExists === 'refuse' ? 'refused' : 'always'
    const path = ['queues', queue, 'groups', group]
    const said = { ...(tagRule === undefined ? {} : { tagRule }), ...(subscription && { subscription }) }
    const { status, value } = await api.call<Group>({
      method: 'PUT',
      path,
      query: { ifExists },
      ...(Object.keys(said).length > 0 && { body: said }),
      repeatable,
      signal,
    })
    return { group: value, created: status === created }
  },
  async update(queue, group, subscription, { signal } = {}): Promise<Group> {
    const path = ['queues', queue, 'groups', group]
    const body = { subscription }
    return (await api.call<Group>({ method: 'PATCH', path, body, repeatable: 'always', signal })).value
  },
  async delete(queue, group, { signal } = {}): Promise<boolean> {
    const path = ['queues', queue, 'groups', group]
    return (await api.call<Deleted>({ method: 'DELETE', path, repeatable: 'always', signal })).value.deleted
  },
})

export const httpTasks = (api: Api): Tasks => ({
  async list({ queue, signal } = {}): Promise<readonly Task[]> {
    const answer = await api.call<TaskList>({
      method: 'GET',
      path: ['tasks'],
      query: { queue },
      repeatable: 'always',
      signal,
    })
    return answer.value.tasks
  },
  async get(id, { signal } = {}): Promise<Task> {
    return (await api.call<Task>({ method: 'GET', path: ['tasks', id], repeatable: 'always', signal })).value
  },
  async cancel(id, { signal } = {}): Promise<Task> {
    // A second time it would be refused, since the task has ended.
    return (await api.call<Task>({ method: 'DELETE', path: ['tasks', id], repeatable: 'refused', signal })).value
  },
})

export const httpStatus =
  (api: Api): Millrace['status'] =>
  async (id, { signal } = {}) => {
    const path = ['messages', id]
    const { status, value } = await api.call<MessageStatus>({
      method: 'GET',
      path,
      repeatable: 'always',
      signal,
      expect: 404,
    })
    return status === 404 ? null : value
  }
