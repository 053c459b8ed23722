// What php-opencloud 1.16 puts on the wire, step by step: it logs in with an API key, never sends X-Project-Id, follows Location at once, spells
// lists of ids with %2C, and takes ids out of links by `.+/([\w]+)`.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountNamed, secretOf, startTestServer } from '../server/harness.ts'
import { alice, bodies } from './harness.ts'

const userAgent = 'OpenCloud/1.16.0 Guzzle/3.9.3 cURL/7.88.1 PHP/5.6.40'

test('a session of php-opencloud', async (t) => {
  const { url } = await startTestServer(t, { accounts: [accountNamed('shop')] })
  const auth = { 'RAX-KSKEY:apiKeyCredentials': { username: 'shop', apiKey: secretOf('shop') } }
  const headers = { Accept: 'application/json', 'Content-Type': 'application/json', 'User-Agent': userAgent }
  const identity = await fetch(`${url}/v2.0/tokens`, { method: 'POST', headers, body: JSON.stringify({ auth }) })
  // biome-ignore lint/suspicious/noExplicitAny: looked into below.
  const { access } = (await identity.json()) as any
  const service = access.serviceCatalog.find(({ name }: { name: string }) => name === 'cloudQueues')
  const endpoint = service.endpoints.find(({ region }: { region: string }) => region === 'ORD').publicURL
  const send = async (method: string, path: string, body?: unknown, client: string | null = alice) => {
    const answer = await fetch(new URL(path, `${endpoint}/`), {
      method,
      headers: {
        Accept: 'application/json',
        'User-Agent': userAgent,
        'X-Auth-Token': access.token.id,
        ...(client && { 'Client-ID': client }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      location: answer.headers.get('location') ?? '',
      json: text === '' ? null : JSON.parse(text),
    }
  }
  const idOf = (href: string): string => /.+\/([\w]+)/.exec(href)?.[1] ?? ''

  // $service->createQueue('orders'), $queue->saveMetadata(), $queue->retrieveMetadata(), $service->hasQueue()
  assert.equal((await send('PUT', 'queues/orders', undefined, null)).status, 201)
  assert.equal((await send('PUT', 'queues/orders/metadata', { author: 'jamie' }, null)).status, 204)
  assert.deepEqual((await send('GET', 'queues/orders/metadata', undefined, null)).json, { author: 'jamie' })
  assert.equal((await send('HEAD', 'queues/orders', undefined, null)).status, 204)

  // $queue->createMessages(…): posts, and reads the Location, to which it adds a limit.
  const day = 86_400
  const messages = ['football', 'tennis', 'chess'].map((play) => ({ body: { play }, ttl: 2 * day }))
  const posted = await send('POST', 'queues/orders/messages', messages)
  assert.equal(posted.status, 201)
  const created = await send('GET', `${posted.location}&limit=10`)
  assert.deepEqual(
    bodies(created.json),
    messages.map(({ body }) => body),
  )

  // $queue->listMessages(array('marker' …, 'limit' => 2, 'echo' => true)) and its iterator, which follows `next` until 204.
  const walked: unknown[] = []
  let next: string | undefined = 'queues/orders/messages?limit=2&echo=true'
  while (next !== undefined) {
    const page: Awaited<ReturnType<typeof send>> = await send('GET', next)
    if (page.status === 204) break
    walked.push(...bodies(page.json.messages))
    next = page.json.links[0].href
  }
  assert.deepEqual(
    walked,
    messages.map(({ body }) => body),
  )

  // $queue->listMessages(array('ids' => $ids)), $queue->getMessage($id), $queue->deleteMessages($ids)
  const ids = created.json.map(({ href }: { href: string }) => idOf(href))
  const got = await send('GET', `queues/orders/messages?ids=${ids[0]}%2C${ids[2]}&limit=10`)
  assert.deepEqual(bodies(got.json), [{ play: 'football' }, { play: 'chess' }])
  const one = (await send('GET', `queues/orders/messages/${ids[1]}`)).json
  assert.deepEqual(Object.keys(one), ['href', 'ttl', 'age', 'body'])
  assert.deepEqual([one.ttl, one.body], [2 * day, { play: 'tennis' }])
  assert.equal((await send('DELETE', `queues/orders/messages?ids=${ids[0]}%2C${ids[2]}`, undefined, null)).status, 204)
  assert.equal((await send('GET', `queues/orders/messages?ids=${ids.join('%2C')}`)).json.length, 1)

  // $queue->claimMessages(), $claim->update(), $message->delete($claimId), $claim->delete()
  const claimed = await send('POST', 'queues/orders/claims?limit=10', { ttl: 43_200, grace: 43_200 }, null)
  assert.equal(claimed.status, 201)
  const claim = idOf(claimed.location)
  assert.equal((await send('PATCH', claimed.location, { ttl: 300, grace: 0 }, null)).status, 204)
  assert.equal((await send('GET', `queues/orders/claims/${claim}`, undefined, null)).json.ttl, 300)
  const message = idOf(claimed.json[0].href)
  assert.equal((await send('DELETE', `queues/orders/messages/${message}?claim_id`, undefined, null)).status, 403)
  assert.equal(
    (await send('DELETE', `queues/orders/messages/${message}?claim_id=${claim}`, undefined, null)).status,
    204,
  )
  assert.equal((await send('DELETE', claimed.location, undefined, null)).status, 204)
  assert.equal((await send('POST', 'queues/orders/claims', { ttl: 60, grace: 60 }, null)).status, 204)
  assert.deepEqual((await send('GET', 'queues/orders/stats', undefined, null)).json.messages, {
    claimed: 0,
    free: 0,
    total: 0,
  })
  assert.equal((await send('DELETE', 'queues/orders', undefined, null)).status, 204)
})
