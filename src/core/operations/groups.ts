import { Refusal } from '../errors.ts'
import { ownerGroup, total } from '../queue.ts'
import type { CreateGroup, GroupAddress, GroupView } from '../requests.ts'
import type { Step } from '../step.ts'
import { queueKey } from '../step.ts'
import { untilCaughtUp } from './backfill.ts'
import { addWork } from './background.ts'
import { discardGroup } from './discard.ts'
import { viewGroup } from './queues.ts'

/** A new group gets every message that the queue still retains, oldest first. */
export const createGroup = (step: Step, request: CreateGroup): { group: GroupView; created: boolean } => {
  const queue = step.requireQueue(request.account, request.queue)
  if (request.group.length < 1 || request.group.length > 256) {
    throw new Refusal('ArgumentInvalid', { argument: 'group', reason: 'must be 1 to 256 characters' })
  }
  const existing = queue.groups.find((group) => group.kind === 'consumer' && group.name === request.group)
  if (existing) {
    if (request.ifExists === 'refuse') throw new Refusal('GroupExists', { queue: queue.name, group: request.group })
    return { group: viewGroup(step, queue, existing), created: false }
  }
  if (!queue.settings.consumerGroups) throw new Refusal('GroupsNotEnabled', { queue: queue.name })
  const holdsMessages = total(step.tx.counts(ownerGroup(queue).id)) > 0
  const group = step.createGroup(queue.id, 'consumer', request.group, {
    door: request.door ?? {},
    backfillTo: holdsMessages ? untilCaughtUp : 0,
  })
  if (holdsMessages) addWork(step, { kind: 'backfill', queueId: queue.id, groupId: group.id })
  step.after.queueChanged(queueKey(queue.account, queue.name))
  return { group: viewGroup(step, queue, group), created: true }
}

export const deleteGroup = (step: Step, request: GroupAddress): { deleted: boolean } => {
  const queue = step.requireQueue(request.account, request.queue)
  const group = queue.groups.find((candidate) => candidate.kind === 'consumer' && candidate.name === request.group)
  if (!group) return { deleted: false }
  discardGroup(step, queue, group)
  return { deleted: true }
}
