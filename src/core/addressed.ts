/** What requests name: a queue, and a group of it. */
import { Refusal } from './errors.ts'
import type { EngineLimits } from './limits.ts'
import type { GroupRecord, QueueRecord } from './queue.ts'
import { ownerGroup, readsAlong } from './queue.ts'

/** The group that a request names, unless it means an earlier one of the name. */
export const findGroup = (queue: QueueRecord, request: GroupChoice): GroupRecord | undefined => {
  const name = request.group ?? 'default'
  const live = queue.groups.find(
    (group) =>
      group.name === name &&
      (group.kind === 'default' || readsAlong(group)) &&
      (request.groupId === undefined || request.groupId === group.id),
  )
  if (!request.deadLetters) return live
  return queue.groups.find((group) => group.kind === 'dead-letters' && group.deadLettersOf === live?.id)
}

interface GroupChoice {
  readonly group?: string
  readonly groupId?: number
  readonly deadLetters?: boolean
}

/** The group asked for; without `group` in a queue with consumer groups that is its retained messages where `look` says so. */
export const requireGroup = (
  queue: QueueRecord,
  request: GroupChoice,
  purpose: 'receive' | 'look',
): GroupRecord | undefined => {
  if (purpose === 'look' && request.group === undefined && !request.deadLetters) return ownerGroup(queue)
  const group = findGroup(queue, request)
  if (group) return group
  const live = findGroup(queue, { ...request, deadLetters: false })
  // A group that never had a dead letter has no place for them yet: nothing to be had, but no mistake either.
  if (live && request.deadLetters) return undefined
  throw new Refusal('GroupNotFound', { queue: queue.name, group: request.group ?? 'default' })
}

export const checkQueueName = (name: string, limits: EngineLimits, argument = 'queue'): void => {
  if (name.length === 0) throw new Refusal('ArgumentInvalid', { argument, reason: 'must not be empty' })
  // A UTF-16 unit has at most three bytes in UTF-8.
  if (name.length * 3 > limits.maxQueueNameBytes && Buffer.byteLength(name) > limits.maxQueueNameBytes) {
    throw new Refusal('ArgumentInvalid', {
      argument,
      reason: `must be at most ${limits.maxQueueNameBytes} bytes of UTF-8`,
    })
  }
  if (!name.isWellFormed()) {
    throw new Refusal('ArgumentInvalid', { argument, reason: 'must be well-formed text' })
  }
}
