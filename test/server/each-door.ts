// Every door of a server, asked by those whom the configuration lets in, and by others.

import assert from 'node:assert/strict'
import { accountNamed, tokenOf } from './harness.ts'

const project = '0123456789abcdef0123456789abcdef'
const clientKey = 'a-client-key-of-the-shop'
export const token = tokenOf(project)
/** The part of the configuration that lets them in. */
export const file = {
  metrics: { public: true },
  accounts: [accountNamed(project, { id: 'web', secret: clientKey, client: {} })],
}

interface Asked {
  readonly path: string
  readonly body: unknown
  readonly headers: Record<string, string>
  /** What it answers when all is well. */
  readonly ok: number
}

/** A send through each door, and what its errors look like. */
export const doors: Readonly<Record<string, Asked & { readonly problem: (body: Record<string, unknown>) => void }>> = {
  native: {
    path: '/api/v1/queues/q/messages/batch',
    body: { messages: [{ body: 'native' }] },
    headers: { Authorization: `Bearer ${token}` },
    ok: 201,
    problem: ({ code, status }) => assert.deepEqual([code, status], ['StoreUnavailable', 503]),
  },
  starqueue: {
    path: `/messagesend/${project}/q`,
    body: { MessageBody: Buffer.from('starqueue').toString('base64') },
    headers: { AuthToken: token },
    ok: 200,
    problem: ({ error }) => assert.equal(error, 'service unavailable'),
  },
  altogic: {
    path: '/_api/rest/v1/queue',
    body: { queueNameOrId: 'q', message: { from: 'altogic' } },
    headers: { 'X-Client-Key': clientKey },
    ok: 200,
    problem({ errors }) {
      const [{ origin, code } = {}] = errors as Record<string, unknown>[]
      assert.deepEqual([origin, code], ['server_error', 'service_unavailable'])
    },
  },
  'cloud-queues': {
    path: '/v2/queues/q/messages',
    body: { messages: [{ body: 'cloud-queues', ttl: 300 }] },
    headers: {
      'X-Auth-Token': token,
      'X-Project-ID': project,
      'Client-ID': '3381af92-2b9e-11e3-b191-71861300734c',
    },
    ok: 201,
    problem: ({ title, description }) => assert.ok(typeof title === 'string' && typeof description === 'string'),
  },
  worker: {
    path: '/worker/v1/queues/q/messages',
    body: { body: Buffer.from('worker').toString('base64') },
    headers: { Authorization: `Bearer ${token}` },
    ok: 201,
    problem: ({ error }) => assert.equal((error as { code: string }).code, 'unavailable'),
  },
  dms: {
    path: `/v1.0/${project}/queues`,
    body: { name: 'made-by-dms' },
    headers: { 'X-Auth-Token': token },
    ok: 201,
    problem: ({ code, error_code }) => assert.deepEqual([code, error_code], [10_250_002, 'DMS.10250002']),
  },
}

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

export const askDoor = (url: string, { path, body, headers }: Asked): Promise<Response> =>
  fetch(url + path, post(body, headers))

const unknownToken = 'mr_other_secret-of-it'

/** What those can ask whom nobody knows, and cannot be answered without the store. */
export const askAsStranger: Readonly<Record<string, (url: string) => Promise<Response>>> = {
  readiness: (url) => fetch(`${url}/readyz`),
  metrics: (url) => fetch(`${url}/metrics`),
  dashboard: (url) => fetch(`${url}/dashboard/session`, post({ key: unknownToken })),
  native: (url) => fetch(`${url}/api/v1/queues`, { headers: { Authorization: `Bearer ${unknownToken}` } }),
  starqueue: (url) =>
    fetch(`${url}/messagesend/${project}/q`, post({ MessageBody: 'eA==' }, { AuthToken: unknownToken })),
  worker: (url) =>
    fetch(`${url}/worker/v1/queues/q/messages`, post({ body: 'eA==' }, { Authorization: `Bearer ${unknownToken}` })),
  keystone: (url) =>
    fetch(
      `${url}/v3/auth/tokens`,
      post({ auth: { identity: { methods: ['password'], password: { user: { name: 'other', password: 'x' } } } } }),
    ),
}
