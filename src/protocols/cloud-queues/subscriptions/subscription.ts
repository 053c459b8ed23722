import { hash } from 'node:crypto'
import type { Millis } from '../../../core/clock.ts'
import type { PushTargetInput } from '../../../core/push-target.ts'
import type { QueueSettings } from '../../../core/queue.ts'
import type { CreateGroup, GroupView, QueueView, SubscriptionPatch } from '../../../core/requests.ts'
import { badBody, badValue } from '../answer.ts'
import { type Fields, integerField, isFields, missingField, wrongKind } from '../documents.ts'
import { ageOf } from '../messages/show.ts'
import { keptWith } from '../metadata/reserved.ts'
import { notificationForm } from './notification.ts'
import { retriesOf } from './retry-policy.ts'

/** What a client says of a subscription. It is a subscriber of the queue, which this keeps with it. */
export interface Subscription {
  readonly id: string
  readonly subscriber: string
  /** Seconds from `since` on. */
  readonly ttl: number
  readonly since: Millis
  readonly options: Fields
  /** What is not confirmed is not called; its messages wait. */
  readonly confirmed: boolean
}

const subscriptionTtl = { min: 60, max: 315_360_000, standard: 3600 } as const

/** The subscriptions of a queue that were made here, by id. */
export const subscriptionsOf = ({ groups }: Pick<QueueView, 'groups'>): readonly Subscription[] =>
  groups
    .map(subscriptionIn)
    .filter((subscription) => subscription !== undefined)
    .sort((a, b) => (a.id < b.id ? -1 : 1))

const subscriptionIn = ({ kind, door }: GroupView): Subscription | undefined => {
  const kept = kind === 'subscriber' && isFields(door.cloudQueues) ? door.cloudQueues.subscription : undefined
  return isFields(kept) ? (kept as unknown as Subscription) : undefined
}

/** The same subscriber of the same queue has the same id, unless `salt` tells it from one that took that id before. */
export const subscriptionId = (queue: string, subscriber: string, salt = ''): string =>
  hash('sha256', JSON.stringify([queue, subscriber, salt]), 'hex').slice(0, 24)

export const groupName = (id: string): string => `subscription-${id}`

/** The subscriber of core that it is. */
export const groupFor = (
  subscription: Subscription,
  queue: QueueSettings | undefined,
): Pick<CreateGroup, 'group' | 'door'> & { readonly subscription: SubscriptionPatch } => ({
  group: groupName(subscription.id),
  door: { cloudQueues: { subscription } },
  subscription: {
    push: subscription.confirmed ? targetOf(subscription, queue) : null,
    expiresAt: subscription.since + subscription.ttl * 1000,
  },
})

const targetOf = ({ subscriber, options }: Subscription, queue: QueueSettings | undefined): PushTargetInput => {
  const { post_data: template } = options
  return {
    ...(isMail(subscriber) ? mailboxOf(subscriber, options) : serviceOf(subscriber, options)),
    form: notificationForm,
    formOptions: template === undefined ? {} : { template },
    retries: retriesOf(options._retry_policy, queue && keptWith(queue).reserved?._retry_policy),
  }
}

const isMail = (subscriber: string): boolean => /^mailto:/i.test(subscriber)

/** A trust is nothing here: whoever wants to be shown a token is given one among `post_headers`. */
const serviceOf = (
  subscriber: string,
  { post_headers: headers }: Fields,
): Pick<PushTargetInput, 'url' | 'headers'> => ({
  url: subscriber.replace(/^trust\+/i, ''),
  headers: (headers ?? {}) as Record<string, string>,
})

/** All mails are from the server; answers go to whom the subscription says that they are from. */
const mailboxOf = (subscriber: string, { subject, from }: Fields): Pick<PushTargetInput, 'url' | 'headers'> => ({
  url:
    typeof subject === 'string' && !subscriber.includes('?')
      ? `${subscriber}?subject=${encodeURIComponent(subject)}`
      : subscriber,
  headers: typeof from === 'string' ? { 'reply-to': from } : {},
})

/** What a request says of a subscription, over what it was before. */
export const readSubscription = (fields: Fields, before: Partial<Subscription> = {}) => ({
  subscriber: subscriberIn(fields) ?? before.subscriber,
  ttl: ttlIn(fields) ?? before.ttl ?? subscriptionTtl.standard,
  options: optionsIn(fields) ?? before.options ?? {},
})

const subscriberIn = ({ subscriber }: Fields): string | undefined => {
  if (subscriber === undefined) return undefined
  if (typeof subscriber !== 'string') throw wrongKind('subscriber', 'string')
  if (subscriber === '') throw missingField('subscriber')
  if (!isMail(subscriber) && !/^(?:trust\+)?https?:\/\/[^/]/i.test(subscriber)) {
    throw badValue('The subscriber type must be supported in the list http, https, trust+http, trust+https, mailto.')
  }
  return subscriber
}

const ttlIn = (fields: Fields): number | undefined => {
  const ttl = integerField(fields, 'ttl')
  if (ttl === undefined || (ttl >= subscriptionTtl.min && ttl <= subscriptionTtl.max)) return ttl
  const { min, max } = subscriptionTtl
  throw badValue(`The TTL for a subscription must be from ${min} to ${max} seconds.`)
}

const optionsIn = ({ options }: Fields): Fields | undefined => {
  if (options === undefined) return undefined
  if (!isFields(options)) throw wrongKind('options', 'dict')
  const { post_headers: headers, post_data: template } = options
  if (
    headers !== undefined &&
    !(isFields(headers) && Object.values(headers).every((value) => typeof value === 'string'))
  ) {
    throw badBody('The "post_headers" of a subscription must be an object of texts.')
  }
  if (template !== undefined && typeof template !== 'string' && !isFields(template)) {
    throw badBody('The "post_data" of a subscription must be JSON, as a text or an object.')
  }
  return options
}

export const showSubscription = ({ since, ...said }: Subscription, source: string, now: Millis): object => {
  const { id, subscriber, ttl, options, confirmed } = said
  return { id, source, subscriber, ttl, age: ageOf(since, now), options, confirmed }
}
