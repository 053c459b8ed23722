// The routed service: what the queue's configuration names, called with each message.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fakeClock, memoryStore } from '../../src/testing/index.ts'
import { chosenStore } from '../postgres/chosen.ts'
import { settled } from '../server/standing.ts'
import { codes, type Json, queueId, sessionKey, shop, start } from './harness.ts'

interface Call {
  readonly request: IncomingMessage
  readonly body: string
  readonly answer: ServerResponse
}

/** A service that leaves each call open until the test has answered it. */
const startService = async (t: TestContext) => {
  const calls: Call[] = []
  const waiting: ((call: Call) => void)[] = []
  const service = createServer((request, answer) => {
    void text(request).then((body) => {
      const call = { request, body, answer }
      const next = waiting.shift()
      if (next) next(call)
      else calls.push(call)
    })
  }).listen(0, '127.0.0.1')
  await once(service, 'listening')
  t.after(() => {
    service.closeAllConnections()
    service.close()
  })
  return {
    url: `http://127.0.0.1:${(service.address() as AddressInfo).port}/welcome`,
    calls,
    next: () => {
      const call = calls.shift()
      return call ? Promise.resolve(call) : new Promise<Call>((resolve) => waiting.push(resolve))
    },
  }
}

const withService = (push: object, more: object = {}) => ({
  ...shop,
  push: { allowPrivateTargets: true },
  queues: [{ account: 'shop', name: 'sendWelcomeEmail', settings: { publicId: queueId, push, ...more } }],
})

type Client = ReturnType<Awaited<ReturnType<typeof start>>['client']>

const statusOf = async ({ queue }: Client, id: string): Promise<Json> => (await queue.getMessageStatus(id)).info

/** Until it is completed, or has errors. */
const final = async (client: Client, id: string): Promise<Json> => {
  for (;;) {
    const info = await statusOf(client, id)
    if (info.completedAt !== undefined) return info
    await nextTurn()
  }
}

test('the service gets the message as it was sent, and its answer is the status', async (t) => {
  const service = await startService(t)
  const { client } = await start(t, withService({ url: service.url }))
  const app = client(sessionKey)
  await app.auth.signUpWithEmail('rooby@example.com', 'secret')
  const { info } = await app.queue.submitMessage('sendWelcomeEmail', { name: 'Rooby', email: 'rooby@example.com' })
  const id = info?.messageId ?? ''
  assert.equal(info?.status, 'pending')
  const { request, body, answer } = await service.next()
  assert.equal(body, '{"name":"Rooby","email":"rooby@example.com"}')
  const { headers } = request
  assert.deepEqual(
    [headers['x-message-id'], headers['x-queue-id'], headers['x-queue-name'], headers['x-attempt']],
    [id, queueId, 'sendWelcomeEmail', '1'],
  )
  assert.equal(headers['x-submitted-at'], info?.submittedAt)
  assert.match(String(headers['content-type']), /^application\/json/)
  for (const secret of [sessionKey, app.auth.getSession()?.token ?? 'mru_']) {
    assert.equal(JSON.stringify(headers).includes(secret), false)
  }
  const processing = await statusOf(app, id)
  assert.deepEqual([processing.status, processing.completedAt], ['processing', undefined])
  answer.end('done')
  const completed = await final(app, id)
  assert.deepEqual(completed, {
    ...info,
    status: 'completed',
    startedAt: processing.startedAt,
    completedAt: completed.completedAt,
  })
})

test('a service that fails leaves errors, which tell what it answered', async (t) => {
  const service = await startService(t)
  const { client } = await start(t, withService({ url: service.url, timeoutMs: 300 }))
  const app = client()
  const submit = async () => (await app.queue.submitMessage(queueId, { a: 1 })).info?.messageId ?? ''
  const refused = await submit()
  ;(await service.next()).answer.writeHead(500).end('no such customer')
  const failed = await final(app, refused)
  assert.equal(failed.status, 'errors')
  assert.deepEqual(failed.errors, {
    errors: [
      {
        origin: 'client_error',
        code: 'queue_execution_error',
        message: "The service of queue 'sendWelcomeEmail' answered with status 500.",
        details: { status: 500, body: 'no such customer' },
      },
    ],
  })
  const redirected = await submit()
  ;(await service.next()).answer.writeHead(302, { Location: '/elsewhere' }).end()
  assert.equal((await final(app, redirected)).errors.errors[0].details.status, 302)
  const late = await submit()
  await service.next()
  const timedOut = await final(app, late)
  assert.deepEqual([codes(timedOut.errors), timedOut.errors.errors[0].origin], [['request_timed_out'], 'server_error'])
  const cut = await submit()
  ;(await service.next()).answer.destroy()
  const broken = await final(app, cut)
  assert.deepEqual(codes(broken.errors), ['queue_execution_error'])
  assert.equal(typeof broken.errors.errors[0].details.reason, 'string')
  assert.equal(service.calls.length, 0, 'each was called once')
})

test('a message that is not as its queue declares it is refused, with an entry for each field', async (t) => {
  const input = {
    fields: [
      { name: 'name', type: 'text', required: true },
      { name: 'email', type: 'email', required: true },
      { name: 'age', type: 'integer' },
      { name: 'tags', type: 'text', list: true },
      { name: 'address', type: 'object', fields: [{ name: 'city', type: 'text', required: true }] },
    ],
  }
  const { client, native } = await start(t, {
    ...shop,
    queues: [{ account: 'shop', name: 'sendWelcomeEmail', settings: { input } }],
  })
  const { queue } = client()
  const good = { name: 'Rooby', email: 'r@example.com', age: null, tags: [], address: { city: 'Bonn' }, more: 1 }
  assert.equal((await queue.submitMessage('sendWelcomeEmail', good)).errors, null)
  const { info, errors } = await queue.submitMessage('sendWelcomeEmail', { name: 7, age: '5', address: {} })
  assert.equal(info, null)
  assert.equal(errors?.status, 400)
  const items = (errors as Json).items as Json[]
  assert.deepEqual(items.map(({ code, details }) => `${code} ${details.field} ${details.rule}`).sort(), [
    'validation_error address.city required',
    'validation_error age type',
    'validation_error email required',
    'validation_error name type',
  ])
  assert.equal((await native('GET', '/queues/sendWelcomeEmail')).messages, 1, 'nothing was queued')
})

test('how long a status is told is a setting', async (t) => {
  const clock = fakeClock(Date.UTC(2030, 0, 1))
  const { client } = await start(t, { ...shop, limits: { historyMs: 60_000 } }, { clock, store: memoryStore() })
  const app = client()
  const { info } = await app.queue.submitMessage('sendWelcomeEmail', {})
  const id = info?.messageId ?? ''
  clock.advance(59_999)
  assert.equal((await statusOf(app, id)).status, 'pending')
  clock.advance(1)
  assert.deepEqual(await app.queue.getMessageStatus(id), { info: null, errors: null })
})

test('delays of weeks and months are kept to the millisecond, and the status is told for seven days', async (t) => {
  const clock = fakeClock(Date.UTC(2030, 0, 1))
  const day = 86_400
  const store = await chosenStore(memoryStore)
  const { client, native } = await start(t, shop, { clock, store })
  const app = client()
  const advanceTo = async (at: number) => {
    clock.advanceTo(at)
    await settled(store)
  }
  const begun = clock.now()
  const delays = [0.25, 3 * day, 8 * day, 25 * day + 0.001, 180 * day]
  const ids = new Map<number, string>()
  for (const delay of delays) {
    const { info } = await app.queue.submitMessage('sendWelcomeEmail', { delay }, delay)
    assert.equal((info as Json).delay, delay)
    ids.set(delay, info?.messageId ?? '')
  }
  const ready = async () => (await native('POST', '/queues/sendWelcomeEmail/receive')).messages[0]
  for (const delay of delays) {
    await advanceTo(begun + delay * 1000 - 1)
    assert.equal(await ready(), undefined, `${delay} s, never earlier`)
    const id = ids.get(delay) ?? ''
    const inTime = delay * 1000 - 1 < 7 * day * 1000
    assert.equal((await statusOf(app, id))?.status, inTime ? 'pending' : undefined)
    await advanceTo(begun + delay * 1000)
    const message = await ready()
    assert.deepEqual([message?.id, message?.body], [id, { delay }])
    await native('DELETE', `/queues/sendWelcomeEmail/receipts/${message.receiptHandle}`)
    const info = await statusOf(app, id)
    assert.equal(info?.status, inTime ? 'completed' : undefined)
    if (inTime) assert.equal(info.startedAt, new Date(begun + delay * 1000).toISOString())
  }
  const { info } = await app.queue.submitMessage('sendWelcomeEmail', {})
  const last = info?.messageId ?? ''
  await advanceTo(clock.now() + 7 * day * 1000 - 1)
  assert.equal((await statusOf(app, last)).status, 'pending')
  await advanceTo(clock.now() + 1)
  assert.deepEqual(await app.queue.getMessageStatus(last), { info: null, errors: null })
  assert.equal((await ready())?.id, last, 'though its status is told no more')
})
