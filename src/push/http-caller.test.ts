import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { suite, type TestContext, test } from 'node:test'
import type { AddressPolicy, Lookup } from './addresses.ts'
import { keptAnswerBytes } from './call.ts'
import { httpCaller } from './http-caller.ts'

const local: AddressPolicy = { all: false, loopback: true, networks: [] }
const nowhere: AddressPolicy = { all: false, loopback: false, networks: [] }

const serve = async (context: TestContext, handle: (request: IncomingMessage, response: ServerResponse) => void) => {
  const server = createServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server }
}

const callerOf = (context: TestContext, policy = local, lookup?: Lookup) => {
  const caller = httpCaller({ addresses: () => policy, ...(lookup ? { lookup } : {}) })
  context.after(() => caller.close())
  const call = (url: string, more: { signal?: AbortSignal; body?: string; headers?: Record<string, string> } = {}) =>
    caller.call({
      url,
      headers: more.headers ?? {},
      body: Buffer.from(more.body ?? 'x'),
      signal: more.signal ?? new AbortController().signal,
    })
  return call
}

suite('a call over HTTP', () => {
  test('brings the body to the byte, and the status and beginning of the answer back', async (context) => {
    const seen: string[] = []
    const { port } = await serve(context, (request, response) => {
      request.setEncoding('latin1')
      let body = ''
      request.on('data', (chunk: string) => {
        body += chunk
      })
      request.on('end', () => {
        seen.push(
          `${request.method} ${request.url} ${request.headers['x-a']} ${request.headers['content-length']} ${body}`,
        )
        response.writeHead(201, { 'retry-after': '7' }).end('grüß dich')
      })
    })
    const call = callerOf(context)
    for (let i = 0; i < 3; i++) {
      const answer = await call(`http://127.0.0.1:${port}/a?b=c`, { body: 'ab\n', headers: { 'x-a': '1' } })
      assert.deepEqual(answer, { status: 201, retryAfter: '7', text: 'grüß dich' })
    }
    assert.deepEqual([seen[0], seen.length], ['POST /a?b=c 1 3 ab\n', 3])
  })

  test('does not follow redirects', async (context) => {
    let requests = 0
    const { port } = await serve(context, (_request, response) => {
      requests++
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    const answer = await callerOf(context)(`http://127.0.0.1:${port}/`)
    assert.deepEqual(['status' in answer && answer.status, requests], [307, 1])
  })

  test('reads the beginning of a long answer, and lets go of the rest', async (context) => {
    const closed = Promise.withResolvers<void>()
    const { port } = await serve(context, (_request, response) => {
      response.on('close', () => closed.resolve())
      const more = () => {
        while (!response.destroyed && response.write('y'.repeat(65_536))) {}
        response.once('drain', more)
      }
      more()
    })
    const answer = await callerOf(context)(`http://127.0.0.1:${port}/`)
    assert.ok('status' in answer)
    assert.equal(answer.text, 'y'.repeat(keptAnswerBytes))
    await closed.promise
  })

  test('ends when its time is up, before the answer or in the middle of it', async (context) => {
    const { port } = await serve(context, (request, response) => {
      request.resume()
      if (request.url === '/slow-body') response.writeHead(200).write('beginning')
      arrived.resolve()
    })
    let arrived = Promise.withResolvers<void>()
    for (const path of ['/silent', '/slow-body']) {
      arrived = Promise.withResolvers<void>()
      const controller = new AbortController()
      const calling = callerOf(context)(`http://127.0.0.1:${port}${path}`, { signal: controller.signal })
      await arrived.promise
      controller.abort()
      const answer = await calling
      assert.ok('error' in answer, path)
      assert.equal(answer.reached, true)
    }
  })

  test('tells a service that is not there from one that breaks the connection', async (context) => {
    const call = callerOf(context)
    const { port, server } = await serve(context, (request) => request.socket.destroy())
    const broken = await call(`http://127.0.0.1:${port}/`)
    assert.deepEqual(['error' in broken && broken.reached], [true])
    server.close()
    await once(server, 'close')
    const gone = await call(`http://127.0.0.1:${port}/`)
    assert.deepEqual('error' in gone && [gone.reached, /ECONNREFUSED/.test(gone.error)], [false, true])
    const unknown: Lookup = (_host, _options, done) =>
      done(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), [])
    const nameless = await callerOf(context, local, unknown)('http://service.invalid/')
    assert.deepEqual('error' in nameless && [nameless.reached, nameless.error], [false, 'getaddrinfo ENOTFOUND'])
  })

  test('to where nobody takes the connection did not reach the service', async (context) => {
    const server = createNetServer(() => {}).listen(0, '127.0.0.1')
    await once(server, 'listening')
    context.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const caller = httpCaller({ addresses: () => local, connectTimeoutMs: 50 })
    context.after(() => caller.close())
    const { signal } = new AbortController()
    // It hears nothing of TLS, so the connection is never made.
    const answer = await caller.call({ url: `https://127.0.0.1:${port}/`, headers: {}, body: Buffer.from('x'), signal })
    assert.deepEqual('error' in answer && [answer.reached, /^Connect Timeout/.test(answer.error)], [false, true])
  })

  test('of something that does not speak HTTP or TLS fails, and nothing else does', async (context) => {
    const server = createNetServer((socket) => {
      socket.on('error', () => {})
      socket.end('SSH-2.0-OpenSSH\r\n')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    context.after(() => server.close())
    const { port } = server.address() as AddressInfo
    for (const scheme of ['http', 'https']) {
      const answer = await callerOf(context)(`${scheme}://127.0.0.1:${port}/`)
      assert.ok('error' in answer, scheme)
    }
  })
})

suite('an address that may not be called', () => {
  test('is refused as such, also in disguise, before anything is connected', async (context) => {
    let connections = 0
    const { port, server } = await serve(context, (_request, response) => response.end())
    server.on('connection', () => connections++)
    const call = callerOf(context, nowhere)
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '127.1',
      '2130706433',
      '0x7f.1',
      '0.0.0.0',
      '[::]',
    ]) {
      const answer = await call(`http://${host}:${port}/`)
      assert.ok('error' in answer, host)
      assert.match(answer.error, /private or local address/, host)
      assert.equal(answer.reached, false)
    }
    assert.equal(connections, 0)
  })

  test('is not reached by a name that changes its address between the check and the connection', async (context) => {
    let requests = 0
    const { port } = await serve(context, (_request, response) => {
      requests++
      response.end()
    })
    let looks = 0
    // The first answer is public (nobody is there), all later ones are this machine.
    const rebinding: Lookup = (_host, _options, done) => {
      looks++
      done(null, looks === 1 ? [{ address: '192.0.2.1', family: 4 }] : [{ address: '127.0.0.1', family: 4 }])
    }
    const policy = { all: false, loopback: false, networks: ['192.0.2.1'] }
    const call = callerOf(context, policy, rebinding)
    const controller = new AbortController()
    const first = call(`http://service.example:${port}/`, { signal: controller.signal })
    controller.abort()
    assert.ok('error' in (await first))
    const second = await call(`http://service.example:${port}/`)
    assert.ok('error' in second)
    assert.match(second.error, /service\.example is at 127\.0\.0\.1/)
    assert.equal(requests, 0)
  })

  test('may be one of several that a name has: the others are tried', async (context) => {
    const { port } = await serve(context, (_request, response) => response.end('here'))
    const both: Lookup = (_host, _options, done) =>
      done(null, [
        { address: '10.0.0.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])
    const answer = await callerOf(context, local, both)(`http://service.example:${port}/`)
    assert.equal('status' in answer && answer.text, 'here')
  })
})
