import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { startTestServer } from './harness.ts'

const connectTo = async (url: string): Promise<Socket> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  return socket
}

test('a client that takes too long to send a head or a body is cut off', async (t) => {
  const limits = { headersTimeoutMs: 100, requestTimeoutMs: 150 }
  const server = await startTestServer(t, { limits })
  for (const sent of [
    'POST /api/v1/queues/q/messages HTTP/1.1\r\nHost: localhost\r\n',
    'POST /api/v1/queues/q/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc',
  ]) {
    const socket = await connectTo(server.url)
    socket.write(sent)
    const answer = await text(socket)
    assert.match(answer, /^HTTP\/1\.1 408 /)
    assert.match(answer, /"code":"RequestTimeout"/)
  }
})

test('a waiting receive is no slow client', async (t) => {
  // Long enough for a busy machine to send the request in.
  const server = await startTestServer(t, { limits: { headersTimeoutMs: 1000, requestTimeoutMs: 1000 } })
  const { status, body } = await server.call('POST', '/queues/q/receive', { body: { waitMs: 2500 } })
  assert.deepEqual([status, body.messages], [200, []])
})

test('a connection that stands still is closed', async (t) => {
  const server = await startTestServer(t, { limits: { keepAliveTimeoutMs: 100 } })
  const socket = await connectTo(server.url)
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
  assert.match(await text(socket), /^HTTP\/1\.1 200 /)
})

test('bodies and heads that are too large are refused in so many words', async (t) => {
  const server = await startTestServer(t, { limits: { maxBodyBytes: 2000, maxHeaderBytes: 2000 } })
  const large = await server.call('POST', '/queues/q/messages', { body: 'x'.repeat(2000) })
  assert.deepEqual([large.status, large.body.code], [413, 'PayloadTooLarge'])
  const answer = await server.get('/healthz', { 'X-Long': 'x'.repeat(2000) })
  assert.equal(answer.status, 431)
  assert.equal(((await answer.json()) as { code: string }).code, 'HeadersTooLarge')
})

test('more connections than allowed are closed at once, and counted', async (t) => {
  const server = await startTestServer(t, { limits: { maxConnections: 2 } })
  const [first, second] = [await connectTo(server.url), await connectTo(server.url)]
  const third = await connectTo(server.url)
  await once(third.resume(), 'close')
  third.destroy()
  second.destroy()
  first.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  assert.match(await text(first), /millrace_connections_refused_total 1/)
})

test('more waiting receives than allowed are refused', async (t) => {
  const server = await startTestServer(t, { limits: { maxWaiting: 1 } })
  const waiting = [1, 2].map(() => server.call('POST', '/queues/q/receive', { body: { waitMs: 600_000 } }))
  const refused = await Promise.race(waiting)
  assert.deepEqual([refused.status, refused.body.code], [503, 'TooManyWaiting'])
  await server.close()
  const statuses = (await Promise.all(waiting)).map(({ status }) => status).sort()
  assert.deepEqual(statuses, [200, 503])
})
