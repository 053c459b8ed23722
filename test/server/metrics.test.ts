import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { fakeClock, faultyStore, memoryStore } from '../../src/testing/index.ts'
import { accountNamed, secretOf, startTestServer, type TestServer, tokenOf } from './harness.ts'

/** Values by name and labels, as they are written. */
const scrape = async (server: TestServer, headers: Record<string, string> = {}): Promise<Map<string, number>> => {
  const answer = await server.get('/metrics', headers)
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

test('metrics tell how full queues are and how old their oldest message is', async (t) => {
  const clock = fakeClock()
  const server = await startTestServer(t, {}, { clock })
  for (let i = 0; i < 3; i++) await server.call('POST', '/queues/orders/messages', { body: i })
  await server.call('POST', '/queues/orders/messages?delayMs=60000', { body: 3 })
  await server.call('POST', '/queues/orders/receive')
  clock.advance(5000)
  const values = await scrape(server)
  const depth = (state: string) =>
    values.get(`millrace_queue_messages{account="default",queue="orders",group="default",state="${state}"}`)
  assert.deepEqual([depth('ready'), depth('leased'), depth('delayed')], [2, 1, 1])
  assert.equal(values.get('millrace_queue_oldest_message_age_seconds{account="default",queue="orders"}'), 5)
  assert.equal(values.get('millrace_queues'), 1)
})

test('only the fullest queues have numbers of their own, the rest are summed up', async (t) => {
  const server = await startTestServer(t, { metrics: { queues: 2 } })
  for (const [queue, messages] of Object.entries({ a: 1, b: 3, c: 2, d: 1 })) {
    const body = { messages: Array.from({ length: messages }, () => ({ body: 0 })) }
    assert.equal((await server.call('POST', `/queues/${queue}/messages/batch`, { body })).status, 201)
  }
  const values = await scrape(server)
  const ready = [...values].filter(([name]) => /^millrace_queue_messages.*state="ready"/.test(name))
  const byQueue = Object.fromEntries(ready.map(([name, value]) => [/queue="(.*?)"/.exec(name)?.[1], value]))
  assert.deepEqual(byQueue, { b: 3, c: 2, '': 2 })
  const counted = new Set([...values.keys()].map((name) => /^millrace_queue_verb_.*queue="(.*?)"/.exec(name)?.[1]))
  counted.delete(undefined)
  assert.deepEqual([...counted], ['a', 'b'])
})

test('metrics count what was done, commits, requests and the store', async (t) => {
  const server = await startTestServer(t)
  await server.call('POST', '/queues/q/messages', { body: 1 })
  const { body } = await server.call('POST', '/queues/q/receive')
  await server.call('DELETE', `/queues/q/receipts/${body.messages[0].receiptHandle}`)
  await server.call('GET', '/queues/none')
  const values = await scrape(server)
  const messages = (verb: string) => values.get(`millrace_messages_total{verb="${verb}",outcome="ok"}`)
  assert.deepEqual([messages('send'), messages('receive'), messages('delete')], [1, 1, 1])
  assert.equal(values.get('millrace_queue_verb_messages_total{account="default",queue="q",verb="send"}'), 1)
  assert.ok((values.get('millrace_commit_duration_seconds_count') ?? 0) >= 3)
  assert.ok((values.get('millrace_commit_units_sum') ?? 0) >= 3)
  assert.equal(values.get('millrace_commit_failures_total'), 0)
  const requests = (operation: string, status: string) =>
    values.get(
      `millrace_http_request_duration_seconds_count{door="native",operation="${operation}",status="${status}"}`,
    )
  assert.equal(requests('POST /api/v1/queues/:queue/messages', '2xx'), 1)
  assert.equal(requests('GET /api/v1/queues/:queue', '4xx'), 1)
  assert.ok((values.get('millrace_store_size_bytes') ?? 0) > 0)
  assert.ok((values.get('process_resident_memory_bytes') ?? 0) > 0)
  assert.ok(values.has('nodejs_eventloop_lag_p99_seconds'))
  assert.ok((values.get('millrace_connections') ?? 0) >= 1)
})

test('metrics tell how many receives wait, and what expired by itself', async (t) => {
  const clock = fakeClock()
  const server = await startTestServer(t, {}, { clock })
  await server.call('POST', '/queues/q/messages?retentionMs=1000', { body: 1 })
  clock.advance(2000)
  const waiting = server.call('POST', '/queues/q/receive', { body: { waitMs: 20_000 } })
  let values = await scrape(server)
  while (values.get('millrace_waiting_receives') !== 1) values = await scrape(server)
  await server.call('POST', '/queues/q/messages', { body: 2 })
  assert.equal((await waiting).body.messages.length, 1)
  values = await scrape(server)
  assert.equal(values.get('millrace_waiting_receives'), 0)
  assert.equal(values.get('millrace_messages_total{verb="expire",outcome="ok"}'), 1)
})

test('a commit that fails is counted', async (t) => {
  let isFailing = false
  const store = faultyStore(memoryStore(), () => (isFailing ? 'before-commit' : undefined))
  const server = await startTestServer(t, {}, { store })
  await server.call('POST', '/queues/q/messages', { body: 1 })
  isFailing = true
  await server.call('POST', '/queues/q/messages', { body: 1 })
  isFailing = false
  const values = await scrape(server)
  assert.equal(values.get('millrace_commit_failures_total'), 1)
  assert.equal(values.get('millrace_verbs_total{verb="send",outcome="StoreUnavailable"}'), 1)
})

test('metrics of a closed server are for its operators, unless they are public', async (t) => {
  const reader = { id: 'reader', secret: secretOf('reader'), scopes: ['receive'] }
  const accounts = [accountNamed('shop', reader)]
  const server = await startTestServer(t, { accounts })
  assert.equal((await server.get('/metrics')).status, 401)
  assert.equal((await server.get('/metrics', { Authorization: `Bearer ${tokenOf('reader')}` })).status, 401)
  await scrape(server, { Authorization: `Bearer ${tokenOf('shop')}` })
  await scrape(await startTestServer(t, { accounts, metrics: { public: true } }))
})

test('every metric stands in the documentation', async (t) => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/operating/monitoring.md'), 'utf8')
  const server = await startTestServer(t)
  const answer = await (await server.get('/metrics')).text()
  const names = [...answer.matchAll(/^# TYPE (millrace_\S+)/gm)].map(([, name]) => name)
  assert.ok(names.length > 10)
  assert.deepEqual(
    names.filter((name) => !page.includes(`\`${name}\``)),
    [],
  )
})
