import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { test } from 'node:test'
import fastify from 'fastify'
import { createEngine } from '../../core/engine.ts'
import type { QueueEngine } from '../../core/engine-api.ts'
import { Refusal } from '../../core/errors.ts'
import { createIdentity } from '../../core/identity/create-identity.ts'
import { systemClock, systemRandom } from '../../core/system.ts'
import { memoryStore } from '../../testing/index.ts'
import { starQueueDoor } from './index.ts'

/** The door over an engine in memory; `between` stands between the two. */
const start = async (
  t: { after(run: () => Promise<void>): void },
  between: (engine: QueueEngine) => Partial<QueueEngine>,
) => {
  const clock = systemClock()
  const engine = createEngine({ store: memoryStore(), clock, random: systemRandom() })
  const identity = await createIdentity({ engine, clock, randomBytes, serverKey: randomBytes(32), open: true })
  const app = fastify()
  const seen = Object.assign(Object.create(engine) as QueueEngine, engine, between(engine))
  starQueueDoor({ engine: seen, identity }).register(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.after(async () => {
    await engine.stop()
    await app.close()
  })
  const account = await identity.signUp()
  assert.ok(account)
  const { port } = app.server.address() as AddressInfo
  const call = async (name: string, fields: object) => {
    const answer = await fetch(`http://127.0.0.1:${port}/${name}/${account.account}/q`, {
      method: 'POST',
      headers: { AuthToken: account.token, 'Content-Type': 'application/json' },
      body: JSON.stringify(fields),
    })
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown>, headers: answer.headers }
  }
  return { engine, port, ...account, call }
}

test('messages that were taken for a client that has gone meanwhile are handed back as if never received', async (t) => {
  const taken = Promise.withResolvers<void>()
  let first = true
  const { port, account, token, call, engine } = await start(t, (real) => ({
    async receive({ signal, ...request }) {
      if (!first) return real.receive(request)
      first = false
      const received = await real.receive(request)
      taken.resolve()
      if (signal && !signal.aborted) await once(signal, 'abort')
      assert.equal(signal?.aborted, true)
      return received
    },
  }))
  await call('messagesend', { MessageBody: 'aGVsbG8=' })
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `POST /messagereceive/${account}/q HTTP/1.1\r\nHost: x\r\nAuthToken: ${token}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
  )
  await taken.promise
  socket.destroy()
  await once(socket, 'close')
  while ((await engine.getQueue({ account, queue: 'q' })).counts.ready === 0) await new Promise(setImmediate)
  const { json } = await call('messagereceive', {})
  const [message] = json.MessageReceiveResult as { ApproximateReceiveCount: number }[]
  assert.equal(message?.ApproximateReceiveCount, 1)
})

test('what is not the client’s fault is told from what is', async (t) => {
  const failures: Error[] = [
    new Error('a defect'),
    new Refusal('StoreUnavailable', { retryable: true }),
    new Refusal('StoreUnavailable', { retryable: false }),
    new Refusal('ShuttingDown', {}),
    new Refusal('TooManyWaiting', { limit: 1 }),
    new Refusal('GroupNotFound', { queue: 'q', group: 'default' }),
  ]
  const { call } = await start(t, () => ({
    async receive() {
      throw failures.shift() ?? new Error('no more')
    },
  }))
  const error = 'service unavailable'
  const notKnown =
    'The store is unavailable; it is not known whether this was done. See whether it was before you try again.'
  const answers = [
    [500, { error: 'server error' }, null],
    [503, { error, detail: 'The store is unavailable; nothing was done. Try again.' }, '1'],
    [503, { error, detail: notKnown }, '1'],
    [503, { error, detail: 'The server is shutting down; nothing was done. Try again shortly, or another node.' }, '1'],
    [429, { error: 'too many requests are waiting' }, '1'],
    [400, { detail: "Queue 'q' has no consumer group 'default'." }, null],
  ] as const
  for (const [status, content, retryAfter] of answers) {
    const answer = await call('messagereceive', {})
    assert.deepEqual([answer.status, answer.json, answer.headers.get('retry-after')], [status, content, retryAfter])
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
  }
})
