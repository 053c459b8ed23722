import { randomUUID } from 'node:crypto'
import { total, unfinished } from '../../../core/queue.ts'
import type { GroupView, QueueView } from '../../../core/requests.ts'
import { mayKnow, requireScope } from '../access.ts'
import { created, noContent, ok } from '../answer.ts'
import { field, fieldsOf, isFields } from '../json/fields.ts'
import type { Operation } from '../operation.ts'
import { Refused } from '../problems.ts'
import type { Query } from '../query.ts'
import { groupUuid, keptWithGroup, queueUuid, readersOf } from '../queue-ids.ts'

export const createGroups: Operation = {
  name: 'createGroups',
  method: 'POST',
  paths: ['/queues/{queue_id}/groups'],
  summary: 'Create consumer groups, all of them or none.',
  async run({ engine, places, account, principal, settings, parameters: { queue_id = '' }, body }) {
    return places.inQueue(account, queue_id, async ({ address }) => {
      requireScope(principal, 'manage', address.queue)
      const names = namesOf(body, settings.maxGroups)
      const groups = await engine.createGroups({
        ...address,
        groups: names.map((group) => ({ group, door: keptWithGroup(randomUUID()) })),
        ifExists: 'refuse',
        maxGroups: settings.maxGroups,
      })
      return created({ groups: groups.map((group) => ({ id: groupUuid(group), name: group.name })) })
    })
  },
}

const namesOf = (body: Buffer, most: number): string[] => {
  const groups = field(fieldsOf(body, 10240009), 'groups')
  if (!Array.isArray(groups) || groups.length === 0) throw new Refused(10240009, 'groups must be a list of names.')
  if (groups.length > most) throw new Refused(10240019)
  return groups.map((group: unknown) => {
    const name = isFields(group) ? (field(group, 'name') ?? '') : undefined
    if (typeof name !== 'string') throw new Refused(10240009, 'Each of groups must be an object with a name.')
    if (name.length < 1 || name.length > 32) throw new Refused(10240012)
    if (!/^[A-Za-z0-9_-]+$/.test(name)) throw new Refused(10240007)
    return name
  })
}

export const listGroups: Operation = {
  name: 'listGroups',
  method: 'GET',
  paths: ['/queues/{queue_id}/groups'],
  summary: 'List the consumer groups of a queue, with the numbers of their messages.',
  async run({ places, account, principal, parameters: { queue_id = '' }, query }) {
    const queue = await places.queue(account, queue_id)
    if (!mayKnow(principal, queue.name)) throw new Refused(10240307)
    const withDeadLetters = query.flag('include_deadletter', false)
    const withNumbers = query.flag('include_messages_num', true)
    const groups = pageOf(readersOf(queue), query).map((group) => ({
      id: groupUuid(group),
      name: group.name,
      ...numbersOf(queue, group, withNumbers),
      ...(withDeadLetters && deadLetterNumbersOf(group)),
    }))
    return ok({
      queue_id: queueUuid(queue),
      queue_name: queue.name,
      ...(withDeadLetters && { redrive_policy: queue.settings.receiveLimit === null ? 'disable' : 'enable' }),
      groups,
    })
  },
}

/** Only where both values make sense. */
const pageOf = (groups: readonly GroupView[], query: Query): readonly GroupView[] => {
  const [size, page] = ['page_size', 'current_page'].map((name) => Number(query.one(name)))
  const isPage = [size, page].every((value) => Number.isSafeInteger(value) && Number(value) >= 1)
  if (!isPage || size === undefined || page === undefined) return groups
  return groups.slice((page - 1) * size, page * size)
}

/** What does not match a rule is not available, so of a group with one nothing counts that has not been looked at. */
const numbersOf = (queue: QueueView, { counts, pending, tagRule }: GroupView, withNumbers: boolean) => ({
  produced_messages: withNumbers ? queue.messages : 0,
  consumed_messages: withNumbers ? counts.done : 0,
  available_messages: withNumbers ? counts.ready + counts.behind + (tagRule ? 0 : pending) : 0,
})

const deadLetterNumbersOf = ({ deadLetters }: GroupView) => ({
  produced_deadletters: deadLetters ? total(deadLetters) + deadLetters.done : 0,
  available_deadletters: deadLetters ? unfinished(deadLetters) : 0,
})

export const deleteGroup: Operation = {
  name: 'deleteGroup',
  method: 'DELETE',
  paths: ['/queues/{queue_id}/groups/{consumer_group_id}'],
  summary: 'Delete a consumer group with its dead letters.',
  async run({ engine, places, account, principal, parameters: { queue_id = '', consumer_group_id = '' } }) {
    return places.inGroup(account, queue_id, consumer_group_id, async ({ address }, { group, groupId }) => {
      requireScope(principal, 'manage', address.queue)
      const { deleted } = await engine.deleteGroup({ ...address, group, groupId })
      if (!deleted) throw new Refused(10240405)
      return noContent
    })
  },
}
