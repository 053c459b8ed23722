import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startTestServer } from '../server/harness.ts'
import { base64, Client } from '../starqueue/harness.ts'
import { bodies, caller, expecting, idOf } from './harness.ts'

type Json = Record<string, unknown>

/** A server with the same account behind three doors. */
const start = async (t: TestContext) => {
  const { url } = await startTestServer(t)
  const star = await Client.create(url)
  const project = star.account
  const ask = expecting(caller(url))
  const native = async (method: string, path: string, body?: string | Uint8Array, type = 'application/json') => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { 'X-Millrace-Account': project, ...(body !== undefined && { 'Content-Type': type }) },
      ...(body !== undefined && { body: Buffer.from(body) }),
    })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
    return (text === '' ? {} : JSON.parse(text)) as Json
  }
  return { star, project, ask, native }
}

test('messages posted here are received through other doors, and what is claimed here they do not get', async (t) => {
  const { star, project, ask, native } = await start(t)
  await ask(201, 'PUT', '/v1/queues/q', { project })
  const raw = '[{"ttl":60,"body":{"n" : 1.0}},{"ttl":60,"body":"two"},{"ttl":60,"body":3}]'
  const { json } = await ask(201, 'POST', '/v1/queues/q/messages', { project, raw })
  const ids = json.resources.map(idOf)
  await ask(201, 'POST', '/v1/queues/q/claims?limit=1', { project, body: { ttl: 60, grace: 60 } })
  const { messages } = await native('POST', '/queues/q/receive', '{"maxMessages":1}')
  const [message] = messages as Json[]
  assert.deepEqual([message?.id, message?.body, message?.contentType], [ids[1], 'two', 'application/json'])
  assert.deepEqual(await star.texts('q'), ['3'])
  await ask(403, 'DELETE', `/v1/queues/q/messages/${ids[1]}`, { project })
  const claim = (await ask(200, 'GET', `/v2/queues/q/messages?echo=true&include_claimed=true`, { project })).json
    .messages
  assert.deepEqual(
    claim.map(({ href }: { href: string }) => href.includes('claim_id')),
    [true, false, false],
  )
  assert.deepEqual((await ask(200, 'GET', '/v1/queues/q/stats', { project })).json.messages.claimed, 3)
  await native('DELETE', `/queues/q/receipts/${message?.receiptHandle}`)
  await ask(404, 'GET', `/v1/queues/q/messages/${ids[1]}`, { project })
  assert.equal(((await native('GET', `/messages/${ids[1]}`)).ended as Json).outcome, 'deleted')
})

test('messages of other doors are JSON as it is, text, or base64 here, with an end that can be said', async (t) => {
  const { star, project, ask, native } = await start(t)
  await native('POST', '/queues/q/messages', '{"order": 7.0}')
  await native('POST', '/queues/q/messages?retentionMs=90000', 'Grüße 🐢', 'text/plain; charset=utf-8')
  await native('POST', '/queues/q/messages', Uint8Array.of(0, 255), 'application/octet-stream')
  await native('POST', '/queues/q/messages', 'not json', 'text/plain')
  await star.send('q', 'star')
  const page = await ask(200, 'GET', '/v1/queues/q/messages', { project })
  assert.deepEqual(bodies(page.json.messages), [{ order: 7 }, 'Grüße 🐢', 'AP8=', 'not json', base64('star')])
  assert.ok(page.text.includes('"body":{"order": 7.0}'))
  assert.deepEqual(page.json.messages.map(({ ttl }: { ttl: number }) => ttl).slice(0, 2), [1_209_600, 90])
  const claim = await ask(201, 'POST', '/v1/queues/q/claims', { project, body: { ttl: 60, grace: 60 } })
  for (const { href } of claim.json) await ask(204, 'DELETE', href, { project })
  await ask(404, 'GET', '/v1/queues/q', { project })
})

test('queues of other doors are here, with their settings', async (t) => {
  const { project, ask, native } = await start(t)
  await native('PUT', '/queues/q', '{"retentionMs":600000,"delayMs":5000,"metadata":{"team":"a"},"maxMessages":1}')
  await native('PUT', '/queues/a%20b', '{}')
  const { json } = await ask(200, 'GET', '/v2/queues?detailed=true', { project })
  assert.deepEqual(
    json.queues.map(({ name }: Json) => name),
    ['q'],
    'names that this API does not have stay out',
  )
  const { team, _default_message_ttl, _default_message_delay } = json.queues[0].metadata
  assert.deepEqual([team, _default_message_ttl, _default_message_delay], ['a', 600, 5])
  await ask(201, 'POST', '/v2/queues/q/messages', { project, body: { messages: [{ body: 1 }] } })
  const full = await ask(503, 'POST', '/v2/queues/q/messages', { project, body: { messages: [{ body: 1 }] } })
  assert.equal(full.headers.get('retry-after'), '1')
  const type = { 'Content-Type': 'application/openstack-messaging-v2.0-json-patch' }
  const change = [{ op: 'add', path: '/metadata/more', value: true }]
  await ask(200, 'PATCH', '/v2/queues/q', { project, headers: type, body: change })
  const { settings } = await native('GET', '/queues/q')
  const { retentionMs, delayMs, metadata } = settings as Json
  assert.deepEqual([retentionMs, delayMs, metadata], [600_000, 5000, { team: 'a', more: true }])
})

test('a queue that reads in order, is paused, or is full of finished messages', async (t) => {
  const { project, ask, native } = await start(t)
  await native('PUT', '/queues/kept', '{"keepFinished":"message"}')
  const { json } = await ask(201, 'POST', '/v1/queues/kept/messages', { project, body: [{ ttl: 60, body: 1 }] })
  const { messages } = await native('POST', '/queues/kept/receive')
  const handle = (messages as Json[])[0]?.receiptHandle
  const entries = [{ receiptHandle: handle, action: { do: 'finish', as: 'P' } }]
  await native('POST', '/queues/kept/settle', JSON.stringify({ entries }))
  await ask(404, 'GET', json.resources[0], { project })
  await ask(204, 'GET', '/v1/queues/kept/messages?echo=true&include_claimed=true', { project })
  await native('PUT', '/queues/paused', '{"paused":true}')
  await ask(201, 'POST', '/v1/queues/paused/messages', { project, body: [{ ttl: 60, body: 1 }] })
  await ask(204, 'POST', '/v1/queues/paused/claims', { project, body: { ttl: 60, grace: 60 } })
})
