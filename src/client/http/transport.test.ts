import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { nodeTransport } from './node-transport.ts'
import { fetchTransport, type Transport, type TransportRequest } from './transport.ts'

type Serve = (request: IncomingMessage, response: ServerResponse) => void

const transports: Readonly<Record<string, (origin: string) => Transport | undefined>> = {
  node: (origin) => nodeTransport(new URL(origin)),
  fetch: (origin) => fetchTransport(origin, fetch),
}

const withServer = (name: string, serve: Serve, run: (transport: Transport, origin: string) => Promise<void>): void => {
  for (const [kind, make] of Object.entries(transports)) {
    test(`${name} (${kind})`, async (t: TestContext) => {
      const server = createServer(serve).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const transport = make(origin)
      assert.ok(transport)
      t.after(() => {
        transport.close()
        server.closeAllConnections()
        server.close()
      })
      await run(transport, origin)
    })
  }
}

const request = (members: Partial<TransportRequest> = {}): TransportRequest => ({
  method: 'POST',
  path: '/a%20b?c=d',
  headers: { 'x-one': '1' },
  body: undefined,
  signal: new AbortController().signal,
  ...members,
})

withServer(
  'a request arrives as it is, and so does its answer',
  (message, response) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      const { method, url, headers } = message
      response.writeHead(201, { 'X-Two': '2' })
      response.end(`${method} ${url} ${headers['x-one']} ${Buffer.concat(chunks).toString()}`)
    })
  },
  async (transport) => {
    for (const body of ['tëxt', new TextEncoder().encode('tëxt')]) {
      const answer = await transport.send(request({ body }))
      assert.equal(answer.status, 201)
      assert.equal(answer.header('x-two'), '2')
      assert.equal(answer.header('x-three'), null)
      assert.equal(await answer.text(), 'POST /a%20b?c=d 1 tëxt')
    }
    const answer = await transport.send(request({ method: 'GET' }))
    assert.equal(await answer.text(), 'GET /a%20b?c=d 1 ')
  },
)

withServer(
  'an answer can be read as it comes',
  (_, response) => {
    response.write('one')
    setImmediate(() => response.end('two'))
  },
  async (transport) => {
    const answer = await transport.send(request())
    let text = ''
    for await (const chunk of answer.chunks()) text += new TextDecoder().decode(chunk)
    assert.equal(text, 'onetwo')
  },
)

withServer(
  'a connection that breaks is an error, before an answer and within one',
  (message, response) => {
    if (message.url === '/before') {
      message.socket.destroy()
      return
    }
    response.writeHead(200, { 'content-length': '100' })
    response.write('some')
    setImmediate(() => message.socket.destroy())
  },
  async (transport) => {
    await assert.rejects(transport.send(request({ path: '/before' })))
    const answer = await transport.send(request({ path: '/within' }))
    await assert.rejects(answer.text())
  },
)

withServer(
  'a signal ends a request, before an answer and within one',
  (message, response) => {
    if (message.url === '/within') response.write('some')
  },
  async (transport) => {
    const reason = new Error('enough')
    const before = new AbortController()
    const waiting = transport.send(request({ path: '/before', signal: before.signal }))
    setImmediate(() => before.abort(reason))
    await assert.rejects(waiting, (error) => error === reason)

    const within = new AbortController()
    const answer = await transport.send(request({ path: '/within', signal: within.signal }))
    const reading = answer.text()
    within.abort(reason)
    await assert.rejects(reading, (error) => error === reason)
    await assert.rejects(transport.send(request({ signal: AbortSignal.abort(reason) })), (error) => error === reason)
  },
)

test('where there is no node:http, there is no such transport', (t) => {
  t.mock.method(process, 'getBuiltinModule', () => undefined)
  assert.equal(nodeTransport(new URL('http://127.0.0.1')), undefined)
})
