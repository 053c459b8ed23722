// Requests that the client would not make, or that never become requests: each is answered with JSON that it could live with.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { test } from 'node:test'
import { createClient } from 'altogic'
import { secretOf } from '../server/harness.ts'
import { codes, exchange, key, pageKey, post, raw, request, shop, start } from './harness.ts'

const api = '/_api/rest/v1'
const good = { queueNameOrId: 'sendWelcomeEmail', message: {} }
const withKey = { 'X-Client-Key': key }

test('a request is checked in order: path, method, client key, domain, rights, session, content type, JSON, fields, queue', async (t) => {
  const { server } = await start(t)
  const url = server.url + api
  const sloppy = { 'Content-Type': 'text/plain', 'X-Client-Key': 'unknown' }
  const rows: [path: string, body: string, headers: Record<string, string>, status: number, code: string][] = [
    ['/nothing', '[', sloppy, 404, 'resource_not_found'],
    ['/queue/x', '[', sloppy, 405, 'method_not_allowed'],
    ['/queue', '[', { ...sloppy, 'X-Client-Key': '' }, 401, 'missing_client_key'],
    ['/queue', '[', sloppy, 401, 'invalid_client_key'],
    ['/queue', '[', { ...sloppy, 'X-Client-Key': pageKey }, 401, 'missing_request_origin'],
    ['/queue', '[', { ...sloppy, 'X-Client-Key': pageKey, Origin: 'https://x.org' }, 401, 'domain_not_authorized'],
    ['/queue', '[', { ...sloppy, 'X-Client-Key': secretOf('reader') }, 403, 'not_allowed'],
    ['/auth/signout', '[', { ...sloppy, ...withKey }, 401, 'missing_session_token'],
    ['/queue', '[', { ...sloppy, ...withKey }, 415, 'content_type_error'],
    ['/queue', '[', withKey, 400, 'invalid_request_body_syntax'],
    ['/queue', '', withKey, 400, 'invalid_request_body_syntax'],
    ['/queue', '[]', withKey, 400, 'invalid_request_body_syntax'],
    ['/queue', 'null', withKey, 400, 'invalid_request_body_syntax'],
    ['/queue', `{"message":${'['.repeat(2000)}${']'.repeat(2000)}}`, withKey, 400, 'invalid_request_body_syntax'],
    ['/queue', '{}', withKey, 400, 'validation_error'],
    ['/queue', '{"queueNameOrId":"x","message":{}}', withKey, 404, 'queue_not_found'],
    ['/queue', JSON.stringify(good), { ...withKey, 'X-Client-Key': secretOf('narrow') }, 403, 'not_allowed'],
  ]
  for (const [path, body, headers, status, code] of rows) {
    const answer = await post(url + path, body, headers)
    assert.deepEqual([answer.status, codes(answer.json)[0]], [status, code], `${path} ${body.slice(0, 40)}`)
  }
  const utf8 = await request(`${url}/queue`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...withKey },
    body: Buffer.from('{"queueNameOrId":"\xff"}', 'latin1'),
  })
  assert.deepEqual(codes(utf8.json), ['invalid_request_body_syntax'])
})

test('methods that a path does not take are named the ones that it takes', async (t) => {
  const { server } = await start(t)
  for (const [path, allowed] of [
    ['/queue', 'POST, OPTIONS'],
    ['/queue/x', 'GET, OPTIONS'],
    ['/auth/user', 'GET, OPTIONS'],
  ] as const) {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD', 'PROPFIND']) {
      const answer = await request(`${server.url}${api}${path}`, { method, headers: withKey })
      assert.deepEqual([answer.status, answer.headers.get('allow')], [405, allowed], `${method} ${path}`)
    }
  }
})

test('unknown paths below the root of the API are this door’s, and no others', async (t) => {
  const { server } = await start(t)
  const paths = ['/_api', '/_api/', '/_api/rest', `${api}/`, `${api}/queue/a/b`, `${api}/%zz`, '/_api/%', '//_api/%zz']
  for (const path of [...paths, '/e:6124d1becc2932001a1afc9a/_api/x', `/_api/${'x'.repeat(9000)}`]) {
    const answer = await request(server.url + path, { headers: withKey })
    assert.equal(answer.status, 404, path)
    assert.deepEqual(codes(answer.json), ['resource_not_found'])
  }
  for (const path of ['/_apix', '/e:123/_api/x', '/x/_api']) {
    const answer = await fetch(server.url + path)
    assert.equal(((await answer.json()) as { errors?: unknown }).errors, undefined, path)
  }
})

test('any JSON content type will do, and what else the body says is ignored', async (t) => {
  const { server, native } = await start(t)
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8']) {
    const body = `{"more":1, "queueNameOrId":"sendWelcomeEmail","message":{ "big":12345678901234567890, "x": 1.50 }}`
    assert.equal((await post(`${server.url}${api}/queue`, body, { 'Content-Type': type })).status, 200)
  }
  const answer = await fetch(`${server.url}/api/v1/queues/sendWelcomeEmail/receive`, {
    method: 'POST',
    headers: { Authorization: `Bearer mr_shop_${secretOf('shop')}` },
  })
  assert.match(await answer.text(), /"body":\{ "big":12345678901234567890, "x": 1\.50 \}/, 'exactly as it was sent')
  assert.ok(native)
})

test('pages of any origin may read every answer, and ask before they send', async (t) => {
  const { server } = await start(t)
  const origin = 'https://shop.example.com'
  const check = (headers: Headers) => {
    assert.equal(headers.get('access-control-allow-origin'), origin)
    assert.equal(headers.get('access-control-allow-credentials'), 'true')
    assert.equal(headers.get('vary'), 'Origin')
  }
  for (const path of ['/_api', `${api}/queue`, `${api}/queue/x`, `${api}/nothing`, `//_api/rest/v1/queue`]) {
    const answer = await fetch(server.url + path, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type,session,x-client,x-client-key',
      },
    })
    assert.equal(answer.status, 204, path)
    check(answer.headers)
    assert.equal(answer.headers.get('access-control-allow-methods'), 'GET, POST, PUT, DELETE, OPTIONS')
    assert.equal(
      answer.headers.get('access-control-allow-headers'),
      'Content-Type, X-Client, X-Client-Key, Session, Authorization',
    )
  }
  const sent = await post(`${server.url}${api}/queue`, good, { 'X-Client-Key': pageKey, Origin: origin })
  assert.equal(sent.status, 200)
  check(sent.headers)
  for (const path of ['/queue', '/nothing', '/auth/user']) {
    check((await post(server.url + api + path, '[', { Origin: origin })).headers)
  }
})

test('what is not HTTP is answered in the same form, as far as it shows whom it was meant for', async (t) => {
  const { server } = await start(t, {
    ...shop,
    limits: { maxHeaderBytes: 2048, headersTimeoutMs: 300, requestTimeoutMs: 600 },
  })
  const line = `POST ${api}/queue HTTP/1.1\r\nHost: x\r\nOrigin: https://shop.example.com\r\n`
  const head = `${line}X-Client-Key: ${key}\r\nContent-Type: application/json\r\n`
  const rows: [bytes: string, status: number, code: string][] = [
    [`${line}X-Large: ${'x'.repeat(5000)}\r\n\r\n`, 431, 'invalid_request'],
    [`${line}no header\r\n\r\n`, 400, 'invalid_request'],
    [`${head}Content-Length: x\r\n\r\n`, 400, 'invalid_request'],
    [`${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, 400, 'invalid_request'],
    [`${head}Transfer-Encoding: chunked\r\n\r\nnot a chunk\r\n`, 400, 'invalid_request'],
    [`${head}Content-Length: 10\r\n\r\n{"a"`, 408, 'request_timed_out'],
  ]
  for (const [bytes, status, code] of rows) {
    const answer = await raw(server.url, bytes)
    assert.deepEqual([answer.status, codes(answer.json)], [status, [code]], bytes.slice(0, 200))
    assert.match(answer.text, /\r\nAccess-Control-Allow-Origin: https:\/\/shop\.example\.com\r\n/)
  }
  const closing = `${head}Connection: close\r\nContent-Length: 2\r\n`
  const expecting = await raw(server.url, `${closing}Expect: the unexpected\r\n\r\n{}`)
  assert.deepEqual([expecting.status, codes(expecting.json)[0]], [400, 'validation_error'])
  const nowhere = await raw(
    server.url,
    `GET ${api}/queue/x HTTP/1.1\r\nConnection: close\r\nX-Client-Key: ${key}\r\n\r\n`,
  )
  assert.deepEqual([nowhere.status, codes(nowhere.json)], [400, ['invalid_request']])
  const absolute = await raw(
    server.url,
    `GET http://proxied${api}/queue/x HTTP/1.1\r\nHost: proxied\r\nConnection: close\r\nX-Client-Key: ${key}\r\n\r\n`,
  )
  assert.deepEqual([absolute.status, absolute.json], [200, null])
})

test('what shows nobody whom it was meant for is answered in a form that the client can live with, too', async (t) => {
  const { server } = await start(t, { ...shop, limits: { headersTimeoutMs: 300, requestTimeoutMs: 600 } })
  const rows: [bytes: string, status: number, code: string][] = [
    [`GET ${api}/queue/x HTTP/1.1\r\nHo`, 408, 'RequestTimeout'],
    ['\u0016\u0003\u0001 no HTTP at all\r\n\r\n', 400, 'MalformedRequest'],
  ]
  for (const [bytes, status, code] of rows) {
    const answer = await exchange(server.url, bytes)
    // The client itself cannot be made to send such bytes, so it is given what they were answered with.
    const replay = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(answer))
    }).listen(0, '127.0.0.1')
    await once(replay, 'listening')
    t.after(() => replay.close())
    const { queue } = createClient(`http://127.0.0.1:${(replay.address() as AddressInfo).port}`, key)
    const { info, errors } = await queue.getMessageStatus('x')
    assert.equal(info, null)
    assert.deepEqual([errors?.status, codes({ errors: errors?.items })], [status, [code]])
  }
})

test('a body that is too large is refused while it is sent, announced or not', async (t) => {
  const { server } = await start(t, { ...shop, limits: { maxBodyBytes: 2048 } })
  const head = `POST ${api}/queue HTTP/1.1\r\nHost: x\r\nX-Client-Key: ${key}\r\nContent-Type: application/json\r\nConnection: close\r\n`
  const announced = await raw(server.url, `${head}Content-Length: 100000\r\n\r\n{"a":"${'x'.repeat(3000)}`)
  assert.deepEqual([announced.status, codes(announced.json)], [413, ['request_body_size_too_large']])
  const chunk = `${(3000).toString(16)}\r\n${'x'.repeat(3000)}\r\n`
  const streamed = await raw(server.url, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`)
  assert.deepEqual([streamed.status, codes(streamed.json)], [413, ['request_body_size_too_large']])
})

test('a client that goes away in the middle of its request leaves nothing behind', async (t) => {
  const { server, native } = await start(t)
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(
    `POST ${api}/queue HTTP/1.1\r\nHost: x\r\nX-Client-Key: ${key}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"queue`,
    () => socket.destroy(),
  )
  await closed
  assert.equal((await post(`${server.url}${api}/queue`, good)).status, 200)
  assert.equal((await native('GET', '/queues/sendWelcomeEmail')).messages, 1)
  assert.deepEqual(
    server.lines.filter((text) => text.includes('"level":50')),
    [],
  )
})

test('limits of the queue are told, and a paused or stopping server loses nothing', async (t) => {
  const { server, native } = await start(t)
  const url = `${server.url}${api}/queue`
  await native('PUT', '/queues/small', { maxMessages: 1, maxMessageBytes: 10 })
  const small = { queueNameOrId: 'small' }
  const large = await post(url, { ...small, message: { text: 'more than ten' } })
  assert.deepEqual([large.status, codes(large.json)], [413, ['request_body_size_too_large']])
  assert.equal((await post(url, { ...small, message: {} })).status, 200)
  const full = await post(url, { ...small, message: {} })
  assert.deepEqual([full.status, codes(full.json), full.headers.get('retry-after')], [429, ['queue_full'], '1'])
  await server.engine.stop()
  const stopping = await post(url, good)
  assert.deepEqual([stopping.status, codes(stopping.json)], [503, ['service_unavailable']])
})

test('an open server takes any client key, from this machine', async (t) => {
  const { server } = await start(t, { queues: [{ name: 'orders' }] })
  const url = `${server.url}${api}/queue`
  const order = { queueNameOrId: 'orders', message: { id: 1 } }
  assert.equal((await post(url, order, { 'X-Client-Key': 'anything' })).status, 200)
  assert.equal((await post(url, order, { Origin: 'http://localhost:3000' })).status, 200)
  assert.deepEqual(codes((await post(url, order, { 'X-Client-Key': '' })).json), ['missing_client_key'])
  assert.deepEqual(codes((await post(url, { ...order, queueNameOrId: 'none' })).json), ['queue_not_found'])
  const strange = await post(url, order, { Origin: 'https://evil.example' })
  assert.deepEqual([strange.status, codes(strange.json)], [401, ['domain_not_authorized']])
  assert.equal(strange.headers.get('access-control-allow-origin'), 'https://evil.example')
  const rebound = await raw(
    server.url,
    `GET ${api}/queue/x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nX-Client-Key: x\r\n\r\n`,
  )
  assert.deepEqual([rebound.status, codes(rebound.json)], [401, ['domain_not_authorized']])
})
