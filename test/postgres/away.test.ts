// The database is away for a while: every door says so in its own words and when to come again, loses nothing, and recovers by itself.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createClient, MillraceError } from '../../src/client/index.ts'
import { postgresStore } from '../../src/stores/postgres/index.ts'
import { accountNamed, startTestServer, tokenOf } from '../server/harness.ts'
import { untilWaiting } from '../server/standing.ts'
import { until } from './node.ts'
import { startProxy } from './proxy.ts'
import { freshUrl, withoutPostgres } from './shared.ts'

const project = '0123456789abcdef0123456789abcdef'
const clientKey = 'a-client-key-of-the-shop'
const token = tokenOf(project)
const file = {
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
const doors: Readonly<Record<string, Asked & { readonly problem: (body: Record<string, unknown>) => void }>> = {
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
    problem: (body) => assert.deepEqual(body, { error: 'service unavailable' }),
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

describe('while the database is away', withoutPostgres, () => {
  test('each door answers 503 in its own words, and when to come again; and recovers', async (t) => {
    const proxy = await startProxy(t, await freshUrl())
    const store = await postgresStore({ url: proxy.url, listen: false, retryMs: 50 })
    const { url } = await startTestServer(t, file, { store })
    const client = createClient({ url, token })
    t.after(() => client.close())
    await client.queues.create('q')
    const ask = async ({ path, body, headers }: Asked) => {
      const answer = await fetch(url + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
      return { status: answer.status, headers: answer.headers, text: await answer.text() }
    }
    const wait = client.queue('empty').receive({ waitMs: 60_000 })
    await untilWaiting(url, 1)

    proxy.cut()
    assert.equal((await fetch(`${url}/healthz`)).status, 200, 'it is no reason to restart it')
    assert.equal((await fetch(`${url}/readyz`)).status, 503)
    for (const [door, asked] of Object.entries(doors)) {
      const { status, headers, text } = await ask(asked)
      assert.equal(status, 503, `${door}: ${text}`)
      assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/, door)
      asked.problem(JSON.parse(text))
    }
    const unknown = await fetch(`${url}/api/v1/queues`, { headers: { Authorization: 'Bearer mr_other_secret-of-it' } })
    assert.equal(unknown.status, 503, 'whether there is such a key is not known')
    await assert.rejects(
      client.queue('q').receive(),
      (error) => error instanceof MillraceError && error.code === 'StoreUnavailable',
    )

    proxy.mend()
    await until(async () => (await fetch(`${url}/readyz`)).status === 200)
    for (const [door, asked] of Object.entries(doors)) {
      const { status, text } = await ask(asked)
      assert.equal(status, asked.ok, `${door}: ${text}`)
    }
    const received = await client.queue('q').receive({ maxMessages: 10 })
    assert.deepEqual(
      received.map((message) => message.text()).sort(),
      ['"cloud-queues"', '"native"', 'starqueue', 'worker', '{"from":"altogic"}'],
      'what was refused was not sent, what was not was',
    )
    // Who waited all that time is served as if nothing had been.
    await client.queue('empty').send('at last')
    assert.deepEqual(
      (await wait).map((message) => message.text()),
      ['at last'],
    )
  })
})
