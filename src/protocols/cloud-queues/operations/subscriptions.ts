import { isRefusal } from '../../../core/errors.ts'
import type { GroupPatch, QueueView } from '../../../core/requests.ts'
import { noContent, notFound, okJson, refused } from '../answer.ts'
import { missingField, readObject, wrongKind } from '../documents.ts'
import { nextLink, queueLink } from '../links.ts'
import { settingsForNew } from '../metadata/metadata.ts'
import type { Call, Operation } from '../operation.ts'
import { pageSize } from '../pages.ts'
import {
  groupFor,
  groupName,
  readSubscription,
  type Subscription,
  showSubscription,
  subscriptionId,
  subscriptionsOf,
} from '../subscriptions/subscription.ts'
import { findQueue } from './find-queue.ts'

const path = '/queues/:queue/subscriptions'
const common = { versions: ['v2'], access: ['manage'] } as const

export const createSubscription: Operation = {
  ...common,
  name: 'post_subscription',
  summary: 'Has every message that is posted from now on sent to a URL, too.',
  method: 'POST',
  path,
  readsBody: true,
  async run(call) {
    const { engine, account, queue, body, clock } = call
    const { subscriber, ttl, options } = readSubscription(readObject(body))
    if (subscriber === undefined) throw missingField('subscriber')
    const view = (await findQueue(call)) ?? (await makeQueue(call))
    const there = subscriptionsOf(view)
    const same = there.find((other) => other.subscriber === subscriber)
    if (same?.confirmed) throw taken(subscriber)
    const isFree = (id: string) => !there.some((other) => other.id === id)
    const plain = subscriptionId(queue, subscriber)
    const since = clock.now()
    const id = same?.id ?? (isFree(plain) ? plain : subscriptionId(queue, subscriber, String(since)))
    if (!same) {
      const subscription: Subscription = { id, subscriber, ttl, since, options, confirmed: true }
      const group = groupFor(subscription, view.settings)
      await orTaken(subscriber, engine.createGroup({ account, queue, ifExists: 'refuse', ...group }))
    }
    return {
      ...okJson({ subscription_id: id }, ['location', `${queueLink(call, queue)}/subscriptions`]),
      status: 201,
    }
  },
}

export const listSubscriptions: Operation = {
  ...common,
  name: 'subscriptions',
  summary: 'The subscriptions of a queue, a page at a time.',
  method: 'GET',
  path,
  async run(call) {
    const { queue, query, clock } = call
    const limit = pageSize(call)
    const marker = query.text('marker') ?? ''
    const view = await findQueue(call)
    const page = (view ? subscriptionsOf(view) : []).filter(({ id }) => id > marker).slice(0, limit)
    const now = clock.now()
    const last = page.at(-1)
    const collection = `${queueLink(call, queue)}/subscriptions`
    return okJson({
      subscriptions: page.map((subscription) => showSubscription(subscription, queue, now)),
      links: last ? [nextLink(collection, last.id, { limit: query.integer('limit') })] : [],
    })
  },
}

export const getSubscription: Operation = {
  ...common,
  name: 'subscription',
  summary: 'One subscription.',
  method: 'GET',
  path: `${path}/:subscription`,
  async run(call) {
    const view = await findQueue(call)
    const subscription = view && subscriptionsOf(view).find(({ id }) => id === call.place.subscription)
    if (!subscription) throw notThere(call)
    return okJson(showSubscription(subscription, call.queue, call.clock.now()))
  },
}

export const patchSubscription: Operation = {
  ...common,
  name: 'patch_subscription',
  summary: 'Changes a subscription; with a new ttl its time begins anew.',
  method: 'PATCH',
  path: `${path}/:subscription`,
  readsBody: true,
  async run(call) {
    const fields = readObject(call.body)
    const now = call.clock.now()
    await update(call, (subscription, others) => {
      const { subscriber = subscription.subscriber, ttl, options } = readSubscription(fields, subscription)
      if (others.some((other) => other.subscriber === subscriber)) throw taken(subscriber)
      const since = fields.ttl === undefined ? subscription.since : now
      return { ...subscription, subscriber, ttl, options, since }
    })
    return noContent()
  },
}

export const confirmSubscription: Operation = {
  ...common,
  name: 'confirm_subscription',
  summary: 'Says whether a subscriber is to be called; one that is not yet confirmed has its messages wait.',
  method: 'PUT',
  path: `${path}/:subscription/confirm`,
  readsBody: true,
  async run(call) {
    const { confirmed } = readObject(call.body)
    if (confirmed === undefined) throw missingField('confirmed')
    if (typeof confirmed !== 'boolean') throw wrongKind('confirmed', 'bool')
    await update(call, (subscription) => ({ ...subscription, confirmed }))
    return noContent()
  },
}

export const deleteSubscription: Operation = {
  ...common,
  name: 'delete_subscription',
  summary: 'Ends a subscription, with what it has not delivered yet.',
  method: 'DELETE',
  path: `${path}/:subscription`,
  async run(call) {
    const view = await findQueue(call)
    const { subscription: id } = call.place
    if (view && subscriptionsOf(view).some((subscription) => subscription.id === id)) await remove(call, id ?? '')
    return noContent()
  },
}

/** All of a queue's. */
export const removeSubscriptions = async (call: Call): Promise<void> => {
  const view = await findQueue(call)
  for (const { id } of view ? subscriptionsOf(view) : []) await remove(call, id)
}

/** After the queue's policy of repeats has changed, which counts for those that have none of their own. */
export const retargetSubscriptions = async ({ engine, account, queue }: Call, view: QueueView): Promise<void> => {
  for (const { id } of subscriptionsOf(view)) {
    const change = (now: QueueView): GroupPatch => {
      const subscription = subscriptionsOf(now).find((one) => one.id === id)
      const push = subscription && groupFor(subscription, now.settings).subscription.push
      return push == null ? {} : { subscription: { push } }
    }
    try {
      await engine.updateGroup({ account, queue, group: groupName(id), change })
    } catch (error) {
      // It has just ended, or cannot be called any more: a mailbox, of a server that sends no mail now.
      if (!isRefusal(error, 'GroupNotFound') && !isRefusal(error, 'SettingInvalid')) throw error
    }
  }
}

const remove = async ({ engine, account, queue }: Call, id: string): Promise<void> => {
  try {
    await engine.deleteGroup({ account, queue, group: groupName(id) })
  } catch (error) {
    if (!isRefusal(error, 'QueueNotFound')) throw error
  }
}

/** Of two changes at a time, each sees what the other has left. */
const update = async (
  call: Call,
  next: (subscription: Subscription, others: readonly Subscription[]) => Subscription,
): Promise<void> => {
  const { engine, account, queue, place } = call
  const change = (view: QueueView): GroupPatch => {
    const all = subscriptionsOf(view)
    const subscription = all.find(({ id }) => id === place.subscription)
    if (!subscription) throw notThere(call)
    const others = all.filter((other) => other !== subscription)
    const { door, subscription: patch } = groupFor(next(subscription, others), view.settings)
    return { ...(door && { door }), subscription: patch }
  }
  try {
    await engine.updateGroup({ account, queue, group: groupName(place.subscription ?? ''), change })
  } catch (error) {
    throw isRefusal(error, 'QueueNotFound') || isRefusal(error, 'GroupNotFound') ? notThere(call) : error
  }
}

const makeQueue = async ({ engine, account, queue, settings }: Call): Promise<QueueView> =>
  (await engine.createQueue({ account, queue, settings: settingsForNew({}, settings) })).queue

const notThere = ({ account, queue, place }: Call) =>
  notFound(`Subscription ${place.subscription} for queue ${queue} does not exist for project ${account}`)

const taken = (subscriber: string) =>
  refused(409, 'Resource conflict', `The subscriber ${subscriber} has subscribed to this queue already.`)

const orTaken = async (subscriber: string, work: Promise<unknown>): Promise<void> => {
  try {
    await work
  } catch (error) {
    throw isRefusal(error, 'GroupExists') ? taken(subscriber) : error
  }
}
