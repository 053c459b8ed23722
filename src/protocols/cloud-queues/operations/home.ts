import { json } from '../answer.ts'
import { allVersions, type Operation, type Version } from '../operation.ts'

interface Resource {
  readonly path: string
  readonly variables?: Readonly<Record<string, string>>
  readonly allow: readonly string[]
  readonly posts?: readonly string[]
}

const queue = { queue_name: 'param/queue_name' }
const message = { ...queue, message_id: 'param/message_id' }
const claim = { ...queue, claim_id: 'param/claim_id' }
const subscription = { ...queue, subscription_id: 'param/subscription_id' }
const paged = (kind: string) => ({ marker: 'param/marker', limit: `param/${kind}_limit` })
const queues = '/queues/{queue_name}'

const common: Readonly<Record<string, Resource>> = {
  queues: {
    path: '/queues{?marker,limit,detailed}',
    variables: { ...paged('queue'), detailed: 'param/detailed' },
    allow: ['GET'],
  },
  messages: {
    path: `${queues}/messages{?marker,limit,echo,include_claimed}`,
    variables: { ...queue, ...paged('messages'), echo: 'param/echo', include_claimed: 'param/include_claimed' },
    allow: ['GET'],
  },
}

const v1: Readonly<Record<string, Resource>> = {
  ...common,
  queue: { path: queues, variables: queue, allow: ['GET', 'HEAD', 'PUT', 'DELETE'] },
  'queue-metadata': { path: `${queues}/metadata`, variables: queue, allow: ['GET', 'PUT'] },
  'queue-stats': { path: `${queues}/stats`, variables: queue, allow: ['GET'] },
  'post-messages': {
    path: `${queues}/messages`,
    variables: queue,
    allow: ['POST'],
    posts: ['application/json'],
  },
  claim: {
    path: `${queues}/claims{?limit}`,
    variables: { ...queue, limit: 'param/claim_limit' },
    allow: ['POST'],
    posts: ['application/json'],
  },
}

const v1_1: Readonly<Record<string, Resource>> = {
  ...common,
  queue: { path: queues, variables: queue, allow: ['GET', 'PUT', 'DELETE'] },
  queue_stats: { path: `${queues}/stats`, variables: queue, allow: ['GET'] },
  post_messages: { path: `${queues}/messages`, variables: queue, allow: ['POST'], posts: ['application/json'] },
  messages_delete: {
    path: `${queues}/messages{?ids,pop}`,
    variables: { ...queue, ids: 'param/ids', pop: 'param/pop' },
    allow: ['DELETE'],
  },
  message_delete: {
    path: `${queues}/messages/{message_id}{?claim_id}`,
    variables: { ...message, claim_id: 'param/claim_id' },
    allow: ['DELETE'],
  },
  claim: { path: `${queues}/claims/{claim_id}`, variables: claim, allow: ['GET'] },
  post_claim: {
    path: `${queues}/claims{?limit}`,
    variables: { ...queue, limit: 'param/claim_limit' },
    allow: ['POST'],
    posts: ['application/json'],
  },
  patch_claim: { path: `${queues}/claims/{claim_id}`, variables: claim, allow: ['PATCH'], posts: ['application/json'] },
  delete_claim: { path: `${queues}/claims/{claim_id}`, variables: claim, allow: ['DELETE'] },
  ping: { path: '/ping', allow: ['GET', 'HEAD'] },
}

const v2: Readonly<Record<string, Resource>> = {
  ...v1_1,
  queue: { path: queues, variables: queue, allow: ['GET', 'PUT', 'PATCH', 'DELETE'] },
  purge: { path: `${queues}/purge`, variables: queue, allow: ['POST'], posts: ['application/json'] },
  share: { path: `${queues}/share`, variables: queue, allow: ['POST'], posts: ['application/json'] },
  subscriptions: {
    path: `${queues}/subscriptions{?marker,limit}`,
    variables: { ...queue, ...paged('subscription') },
    allow: ['GET', 'POST'],
    posts: ['application/json'],
  },
  subscription: {
    path: `${queues}/subscriptions/{subscription_id}`,
    variables: subscription,
    allow: ['GET', 'PATCH', 'DELETE'],
  },
}

const resources: Readonly<Record<Version, Readonly<Record<string, Resource>>>> = { v1, 'v1.1': v1_1, v2 }

const document = (version: Version, base: string): string =>
  json({
    resources: Object.fromEntries(
      Object.entries(resources[version]).map(([name, { path, variables = {}, allow, posts }]) => [
        `rel/${name}`,
        {
          'href-template': base + path,
          'href-vars': variables,
          hints: { allow, formats: { 'application/json': {} }, ...(posts && { 'accept-post': posts }) },
        },
      ]),
    ),
  })

export const home: Operation = {
  name: 'home',
  summary: 'Where everything is, for clients that find their way by themselves.',
  method: 'GET',
  path: '',
  versions: allVersions,
  access: 'anyone',
  run: ({ version, base }) => ({
    status: 200,
    content: document(version, base),
    type: 'application/json-home',
    headers: ['Cache-Control', 'max-age=86400'],
  }),
}

/** What `GET /` says of this API: the versions, for clients that look for the newest they know. */
export const versionList = () => ({
  versions: [
    versionEntry('1', 'DEPRECATED', 'v1'),
    versionEntry('1.1', 'DEPRECATED', 'v1_1', '/v1.1/'),
    versionEntry('2', 'CURRENT', 'v2'),
  ],
})

const versionEntry = (id: string, status: string, type: string, href = `/v${id}/`) => ({
  id,
  status,
  updated: '2014-09-24T04:06:47Z',
  'media-types': [{ base: 'application/json', type: `application/vnd.openstack.messaging-${type}+json` }],
  links: [{ href, rel: 'self' }],
})
