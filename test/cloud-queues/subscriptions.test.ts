import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unfinished } from '../../src/core/queue.ts'
import { startStanding } from './harness.ts'

const url = 'http://127.0.0.1:9/hook'
const all = '/v2/queues/q/subscriptions'

test('a subscription is made, with its queue, found, changed, confirmed, listed and ended', async (t) => {
  const { ask, advance } = await startStanding(t)
  const made = await ask(201, 'POST', all, {
    body: { subscriber: url, ttl: 300, options: { post_headers: { 'X-Key': '7' } } },
  })
  const { subscription_id: id } = made.json
  assert.match(id, /^\w+$/)
  assert.equal(made.headers.get('location'), all)
  await advance(7)
  const one = {
    id,
    source: 'q',
    subscriber: url,
    ttl: 300,
    age: 7,
    options: { post_headers: { 'X-Key': '7' } },
    confirmed: true,
  }
  assert.deepEqual((await ask(200, 'GET', `${all}/${id}`)).json, one)
  assert.equal((await ask(409, 'POST', all, { body: { subscriber: url } })).json.title, 'Resource conflict')

  await ask(204, 'PUT', `${all}/${id}/confirm`, { body: { confirmed: false } })
  assert.equal((await ask(200, 'GET', `${all}/${id}`)).json.confirmed, false)
  assert.equal((await ask(201, 'POST', all, { body: { subscriber: url } })).json.subscription_id, id)
  await ask(204, 'PUT', `${all}/${id}/confirm`, { body: { confirmed: true } })
  for (const body of [{}, { confirmed: 1 }, []]) await ask(400, 'PUT', `${all}/${id}/confirm`, { body })

  const second = (await ask(201, 'POST', all, { body: { subscriber: `${url}/2` } })).json.subscription_id
  assert.equal((await ask(200, 'GET', `${all}/${second}`)).json.ttl, 3600)
  await ask(409, 'PATCH', `${all}/${second}`, { body: { subscriber: url } })
  await ask(204, 'PATCH', `${all}/${second}`, { body: { subscriber: `${url}/3` } })
  await ask(204, 'PATCH', `${all}/${id}`, { body: { ttl: 60, options: {} } })
  assert.deepEqual((await ask(200, 'GET', `${all}/${id}`)).json, { ...one, ttl: 60, age: 0, options: {} })
  const third = (await ask(201, 'POST', all, { body: { subscriber: `${url}/2` } })).json.subscription_id
  assert.notEqual(third, second)
  const page = (await ask(200, 'GET', `${all}?limit=2`)).json
  const rest = (await ask(200, 'GET', page.links[0].href)).json
  assert.deepEqual(
    [...page.subscriptions, ...rest.subscriptions].map((subscription: { id: string }) => subscription.id),
    [id, second, third].sort(),
  )
  assert.deepEqual((await ask(200, 'GET', rest.links[0].href)).json, { subscriptions: [], links: [] })

  await advance(60)
  await ask(404, 'GET', `${all}/${id}`)
  await ask(204, 'DELETE', `${all}/${second}`)
  await ask(204, 'DELETE', `${all}/${second}`)
  for (const [method, more] of [
    ['GET', {}],
    ['PATCH', { body: {} }],
  ] as const)
    await ask(404, method, `${all}/${second}`, more)
  await ask(204, 'POST', '/v2/queues/q/purge', { body: { resource_types: ['subscriptions'] } })
  assert.deepEqual((await ask(200, 'GET', all)).json, { subscriptions: [], links: [] })
})

test('of changes that come at once none undoes another', async (t) => {
  const { ask } = await startStanding(t)
  const { subscription_id: id } = (await ask(201, 'POST', all, { body: { subscriber: url } })).json
  await Promise.all([
    ask(204, 'PATCH', `${all}/${id}`, { body: { ttl: 600 } }),
    ask(204, 'PUT', `${all}/${id}/confirm`, { body: { confirmed: false } }),
    ask(204, 'PATCH', `${all}/${id}`, { body: { options: { post_headers: { 'X-Key': '7' } } } }),
  ])
  const { ttl, confirmed, options } = (await ask(200, 'GET', `${all}/${id}`)).json
  assert.deepEqual([ttl, confirmed, options], [600, false, { post_headers: { 'X-Key': '7' } }])

  const headers = { 'Content-Type': 'application/openstack-messaging-v2.0-json-patch' }
  const add = (key: string) =>
    ask(200, 'PATCH', '/v2/queues/q', {
      raw: JSON.stringify([{ op: 'add', path: `/metadata/${key}`, value: key }]),
      headers,
    })
  const keys = ['a', 'b', 'c', 'd', 'e']
  await Promise.all(keys.map(add))
  const metadata = (await ask(200, 'GET', '/v2/queues/q')).json
  for (const key of keys) assert.equal(metadata[key], key)
})

test('what is no subscription is refused', async (t) => {
  const { ask } = await startStanding(t)
  for (const body of [
    {},
    [],
    { subscriber: 7 },
    { subscriber: '' },
    { subscriber: 'ftp://example.com' },
    { subscriber: 'http://' },
    { subscriber: 'http://user:secret@example.com/' },
    { subscriber: 'mailto:a@example.com' },
    { subscriber: 'trust+ftp://example.com' },
    { subscriber: 'trust+https://' },
    { subscriber: url, ttl: 59 },
    { subscriber: url, ttl: '60' },
    { subscriber: url, ttl: 1e12 },
    { subscriber: url, options: [] },
    { subscriber: url, options: { post_headers: { a: 1 } } },
    { subscriber: url, options: { post_headers: { 'Content-Length': '1' } } },
    { subscriber: url, options: { post_data: 7 } },
  ]) {
    await ask(400, 'POST', all, { body })
  }
  await ask(400, 'POST', all)
  assert.deepEqual((await ask(200, 'GET', all)).json.subscriptions, [])
  await ask(404, 'GET', `${all}/x`)
  await ask(404, 'PUT', `${all}/x/confirm`, { body: { confirmed: true } })
  await ask(405, 'POST', `${all}/x/confirm`, { body: {} })
})

test('a mailbox can subscribe where the server has a mail server to send through', async (t) => {
  const { ask } = await startStanding(t, { push: { mailServer: 'smtp://127.0.0.1:9', mailFrom: 'q@example.com' } })
  const options = { subject: 'Backups & more', from: 'desk@example.com' }
  const subscriber = 'mailto:ops@example.com'
  const { subscription_id: id } = (await ask(201, 'POST', all, { body: { subscriber, options } })).json
  const shown = (await ask(200, 'GET', `${all}/${id}`)).json
  assert.deepEqual([shown.subscriber, shown.options, shown.confirmed], [subscriber, options, true])
  await ask(409, 'POST', all, { body: { subscriber } })
  for (const bad of ['mailto:', 'mailto:a@example.com,b@example.com', 'mailto:a@example.com?bcc=b@example.com']) {
    await ask(400, 'POST', all, { body: { subscriber: bad } })
  }
  for (const bad of [{ subject: 'x\ny' }, { from: 'a\r\nBcc: b@example.com' }]) {
    await ask(400, 'POST', all, { body: { subscriber: 'mailto:b@example.com', options: bad } })
  }
})

test('without one the refusal says how to have one', async (t) => {
  const { ask } = await startStanding(t)
  const refused = await ask(400, 'POST', all, { body: { subscriber: 'mailto:ops@example.com' } })
  assert.match(refused.json.description, /push\.mailServer/)
})

test('a subscriber that is not reached keeps nobody else from the messages', async (t) => {
  const { ask, server } = await startStanding(t)
  await ask(201, 'POST', all, { body: { subscriber: url } })
  await ask(201, 'POST', '/v2/queues/q/messages', { body: { messages: [{ body: 1 }] } })
  const [claimed] = (await ask(201, 'POST', '/v2/queues/q/claims')).json.messages
  await ask(204, 'DELETE', claimed.href)
  assert.deepEqual((await ask(200, 'GET', '/v2/queues/q/messages?echo=true')).json.messages, [])
  assert.equal((await ask(200, 'GET', '/v2/queues/q/stats')).json.messages.total, 0)
  const { groups } = await server.engine.getQueue({ account: 'project', queue: 'q' })
  const counts = groups.find(({ kind }) => kind === 'subscriber')?.counts
  assert.equal(counts && unfinished(counts), 1, 'it is still to be told')
})

test('a queue’s policy of repeats counts for its subscriptions from when it is set', async (t) => {
  const { ask, server } = await startStanding(t)
  const none = { retries_with_no_delay: 0, minimum_delay_retries: 0, maximum_delay_retries: 0, maximum_delay: 5 }
  await ask(201, 'POST', all, { body: { subscriber: url } })
  await ask(201, 'POST', all, { body: { subscriber: `${url}/own`, options: { _retry_policy: none } } })
  const repeats = async () => {
    const { groups } = await server.engine.getQueue({ account: 'project', queue: 'q' })
    const targets = groups.flatMap(({ subscription }) => subscription?.push ?? [])
    return Object.fromEntries(targets.map(({ url: to, retries }) => [to, retries?.max]))
  }
  assert.deepEqual(await repeats(), { [url]: 13, [`${url}/own`]: 0 })
  const type = { 'Content-Type': 'application/openstack-messaging-v2.0-json-patch' }
  const set = async (value: object) =>
    ask(200, 'PATCH', '/v2/queues/q', { body: [{ op: 'add', path: '/metadata/_retry_policy', value }], headers: type })
  await set({ ...none, retries_with_no_delay: 2 })
  assert.deepEqual(await repeats(), { [url]: 2, [`${url}/own`]: 0 })
  await set({ ...none, retries_with_no_delay: 2, ignore_subscription_override: true })
  assert.deepEqual(await repeats(), { [url]: 2, [`${url}/own`]: 2 })
})
