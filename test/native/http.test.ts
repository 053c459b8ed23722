import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { allOperations } from '../../src/protocols/native/operations.ts'
import type * as S from '../../src/protocols/native/schemas/index.ts'
import { type CallOptions, content, startServer } from './harness.ts'

const { call, port } = await startServer({
  limits: { maxBodyBytes: 10_000 },
  admin: { backup: async () => ({ sizeBytes: 0 }) },
})

const problem = async (status: number, method: string, path: string, options?: CallOptions) =>
  content(await call(method, path, options), status)

suite('paths', () => {
  test('that are unknown', async () => {
    for (const path of ['', '/', '/nothing', '/queues/a/b', '/queues/a/messages/b/c', '/QUEUES']) {
      for (const method of ['GET', 'POST', 'OPTIONS', 'TRACE']) {
        assert.equal((await problem(404, method, path)).code, 'PathNotFound')
      }
    }
    assert.equal(
      (await problem(404, 'POST', '/nothing', { bytes: '{', type: 'application/json' })).code,
      'PathNotFound',
    )
    assert.equal((await problem(404, 'POST', '/nothing', { bytes: '{', type: 'not a type' })).code, 'PathNotFound')
  })

  test('whose method is wrong', async () => {
    const allow = async (method: string, path: string) => {
      const answer = await call(method, path, { bytes: 'x', type: 'not a type' })
      assert.equal(content(answer, 405).code, 'MethodNotAllowed')
      return answer.headers.allow
    }
    assert.equal(await allow('POST', '/queues'), 'GET, HEAD')
    assert.equal(await allow('POST', '/queues/a'), 'PUT, GET, HEAD, PATCH, DELETE')
    assert.equal(await allow('GET', '/queues/a/receive'), 'POST')
    assert.equal(await allow('PUT', '/queues/a/messages'), 'POST, GET, HEAD')
    assert.equal(await allow('PATCH', '/queues/a/messages/get'), 'GET, HEAD, POST, DELETE')
  })

  test('with names of any kind', async () => {
    const names = ['a b', 'ü/€', '%', '%2F', 'a?b#c', '𝄞', '\u0001', '"\\', '__proto__', 'a:b', 'x'.repeat(1024)]
    for (const name of [...names, '€'.repeat(341)]) {
      const answer = await call('PUT', `/queues/${encodeURIComponent(name)}`)
      assert.equal(content<S.Queue>(answer, 201).name, name)
      assert.equal((await call('GET', `/queues/${encodeURIComponent(name)}?span=true`)).status, 200)
    }
    assert.equal((await problem(400, 'PUT', `/queues/${'x'.repeat(1025)}`)).code, 'ArgumentInvalid')
    assert.match((await problem(400, 'PUT', `/queues/${'x'.repeat(9000)}`)).detail, /8192 characters/)
    for (const path of ['/queues/', '/queues//messages']) {
      assert.match((await problem(400, 'GET', path)).detail, /^The path's queue must not be empty/)
    }
  })

  test('with escapes that are none', async () => {
    for (const path of ['/queues/%', '/queues/%zz', '/queues/%e4', '/queues/%c3%28/messages', '/%']) {
      assert.match((await problem(400, 'GET', path)).detail, /percent sign/)
    }
    for (const path of ['/queues?prefix=%', '/queues?%zz=1', '/queues?prefix=%ff']) {
      assert.match((await problem(400, 'GET', path)).detail, /percent sign/)
    }
  })
})

suite('queries', () => {
  test('are coerced to what they should be, or refused', async () => {
    const refused = async (query: string) => (await problem(400, 'GET', `/queues/q/messages?${query}`)).detail
    for (const limit of ['0', '1001', 'x', '1.5', '', '1e2', '0x10', '99999999999999999999']) {
      assert.match(
        await refused(`limit=${limit}`),
        /^The query parameter limit must be a whole number from 1 to 1000\./,
      )
    }
    assert.match(await refused('newestFirst=yes'), /newestFirst must be true or false/)
    assert.match(await refused('states=ready,gone'), /states\/1 must be one of "ready", /)
    assert.match(await refused('__proto__=1'), /__proto__ is not known/)
    assert.match(await refused('toString'), /toString is not known/)
    assert.equal((await call('GET', '/queues/q/messages?states=ready&states=leased,delayed&&types=Q')).status, 200)
    assert.equal((await call('GET', '/queues?')).status, 200)
  })
})

suite('bodies', () => {
  test('that are too large', async () => {
    for (const path of ['/queues/q/messages', '/queues/q/messages/batch', '/queues/q/receive']) {
      const refused = await problem(413, 'POST', path, { bytes: 'x'.repeat(10_001) })
      assert.deepEqual([refused.code, refused.data.limitBytes], ['PayloadTooLarge', 10_000])
      const chunked = await raw(
        `POST /api/v1${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2ee0\r\n${'x'.repeat(12_000)}\r\n0\r\n\r\n`,
      )
      assert.match(chunked, /^HTTP\/1.1 413 .*"code":"PayloadTooLarge"/s)
    }
  })

  test('of another content type', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonp',
      ';',
      'application/json-seq',
    ]) {
      assert.equal(
        (await problem(415, 'POST', '/queues/q/receive', { bytes: '{}', type })).code,
        'UnsupportedContentType',
      )
    }
    for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/problem+json']) {
      assert.equal((await call('POST', '/queues/q/receive', { bytes: '{}', type })).status, 200)
    }
    assert.equal((await call('POST', '/queues/q/receive', { bytes: '{}' })).status, 200)
  })

  test('that are not JSON', async () => {
    for (const bytes of [
      '{',
      'x',
      '{"maxMessages":01}',
      '{}{}',
      "{'a':1}",
      '\ufeff{}',
      '['.repeat(5000),
      Buffer.from([0x22, 0xff]),
    ]) {
      assert.equal((await problem(400, 'POST', '/queues/q/receive', { bytes })).code, 'MalformedJson')
    }
    assert.equal((await problem(400, 'POST', '/queues/q/settle', { bytes: '' })).code, 'MalformedJson')
  })

  test('with members that are unknown or of another type', async () => {
    const refused = async (path: string, json: unknown, method = 'POST') =>
      ((await problem(400, method, path, { json })).data.errors as S.InvalidPlace[]).map(
        (at) => `${at.path} ${at.message}`,
      )
    assert.deepEqual(await refused('/queues/q/settle', { entries: [] }), ['/entries must have at least 1 entry'])
    const entries = (action: unknown) => ({ entries: [{ receiptHandle: 'x', action }] })
    const at = '/entries/0/action'
    assert.deepEqual(await refused('/queues/q/settle', entries({})), [
      `${at}/do is missing: it must be one of "delete", "extend", "release", "reprocess", "finish", "dead-letter"`,
    ])
    assert.deepEqual(await refused('/queues/q/settle', entries({ do: 'extend' })), [
      `${at}/visibilityTimeoutMs is missing`,
    ])
    assert.deepEqual(await refused('/queues/q/settle', entries({ do: 'delete', delayMs: 1 })), [
      `${at}/delayMs is not known`,
    ])
    assert.deepEqual(await refused('/queues/q/settle', entries({ do: 'finish', as: 'X' })), [
      `${at}/as must be one of "P", "E", "F", "S"`,
    ])
    assert.deepEqual(await refused('/queues/q/settle', entries(null)), [`${at} must be an object`])
    assert.deepEqual(await refused('/queues/q', { retentionMs: 0, door: {}, 'a/b~': 1 }, 'PUT'), [
      '/retentionMs must be a whole number from 1 to 315532800000, or null',
      '/door is not known',
      '/a~1b~0 is not known',
    ])
    assert.deepEqual(await refused('/queues/q', { tags: { a: 1 }, ordering: 'fifo' }, 'PATCH'), [
      '/tags/a must be a string',
      '/ordering must be one of "unordered", "grouped", "ordered"',
    ])
  })

  test('whose free data is nested deep', async () => {
    const deep = (depth: number) => `{"metadata":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`
    const { metadata } = content<S.Queue>(await call('PUT', '/queues/deep', { bytes: deep(900) }), 201).settings
    assert.ok(metadata.a)
    assert.equal((await problem(400, 'PUT', '/queues/deeper', { bytes: deep(4000) })).code, 'MalformedJson')
    const proto = '{"metadata":{"__proto__":{"x":1}}}'
    assert.match((await call('PUT', '/queues/proto', { bytes: proto })).text, /"metadata":\{"__proto__":\{"x":1\}\}/)
  })
})

suite('what is not HTTP', () => {
  test('is answered with a problem, and the connection ends', async () => {
    const answer = await raw('GET /api/v1/queues HTTP/1.1\r\nbad header\r\n\r\n')
    assert.match(answer, /^HTTP\/1.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n/)
    assert.match(answer, /"code":"MalformedRequest"/)
    const large = await raw(`GET /api/v1/queues HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)
    assert.match(large, /^HTTP\/1.1 431 .*"code":"HeadersTooLarge"/s)
  })

  test('a client that goes away within its request is no trouble', async () => {
    const socket = connect(port, '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.write('POST /api/v1/queues/q/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc')
    socket.destroy()
    await new Promise((resolve) => socket.once('close', resolve))
    assert.equal((await call('GET', '/queues')).status, 200)
  })

  test('requests one after the other without waiting are answered in order', async () => {
    const one = (id: string, close = '') =>
      `POST /api/v1/queues/pipe/messages HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\n${close}Content-Length: 1\r\n\r\nx`
    const answers = await raw(one('r1') + one('r2') + one('r3', 'Connection: close\r\n'))
    assert.deepEqual(
      [...answers.matchAll(/X-Request-Id: (\S+)/g)].map(([, id]) => id),
      ['r1', 'r2', 'r3'],
    )
  })
})

/** Sends text as it stands, and gives all that comes back. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (piece: string) => {
      answer += piece
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })

suite('answers', () => {
  test('name the request', async () => {
    const idOf = async (given: string) =>
      (await call('GET', '/queues', { headers: { 'x-request-id': given } })).headers['x-request-id']
    assert.equal(await idOf('my-id/7:a'), 'my-id/7:a')
    for (const bad of ['with space', 'x'.repeat(129), '<script>', '"']) assert.notEqual(await idOf(bad), bad)
    const [one, two] = [await call('GET', '/queues'), await call('GET', '/queues')]
    assert.notEqual(one.headers['x-request-id'], two.headers['x-request-id'])
  })

  test('to HEAD are those to GET without content', async () => {
    const [head, get] = [await call('HEAD', '/queues'), await call('GET', '/queues')]
    assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', get.headers['content-length']])
  })

  test('with bodies of messages do no harm in a browser', async () => {
    const { id } = content<S.SentMessage>(
      await call('POST', '/queues/html/messages', { bytes: '<script>', type: 'text/html' }),
      201,
    )
    const { headers } = await call('GET', `/queues/html/messages/${id}/body`)
    assert.equal(headers['content-type'], 'text/html')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['content-security-policy'], "sandbox; default-src 'none'")
  })
})

suite('any request', () => {
  const paths = allOperations.map(({ operation }) => ({
    method: operation.method,
    path: operation.path.replaceAll(/:\w+/g, 'x'),
  }))
  const place = fc.constantFrom(...paths)

  test('with any body is answered in the terms of the API', async () => {
    const bytes = fc.oneof(fc.json(), fc.string(), fc.uint8Array())
    const type = fc.constantFrom('application/json', 'text/plain', undefined)
    await fc.assert(
      fc.asyncProperty(place, bytes, type, async ({ method, path }, body, contentType) => {
        const { status } = await call(method, path, { bytes: body, ...(contentType && { type: contentType }) })
        assert.ok(status < 500, `${method} ${path}`)
      }),
      { numRuns: 500 },
    )
  })

  test('with members of the right names and any values is answered in the terms of the API', async () => {
    const names = [
      'entries',
      'ids',
      'messages',
      'ttlMs',
      'graceMs',
      'to',
      'group',
      'maxMessages',
      'waitMs',
      'scopes',
      'file',
    ]
    const settings = [
      'retentionMs',
      'metadata',
      'tags',
      'ordering',
      'deadLetterQueue',
      'receiveLimit',
      'paused',
      'claim',
    ]
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom(0, 1, -1, '', 'x', null, true, 1e21, [], ['x'], {}))
    // An open server that got a key would be closed for the rest.
    const open = fc.constantFrom(...paths.filter(({ path }) => !path.endsWith('/keys')))
    const body = fc.dictionary(fc.constantFrom(...names, ...settings), value, { maxKeys: 3 })
    await fc.assert(
      fc.asyncProperty(open, body, async ({ method, path }, json) => {
        const { status } = await call(method, path, {
          json: { ...json, ...(json.waitMs === undefined ? {} : { waitMs: 0 }) },
        })
        assert.ok(status < 500, `${method} ${path}`)
      }),
      { numRuns: 500 },
    )
  })

  test('with any query is answered in the terms of the API', async () => {
    const names = fc.constantFrom(
      'limit',
      'states',
      'priority',
      'delayMs',
      'marker',
      'after',
      'span',
      'leased',
      'ifExists',
    )
    const pair = fc.tuple(
      fc.oneof(names, fc.webQueryParameters()),
      fc.oneof(fc.webQueryParameters(), fc.nat().map(String)),
    )
    await fc.assert(
      fc.asyncProperty(place, fc.array(pair, { maxLength: 3 }), async ({ method, path }, pairs) => {
        const query = pairs.map(([name, value]) => `${name}=${value}`).join('&')
        const { status } = await call(method, `${path}?${query}`, { bytes: '' })
        assert.ok(status < 500, `${method} ${path}?${query}`)
      }),
      { numRuns: 500 },
    )
  })
})
