import { Refusal } from '../errors.ts'
import type { QueueRecord } from '../queue.ts'
import { ownerGroup, readsAlong, total } from '../queue.ts'
import { queueKey } from '../queue-keys.ts'
import type { CreateGroup, CreateGroups, GroupAddress, GroupView, NewGroup } from '../requests.ts'
import type { Step } from '../step.ts'
import { backfillSlice, untilCaughtUp } from './backfill.ts'
import { addWork } from './background.ts'
import { discardGroup } from './discard.ts'
import { viewGroup } from './queues.ts'
import { isBackfilling } from './receivers.ts'
import { createSubscriber } from './subscribers.ts'
import { checkTagRule, isSameRule } from './tag-rules.ts'

/** A new consumer group gets every message that the queue still retains, oldest first; a subscriber what is sent from now on. */
export const createGroup = (step: Step, request: CreateGroup): { group: GroupView; created: boolean } => {
  const { subscription } = request
  if (subscription) {
    checkRequest(request)
    return createSubscriber(step, { ...request, subscription })
  }
  const queue = step.requireQueue(request)
  checkGroup(queue, request, request.ifExists)
  return makeGroup(step, queue, request)
}

export const createGroups = (step: Step, request: CreateGroups): readonly GroupView[] => {
  const queue = step.requireQueue(request)
  for (const [index, group] of request.groups.entries()) {
    checkGroup(queue, group, request.ifExists)
    if (request.groups.findIndex((other) => other.group === group.group) < index) {
      throw new Refusal('GroupExists', { queue: queue.name, group: group.group })
    }
  }
  const { maxGroups = Number.POSITIVE_INFINITY } = request
  const made = request.groups.filter((group) => !consumerGroup(queue, group.group)).length
  if (consumerGroups(queue).length + made > maxGroups) {
    throw new Refusal('TooManyGroups', { queue: queue.name, limit: maxGroups })
  }
  return request.groups.map((group) => makeGroup(step, queue, group).group)
}

const consumerGroups = (queue: QueueRecord) => queue.groups.filter(({ kind }) => kind === 'consumer')

const consumerGroup = (queue: QueueRecord, name: string) =>
  queue.groups.find((group) => group.kind === 'consumer' && group.name === name)

const checkRequest = (request: NewGroup): void => {
  if (request.group.length < 1 || request.group.length > 256) {
    throw new Refusal('ArgumentInvalid', { argument: 'group', reason: 'must be 1 to 256 characters' })
  }
  checkTagRule(request.tagRule)
}

/** Before anything is written. */
const checkGroup = (queue: QueueRecord, request: NewGroup, ifExists: CreateGroup['ifExists']): void => {
  checkRequest(request)
  const existing = consumerGroup(queue, request.group)
  if (!existing) {
    if (!queue.settings.consumerGroups) throw new Refusal('GroupsNotEnabled', { queue: queue.name })
    if (queue.groups.some((group) => group.kind === 'subscriber' && group.name === request.group)) {
      throw new Refusal('GroupExists', { queue: queue.name, group: request.group })
    }
    return
  }
  const address = { queue: queue.name, group: existing.name }
  if (ifExists === 'refuse') throw new Refusal('GroupExists', address)
  if (request.tagRule !== undefined && !isSameRule(existing.tagRule, request.tagRule)) {
    throw new Refusal('TagRuleFixed', address)
  }
}

const makeGroup = (step: Step, queue: QueueRecord, request: NewGroup): { group: GroupView; created: boolean } => {
  const existing = consumerGroup(queue, request.group)
  if (existing) return { group: viewGroup(step, queue, existing), created: false }
  const holdsMessages = total(step.tx.counts(ownerGroup(queue).id)) > 0
  const made = step.createGroup(queue.id, 'consumer', request.group, {
    door: request.door ?? {},
    tagRule: request.tagRule ?? null,
    backfillTo: holdsMessages ? untilCaughtUp : 0,
  })
  const group = holdsMessages ? backfillSlice(step, queue, made, atOnce) : made
  if (isBackfilling(group)) addWork(step, { kind: 'backfill', queueId: queue.id, groupId: group.id })
  step.after.queueChanged(queueKey(queue.account, queue.name))
  return { group: viewGroup(step, queue, group), created: true }
}

/** What a new group is given before anybody looks at it. */
const atOnce = 500

export const deleteGroup = (step: Step, request: GroupAddress): { deleted: boolean } => {
  const queue = step.requireQueue(request)
  const group = queue.groups.find((candidate) => readsAlong(candidate) && candidate.name === request.group)
  if (!group || (request.groupId !== undefined && request.groupId !== group.id)) return { deleted: false }
  discardGroup(step, queue, group)
  return { deleted: true }
}
