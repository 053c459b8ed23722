import { ask } from '../declined.ts'
import { Refusal } from '../errors.ts'
import { completePushTarget } from '../push-target.ts'
import type { GroupRecord, QueueRecord, Subscription } from '../queue.ts'
import { ownerGroup, readsAlong } from '../queue.ts'
import { queueKey } from '../queue-keys.ts'
import type { CreateGroup, GroupView, SubscriptionPatch, UpdateGroup } from '../requests.ts'
import { tenYearsMs } from '../settings.ts'
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import { discardGroup } from './discard.ts'
import { putPushTarget, readyTarget, removePushTarget } from './push-targets.ts'
import { viewGroup, viewQueue } from './queues.ts'

/** A subscriber is given what is sent from now on. */
export const createSubscriber = (
  step: Step,
  request: CreateGroup & { readonly subscription: SubscriptionPatch },
): { group: GroupView; created: boolean } => {
  const queue = step.requireQueue(request)
  const existing = queue.groups.find((group) => readsAlong(group) && group.name === request.group)
  if (existing?.kind === 'consumer' || (existing && request.ifExists === 'refuse')) {
    throw new Refusal('GroupExists', { queue: queue.name, group: request.group })
  }
  if (existing) return { group: viewGroup(step, queue, existing), created: false }
  checkRoom(queue, request)
  const subscription = nextSubscription(step, queue, { push: null, expiresAt: null }, request.subscription)
  const { tagRule = null, door = {} } = request
  const group = step.createGroup(queue.id, 'subscriber', request.group, { door, tagRule, subscription })
  // A virtual queue is there while it has messages; one that somebody subscribed to is there for good.
  if (!queue.explicit) {
    const { groups: _, ...record } = queue
    step.tx.putQueue({ ...record, explicit: true, modifiedAt: step.now })
  }
  noteSubscription(step, queue, group)
  step.after.queueChanged(queueKey(queue.account, queue.name))
  return { group: viewGroup(step, queue, group), created: true }
}

const checkRoom = (queue: QueueRecord, { group }: CreateGroup): void => {
  if (group === ownerGroup(queue).name) {
    throw new Refusal('ArgumentInvalid', { argument: 'group', reason: `must not be '${group}'` })
  }
  if (queue.groups.length >= maxGroups) throw new Refusal('TooManyGroups', { queue: queue.name, limit: maxGroups })
}

/** Each message is written once for every one of them, in the step of its send. */
const maxGroups = 1_000

/** Changes a subscriber: what is not given stays as it is. */
export const updateGroup = (step: Step, request: UpdateGroup): GroupView => {
  const queue = step.requireQueue(request)
  const before = queue.groups.find(({ kind, name }) => kind === 'subscriber' && name === request.group)
  if (!before?.subscription) throw new Refusal('GroupNotFound', { queue: queue.name, group: request.group })
  const patch = request.change ? ask(request.change, viewQueue(step, queue)) : request
  const subscription = nextSubscription(step, queue, before.subscription, patch.subscription ?? {})
  const group = { ...before, subscription, door: patch.door ?? before.door }
  step.writes++
  step.tx.putGroup(group)
  noteSubscription(step, queue, group)
  step.after.queueChanged(queueKey(queue.account, queue.name))
  return viewGroup(step, queue, group)
}

const nextSubscription = (
  step: Step,
  queue: QueueRecord,
  before: Subscription,
  { push, expiresAt }: SubscriptionPatch,
): Subscription => {
  const latest = step.now + tenYearsMs
  if (expiresAt != null && !(Number.isInteger(expiresAt) && expiresAt > step.now && expiresAt <= latest)) {
    throw new Refusal('ArgumentInvalid', { argument: 'expiresAt', reason: 'must be a time to come, within ten years' })
  }
  const target = push && readyTarget(step, queue.account, completePushTarget(push, 'push'), before.push)
  return {
    push: target === undefined ? before.push : target,
    expiresAt: expiresAt === undefined ? before.expiresAt : expiresAt,
  }
}

/** Its target and its end are written down where those who see to them look. */
const noteSubscription = (step: Step, queue: QueueRecord, group: GroupRecord): void => {
  if (group.subscription?.push) putPushTarget(step, queue, group.name, group.subscription.push)
  else removePushTarget(step, queue, group.name)
  const key = `${queue.id}/${group.name}`
  const expiresAt = group.subscription?.expiresAt ?? null
  const noted = step.tx.document(endingSubscriptions, key)
  if ((noted?.expiresAt ?? null) === expiresAt) return
  step.writes++
  if (expiresAt === null) step.tx.removeDocument(endingSubscriptions, key)
  else step.tx.putDocument({ collection: endingSubscriptions, key, value: {}, expiresAt })
}

export const endingSubscriptions = 'ending-subscription'

/** The time is up: the subscriber goes, with what it has not delivered. */
export const endSubscription = (step: Step, { key }: StoredDocument): void => {
  const queue = step.tx.queueById(Number.parseInt(key, 10))
  const name = key.slice(key.indexOf('/') + 1)
  const group = queue?.groups.find((candidate) => candidate.kind === 'subscriber' && candidate.name === name)
  const expiresAt = group?.subscription?.expiresAt
  if (queue && group && expiresAt != null && expiresAt <= step.now) discardGroup(step, queue, group)
}
