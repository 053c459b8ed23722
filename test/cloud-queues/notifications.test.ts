// Subscribers are called for what is posted: a real server calls a real one.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { startMailServer } from '../push/mail-server.ts'
import { startTestServer } from '../server/harness.ts'
import { bodies, caller, expecting } from './harness.ts'

interface Called {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A subscriber that answers with these statuses, one after the other, and the last for all that follow. */
const startSubscriber = async (t: TestContext, ...statuses: number[]) => {
  const calls: Called[] = []
  let waiting: (() => void)[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const piece of request) body += String(piece)
    calls.push({ headers: request.headers, body })
    response.writeHead(statuses[calls.length - 1] ?? statuses.at(-1) ?? 200).end()
    for (const wake of waiting) wake()
    waiting = []
  }
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const until = async (count: number): Promise<readonly Called[]> => {
    while (calls.length < count) await new Promise<void>((wake) => waiting.push(wake))
    return calls
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, until }
}

test('each message is told to each subscriber, and stays in the queue', async (t) => {
  const { url } = await startTestServer(t)
  const ask = expecting(caller(url))
  const plain = await startSubscriber(t, 204)
  const own = await startSubscriber(t, 404)
  await ask(201, 'POST', '/v2/queues/q/subscriptions', { body: { subscriber: plain.url } })
  const options = {
    post_headers: { 'X-Key': 'secret', 'Content-Type': 'application/x-own' },
    post_data: '{"text":"$zaqar_message$"}',
  }
  await ask(201, 'POST', '/v2/queues/q/subscriptions', { body: { subscriber: own.url, options } })
  await ask(201, 'POST', '/v2/queues/q/messages', { raw: '{"messages":[{"body":{"n": 1.0},"ttl":60}]}' })
  const told = '{"body":{"n": 1.0},"ttl":60,"queue_name":"q","Message_Type":"Notification"}'
  const [first] = await plain.until(1)
  assert.equal(first?.body, told)
  assert.equal(first?.headers['content-type'], 'application/json')
  const [second] = await own.until(1)
  assert.equal(second?.body, `{"text":${told}}`)
  assert.deepEqual([second?.headers['x-key'], second?.headers['content-type']], ['secret', 'application/x-own'])
  assert.deepEqual(bodies((await ask(200, 'GET', '/v2/queues/q/messages?echo=true')).json.messages), [{ n: 1 }])
})

test('a subscriber that fails is called again, and one that is not confirmed not before it is', async (t) => {
  const { url } = await startTestServer(t)
  const ask = expecting(caller(url))
  const subscriber = await startSubscriber(t, 500, 503, 200)
  const subscriptions = '/v2/queues/q/subscriptions'
  const { subscription_id: id } = (await ask(201, 'POST', subscriptions, { body: { subscriber: subscriber.url } })).json
  await ask(204, 'PUT', `${subscriptions}/${id}/confirm`, { body: { confirmed: false } })
  await ask(201, 'POST', '/v2/queues/q/messages', { body: { messages: [{ body: 'late' }] } })
  await ask(204, 'PUT', `${subscriptions}/${id}/confirm`, { body: { confirmed: true } })
  const calls = await subscriber.until(3)
  assert.deepEqual(new Set(calls.map(({ body }) => JSON.parse(body).body)), new Set(['late']))
})

test('a subscriber with a trust is called as any other, with what its options say', async (t) => {
  const { url } = await startTestServer(t)
  const ask = expecting(caller(url))
  const service = await startSubscriber(t, 200)
  const subscriber = `trust+${service.url}`
  const body = { subscriber, options: { post_headers: { 'X-Auth-Token': 'theirs' } } }
  const { subscription_id: id } = (await ask(201, 'POST', '/v2/queues/q/subscriptions', { body })).json
  assert.equal((await ask(200, 'GET', `/v2/queues/q/subscriptions/${id}`)).json.subscriber, subscriber)
  await ask(201, 'POST', '/v2/queues/q/messages', { body: { messages: [{ body: 'told' }] } })
  const [call] = await service.until(1)
  assert.deepEqual([JSON.parse(call?.body ?? '').body, call?.headers['x-auth-token']], ['told', 'theirs'])
})

test('a mailbox that subscribes gets each message as a mail', async (t) => {
  const mail = await startMailServer(t)
  const { url } = await startTestServer(t, { push: { mailServer: mail.url, mailFrom: 'queues@example.com' } })
  const ask = expecting(caller(url))
  const options = { subject: 'Backups', from: 'desk@example.com' }
  const body = { subscriber: 'mailto:ops@example.com', options }
  await ask(201, 'POST', '/v2/queues/q/subscriptions', { body })
  await ask(201, 'POST', '/v2/queues/q/messages', { raw: '{"messages":[{"body":{"event":"started"},"ttl":60}]}' })
  const [told] = await mail.until(1)
  const { to, text, headers } = told ?? {}
  assert.deepEqual(to, ['ops@example.com'])
  assert.deepEqual(
    ['subject', 'from', 'reply-to'].map((name) => headers?.get(name)),
    ['Backups', 'queues@example.com', 'desk@example.com'],
  )
  assert.equal(text, '{"body":{"event":"started"},"ttl":60,"queue_name":"q","Message_Type":"Notification"}')
})
