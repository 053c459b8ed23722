// The worker protocol as a worker in another language meets it: JSON over HTTP, and nothing else.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { fakeClock, memoryStore } from '../../src/testing/index.ts'
import { chosenStore } from '../postgres/chosen.ts'
import { accountNamed, startTestServer, tokenOf } from '../server/harness.ts'
import { advanceClock } from '../server/standing.ts'

const minute = 60_000
const hour = 60 * minute
const base64 = (text: string) => Buffer.from(text).toString('base64')

const start = async (t: TestContext, file: object = {}) => {
  const clock = fakeClock()
  const store = await chosenStore(memoryStore)
  const server = await startTestServer(t, file, { store, clock })
  const advance = (ms: number) => advanceClock(clock, store, ms)
  const post = async (path: string, body: unknown = {}, options: { token?: string; raw?: string } = {}) => {
    const answer = await fetch(`${server.url}/worker/v1${path}`, {
      method: 'POST',
      body: options.raw ?? JSON.stringify(body),
      headers: options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` },
    })
    // biome-ignore lint/suspicious/noExplicitAny: the tests look into whatever was answered.
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any }
  }
  const create = (queue: string, settings: object = {}) =>
    server.call('PUT', `/queues/${queue}?preset=worker`, { body: settings })
  const code = async (asked: ReturnType<typeof post>) => {
    const { status, body } = await asked
    assert.deepEqual(Object.keys(body.error), ['code', 'message'])
    return `${status} ${body.error.code}`
  }
  return { clock, advance, server, post, create, code }
}

test('a message is sent, dequeued, put aside, dequeued again and processed', async (t) => {
  const { clock, advance, server, post, create } = await start(t)
  await create('results')
  const sent = await post('/queues/results/messages', {
    body: base64('{"sample":7}'),
    contentType: 'application/json',
    metadata: { ward: 'north' },
  })
  assert.equal(sent.status, 201)
  assert.ok(Number.isInteger(sent.body.dbKey))

  const first = await post('/queues/results/dequeue', { max: 8, waitSeconds: 20, holdSeconds: 60, worker: 'host-4711' })
  const [message] = first.body.messages
  const { lock, ...rest } = message
  assert.deepEqual(rest, {
    id: sent.body.id,
    type: 'Q',
    body: base64('{"sample":7}'),
    contentType: 'application/json',
    metadata: { ward: 'north' },
    queuedAt: new Date(clock.now()).toISOString(),
    attempts: 1,
    reprocessCount: 0,
  })
  const settle = { lock, outcome: 'reprocess', delayMs: minute, events: [{ severity: 'info', text: 'answered 425' }] }
  const delayed = await post(`/messages/${message.id}/settle`, settle)
  const expected = { type: 'D', reprocessCount: 1, reprocessAt: new Date(clock.now() + minute).toISOString() }
  assert.deepEqual([delayed.status, delayed.body], [200, expected])
  assert.deepEqual((await post(`/messages/${message.id}/settle`, settle)).body, expected, 'counted once')
  assert.deepEqual((await post('/queues/results/dequeue')).body, { messages: [] })

  const waiting = post('/queues/results/dequeue', { waitSeconds: 600 })
  await server.call('GET', '/queues/results')
  await advance(minute)
  const [again] = (await waiting).body.messages
  assert.deepEqual([again.id, again.attempts, again.reprocessCount], [message.id, 2, 1])
  assert.notEqual(again.lock, lock)
  const renewed = await post(`/messages/${again.id}/renew`, { lock: again.lock, holdSeconds: 90 })
  assert.deepEqual(renewed.body, { heldUntil: new Date(clock.now() + 90_000).toISOString() })
  const done = await post(`/messages/${again.id}/settle`, { lock: again.lock, outcome: 'processed', outbound: 'sent' })
  assert.deepEqual(done.body, { type: 'P', reprocessCount: 1, reprocessAt: null })
  const { body: status } = await server.call('GET', `/messages/${message.id}`)
  assert.deepEqual(
    status.steps.map(({ from, to, text }: { from: string; to: string; text?: string }) => text ?? `${from}${to}`),
    ['answered 425', 'QD', 'DQ', 'QP'],
  )
})

test('each outcome leaves its type', async (t) => {
  const { clock, server, post, create } = await start(t)
  await create('q')
  const expected: readonly (readonly [object, string, string])[] = [
    [{ outcome: 'processed' }, 'P', 'finished'],
    [{ outcome: 'filtered', reason: 'spam' }, 'F', 'finished'],
    [{ outcome: 'errored', events: [{ severity: 'error', text: 'broken' }] }, 'E', 'finished'],
    [{ outcome: 'cancelled' }, 'Q', 'ready'],
    [{ outcome: 'retry', delayMs: 1000 }, 'Q', 'delayed'],
    [{ outcome: 'retry' }, 'Q', 'delayed'],
    [{ outcome: 'reprocess', delayMs: 0 }, 'Q', 'ready'],
  ]
  for (const [outcome, type, state] of expected) {
    const { id } = (await post('/queues/q/messages', { body: base64('x') })).body
    let taken: { id: string; lock: string } | undefined
    while (taken?.id !== id) [taken] = (await post('/queues/q/dequeue')).body.messages
    const settled = await post(`/messages/${id}/settle`, { lock: taken?.lock, ...outcome })
    assert.deepEqual([settled.status, settled.body.type], [200, type], JSON.stringify(outcome))
    const { body } = await server.call('GET', `/queues/q/messages/${id}`)
    assert.deepEqual([body.type, body.state], [type, state], JSON.stringify(outcome))
    if (type === 'E') assert.equal(body.reason, 'broken')
    if (state === 'delayed') assert.ok(body.visibleAt > clock.now())
    await server.call('DELETE', `/queues/q/messages/${id}`)
  }
})

test('an old lock is lost, and changes nothing', async (t) => {
  const { advance, post, create, code } = await start(t)
  await create('q')
  const { id } = (await post('/queues/q/messages', { body: base64('x') })).body
  const [old] = (await post('/queues/q/dequeue', { holdSeconds: 1 })).body.messages
  await advance(1000)
  const [latest] = (await post('/queues/q/dequeue')).body.messages
  assert.equal(latest.attempts, 2)
  for (const lock of [old.lock, 'nonsense', `${latest.lock}.x`, '']) {
    assert.equal(await code(post(`/messages/${id}/settle`, { lock, outcome: 'processed' })), '409 lock_lost', lock)
    assert.equal(await code(post(`/messages/${id}/renew`, { lock })), '409 lock_lost', lock)
  }
  const other = '0'.repeat(24)
  assert.equal(
    await code(post(`/messages/${other}/settle`, { lock: latest.lock, outcome: 'processed' })),
    '409 lock_lost',
  )
  const settled = await post(`/messages/${id}/settle`, { lock: latest.lock, outcome: 'errored' })
  assert.equal(settled.body.type, 'E')
  assert.equal(await code(post(`/messages/${id}/settle`, { lock: latest.lock, outcome: 'processed' })), '409 lock_lost')
})

test('what cannot be is refused in the words of the protocol', async (t) => {
  const { post, create, code, server } = await start(t)
  await create('line', { ordering: 'ordered' })
  await post('/queues/line/messages', { body: base64('x') })
  const [message] = (await post('/queues/line/dequeue')).body.messages
  const settle = (more: object) => post(`/messages/${message.id}/settle`, { lock: message.lock, ...more })
  assert.equal(await code(settle({ outcome: 'reprocess', delayMs: 5 })), '409 ordered_queue')
  for (const delayMs of [-1, 0.5, 1e15, undefined]) {
    assert.equal(await code(settle({ outcome: 'reprocess', delayMs })), '400 bad_request', String(delayMs))
  }
  assert.equal(await code(settle({ outcome: 'vanished' })), '400 bad_request')
  assert.equal(await code(settle({})), '400 bad_request')
  for (const raw of [
    '{',
    '[]',
    '"x"',
    'null',
    '{"max":0}',
    '{"max":1001}',
    '{"maximum":1}',
    '\ud800',
    '{"worker":"\\ud800"}',
  ]) {
    assert.equal(await code(post('/queues/line/dequeue', {}, { raw })), '400 bad_request', raw)
  }
  assert.equal(await code(post('/queues/line/messages', { body: 'no base64!' })), '400 bad_request')
  assert.equal(await code(post('/queues/line/messages', { body: base64('x'.repeat(2_000_000)) })), '413 too_large')
  assert.equal(await code(post('/queues/line/messages', {}, { raw: 'x'.repeat(9_000_000) })), '413 too_large')
  assert.equal(await code(post('/nothing/here')), '404 not_found')
  assert.equal(await code(post('/queues/line/dequeue', { group: 'none' })), '404 not_found')
  const get = await fetch(`${server.url}/worker/v1/queues/line/dequeue`)
  assert.deepEqual([get.status, get.headers.get('allow')], [405, 'POST'])
})

test('each call needs its scope, and none of them brings a delayed message back', async (t) => {
  const { server, post, code } = await start(t, {
    accounts: [
      accountNamed(
        'acme',
        { id: 's', secret: 'a-long-secret-of-s', scopes: ['send'] },
        { id: 'r', secret: 'a-long-secret-of-r', scopes: ['receive'], queues: ['q'] },
      ),
    ],
    queues: [{ name: 'q', settings: { keepFinished: 'message' } }],
  })
  const [s, r] = [{ token: tokenOf('s') }, { token: tokenOf('r') }]
  assert.equal(await code(post('/queues/q/dequeue')), '401 unauthorized')
  assert.equal(await code(post('/queues/q/dequeue', {}, { token: 'mr_x_y' })), '401 unauthorized')
  assert.equal(await code(post('/queues/q/dequeue', {}, s)), '403 forbidden')
  assert.equal(await code(post('/queues/other/dequeue', {}, r)), '403 forbidden')
  assert.equal(await code(post('/queues/q/messages', { body: '' }, r)), '403 forbidden')
  const { id } = (await post('/queues/q/messages', { body: base64('x') }, s)).body
  const [message] = (await post('/queues/q/dequeue', {}, r)).body.messages
  assert.equal(
    await code(post(`/messages/${id}/settle`, { lock: message.lock, outcome: 'processed' }, s)),
    '403 forbidden',
  )
  await post(`/messages/${id}/settle`, { lock: message.lock, outcome: 'reprocess', delayMs: hour }, r)
  for (const outcome of ['processed', 'filtered', 'errored', 'cancelled', 'retry']) {
    assert.equal(
      await code(post(`/messages/${id}/settle`, { lock: message.lock, outcome }, r)),
      '409 lock_lost',
      outcome,
    )
  }
  assert.equal(await code(post(`/messages/${id}/renew`, { lock: message.lock }, r)), '409 lock_lost')
  const { body } = await server.call('GET', `/queues/q/messages/${id}`, { token: tokenOf('acme') })
  assert.deepEqual([body.type, body.reprocessCount], ['D', 1])
})

test('a client that goes away while it waits takes nothing', async (t) => {
  const { server, post, create } = await start(t)
  await create('q')
  const away = new AbortController()
  const url = `${server.url}/worker/v1/queues/q/dequeue`
  const waiting = fetch(url, { method: 'POST', body: '{"waitSeconds":600,"worker":"gone"}', signal: away.signal })
  const workers = async () => (await server.call('GET', '/queues/q/workers')).body.workers
  while ((await workers())[0]?.waiting !== 1) await server.call('GET', '/queues/q')
  away.abort()
  await assert.rejects(waiting)
  while ((await workers())[0]?.waiting !== 0) await server.call('GET', '/queues/q')
  const { id } = (await post('/queues/q/messages', { body: base64('x') })).body
  const [message] = (await post('/queues/q/dequeue')).body.messages
  assert.deepEqual([message.id, message.attempts], [id, 1])
})
