import assert from 'node:assert/strict'
import { request as plainRequest } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import fc from 'fast-check'
import { operations } from '../../src/protocols/starqueue/operations.ts'
import { base64, type Client, type Json, post, startStanding } from './harness.ts'

const uuid = '5f0c2b1e-8f7d-4b61-9a53-0d3a8f1c7e42'
const body = { MessageBody: base64('x') }
const integer = (name: string, range: string) => `${name} field must be an integer between ${range}`
const many = Array.from({ length: 11 }, () => uuid)

/** Endpoint, fields, and what is answered with 400. */
const refused: [string, Json, string | RegExp][] = [
  ['messagesend', {}, 'MessageBody is required'],
  ['messagesend', { MessageBody: null }, 'MessageBody is required'],
  ['messagesend', { MessageBody: '' }, 'MessageBody is required'],
  ['messagesend', { MessageBody: 7 }, 'MessageBody must be a string'],
  ['messagesend', { MessageBody: ['aGVsbG8='] }, 'MessageBody must be a string'],
  ...[
    'a',
    'aGVsbG8',
    'aGVs bG8=',
    'aGVs\nbG8=',
    'aGVsbG8-',
    'aGVsbG_=',
    '====',
    'a===',
    'aGVsbG8=aGVs',
    'äöüä',
    '=aGV',
  ].map((MessageBody): [string, Json, string] => [
    'messagesend',
    { MessageBody },
    'MessageBody must be base64 encoded',
  ]),
  ['messagesend', { MessageBody: 'A'.repeat(262_148) }, 'MessageBody exceeds maximum 262144 bytes'],
  ...[-1, 1001, 1.5, '100', true, [], {}].map((Priority): [string, Json, string] => [
    'messagesend',
    { ...body, Priority },
    integer('Priority', '0 and 1000'),
  ]),
  ...[-43_201, 43_201, 0.5, '0'].map((VisibilityTimeout): [string, Json, string] => [
    'messagesend',
    { ...body, VisibilityTimeout },
    integer('VisibilityTimeout', '-43200 and 43200'),
  ]),
  ...['x'.repeat(129), 'a\nb', 'a\u0000', 7].map((MessageDeduplicationId): [string, Json, RegExp] => [
    'messagesend',
    { ...body, MessageDeduplicationId },
    /^MessageDeduplicationId must be 1 to 128 printable characters$/,
  ]),
  ['messagesend', { ...body, MessageDeduplicationId: 'x\ud800' }, /MessageDeduplicationId/],
  ...[-1, 43_201, '5'].map((MessageDeduplicationTimePeriod): [string, Json, string] => [
    'messagesend',
    { ...body, MessageDeduplicationTimePeriod },
    integer('MessageDeduplicationTimePeriod', '0 and 43200'),
  ]),
  ...[0, -1, 1_209_601, 1e300].map((MessageRetentionPeriod): [string, Json, string] => [
    'messagesend',
    { ...body, MessageRetentionPeriod },
    integer('MessageRetentionPeriod', '1 and 1209600'),
  ]),
  ...['q', '', 'x'.repeat(1025), 'ü'.repeat(513), 7, 'a\ud800'].flatMap(
    (DeadLetterQueueName): [string, Json, RegExp][] => [
      ['messagesend', { ...body, DeadLetterQueueName }, /(?:dead|Dead)LetterQueue/],
      ['messagereceive', { DeadLetterQueueName, WaitTimeSeconds: 0 }, /(?:dead|Dead)LetterQueue/],
    ],
  ),
  ['messagesend', { ...body, priority: 1 }, 'Request may not include unknown fields: priority'],
  ['messagesend', { ...body, QueueName: 'q', x: 1 }, 'Request may not include unknown fields: QueueName, x'],
  ['messagereceive', { MessageBody: 'x' }, 'Request may not include unknown fields: MessageBody'],
  ...[0, 11, -1, 1.5, '1'].map((MaxNumberOfMessages): [string, Json, string] => [
    'messagereceive',
    { MaxNumberOfMessages },
    'MaxNumberOfMessages must be an integer between 1-10',
  ]),
  ['messagereceive', { WaitTimeSeconds: 21 }, integer('WaitTimeSeconds', '0 and 20')],
  ['messagereceive', { WaitTimeSeconds: -1 }, integer('WaitTimeSeconds', '0 and 20')],
  ['messagereceive', { VisibilityTimeout: 43_201 }, integer('VisibilityTimeout', '-43200 and 43200')],
  ['messagereceive', { MaxReceives: 0 }, integer('MaxReceives', '1 and 10')],
  ['messagereceive', { MaxReceives: 11 }, integer('MaxReceives', '1 and 10')],
  ...['messagedelete', 'messagechangevisibility'].flatMap((name): [string, Json, string][] => {
    const more = name === 'messagedelete' ? {} : { VisibilityTimeout: 0 }
    const array = 'ReceiptHandles must be an array of 1 to 10 UUIDs'
    return [
      [name, { ...more }, 'missing required field: ReceiptHandles'],
      [name, { ...more, ReceiptHandle: null, ReceiptHandles: null }, 'missing required field: ReceiptHandles'],
      [name, { ...more, ReceiptHandles: [] }, array],
      [name, { ...more, ReceiptHandles: many }, array],
      [name, { ...more, ReceiptHandles: many.slice(1), ReceiptHandle: uuid }, array],
      [name, { ...more, ReceiptHandles: uuid }, array],
      [name, { ...more, ReceiptHandles: [uuid, 'x'] }, array],
      [name, { ...more, ReceiptHandles: [uuid, null] }, array],
      [name, { ...more, ReceiptHandle: 'x' }, 'ReceiptHandle must be a UUID'],
      [name, { ...more, ReceiptHandle: '' }, 'ReceiptHandle must be a UUID'],
      [name, { ...more, ReceiptHandle: `${uuid} ` }, 'ReceiptHandle must be a UUID'],
      [name, { ...more, ReceiptHandle: [uuid] }, 'ReceiptHandle must be a UUID'],
    ]
  }),
  ['messagechangevisibility', { ReceiptHandle: uuid }, 'missing required field: VisibilityTimeout'],
  [
    'messagechangevisibility',
    { ReceiptHandle: uuid, VisibilityTimeout: 43_201 },
    integer('VisibilityTimeout', '-43200 and 43200'),
  ],
  [
    'messagedelete',
    { ReceiptHandle: uuid, VisibilityTimeout: 0 },
    'Request may not include unknown fields: VisibilityTimeout',
  ],
  ['queueclear', { QueueName: 'q' }, 'Request may not include unknown fields: QueueName'],
  ['queueslist', { x: null, y: 1 }, 'Request may not include unknown fields: y'],
  ['accountcreate', { EmailAddress: 'nobody' }, 'EmailAddress must be an email address'],
  ['accountcreate', { EmailAddress: 7 }, 'EmailAddress must be a string'],
  ['accountcreate', { AuthToken: 'x' }, 'Request may not include unknown fields: AuthToken'],
  ['authtokenget', {}, 'missing required field: AccountPassword'],
  ['authtokenget', { AccountPassword: 7 }, 'AccountPassword must be a string'],
  ...['messagesend', 'messagereceive', 'queueslist', 'accountcreate'].flatMap((name) =>
    [2, 0, '1', 1.5, true, {}].map((Version): [string, Json, string] => [
      name,
      { ...valid(name), Version },
      'Version invalid.',
    ]),
  ),
]

function valid(name: string): Json {
  return name === 'messagesend' ? body : name === 'messagereceive' ? { WaitTimeSeconds: 0 } : {}
}

const pathOf = (client: Client, name: string, queue = 'q') => {
  const operation = operations.find((candidate) => candidate.name === name)
  return ['', name, ...(operation?.path ?? []).map((part) => (part === 'accountid' ? client.account : queue))].join('/')
}

test('fields that do not fit are refused with 400, and what is wrong is said', async (t) => {
  const { client, server } = await startStanding(t)
  const id = await client.send('q', 'stays')
  for (const [name, fields, says] of refused) {
    const what = `${name} ${JSON.stringify(fields).slice(0, 200)}`
    const headers: Record<string, string> = { AuthToken: client.token }
    const { status, json } = await post(server.url + pathOf(client, name), fields, headers)
    assert.deepEqual([status, Object.keys(json)], [400, ['detail']], `${what} ${JSON.stringify(json)}`)
    if (typeof says === 'string') assert.equal(json.detail, says, what)
    else assert.match(String(json.detail), says, what)
  }
  assert.deepEqual(await client.queues(), { q: 1 }, 'and nothing was changed')
  const [message] = await client.receive('q')
  assert.deepEqual([message?.MessageId, message?.ApproximateReceiveCount], [id, 1])
})

test('what fits is taken: null is absent, zero is a value, Version may be left out', async (t) => {
  const { client } = await startStanding(t)
  const sent: Json[] = [
    { ...body, Priority: null, VisibilityTimeout: null, MessageDeduplicationId: null, DeadLetterQueueName: null },
    { ...body, Version: 1, Priority: 0, VisibilityTimeout: 0, x: null },
    { ...body, Priority: 1000, MessageDeduplicationId: '🐢'.repeat(128), DeadLetterQueueName: 'ü'.repeat(512) },
    { ...body, Priority: 100, MessageDeduplicationId: 'with blanks / und Umläuten', MessageRetentionPeriod: 1 },
  ]
  for (const fields of sent) {
    const { status, json } = await client.call('messagesend', 'q', fields)
    assert.equal(status, 200, JSON.stringify(json))
  }
  const received = await client.receive('q', { MaxNumberOfMessages: 10, MaxReceives: null })
  assert.deepEqual(
    received.map(({ Priority }) => Priority),
    [1000, 100, 100, 0],
  )
})

test('a request is checked in order: route, method, token, content type, JSON, token in the body, fields', async (t) => {
  const { client, server } = await startStanding(t)
  const { token: AuthToken } = client
  const json = 'application/json'
  const at = pathOf(client, 'messagesend')
  const cases: [number, string, string, Record<string, string>, string | undefined][] = [
    [404, 'GET', '/messagesend/a', { AuthToken: 'x' }, undefined],
    [404, 'POST', '/messagesend/a/b/c', {}, 'x'],
    [404, 'POST', '/accountcreate/a', { 'Content-Type': json }, '{}'],
    [404, 'POST', `/messagesend/${client.account}/`, { AuthToken, 'Content-Type': json }, JSON.stringify(body)],
    [404, 'POST', '/messagesnd/a/b', { 'Content-Type': json }, '{}'],
    [405, 'GET', at, {}, undefined],
    [405, 'PUT', at, { AuthToken: 'wrong' }, 'x'],
    [405, 'DELETE', '/accountcreate', {}, undefined],
    [403, 'POST', at, { AuthToken: 'wrong', 'Content-Type': 'text/plain' }, '{'],
    [400, 'POST', at, { AuthToken }, undefined],
    [400, 'POST', at, { AuthToken, 'Content-Type': 'text/plain' }, JSON.stringify(body)],
    [400, 'POST', at, { 'Content-Type': 'application/x-www-form-urlencoded' }, JSON.stringify({ ...body, AuthToken })],
    [400, 'POST', at, { 'Content-Type': json }, '{'],
    [403, 'POST', at, { 'Content-Type': json }, '{"unknown":1}'],
    [400, 'POST', at, { 'Content-Type': json }, JSON.stringify({ AuthToken, unknown: 1 })],
    ...['', '[]', '"x"', 'null', '7', '{"a":1', "{'a':1}", '\ufeff{}', '{"MessageBody":"\n"}'].map(
      (content): [number, string, string, Record<string, string>, string] => [
        400,
        'POST',
        at,
        { AuthToken, 'Content-Type': json },
        content,
      ],
    ),
    [200, 'POST', at, { AuthToken, 'Content-Type': 'application/json; charset=utf-8' }, JSON.stringify(body)],
    [200, 'POST', at, { AuthToken, 'Content-Type': 'Application/JSON;charset=UTF-8' }, JSON.stringify(body)],
    [200, 'POST', `${at}?Priority=1&x`, { AuthToken, 'Content-Type': json }, JSON.stringify(body)],
    [200, 'POST', at.replace('messagesend', 'MessageSend'), { AuthToken, 'Content-Type': json }, JSON.stringify(body)],
    [200, 'POST', at.replace('messagesend', 'MESSAGEsend'), { AuthToken, 'Content-Type': json }, JSON.stringify(body)],
  ]
  const shapes: Record<number, string> = { 200: 'MessageSendResult', 404: 'error' }
  for (const [status, method, path, headers, content] of cases) {
    const what = `${method} ${path} ${JSON.stringify(headers)} ${content}`
    const bytes = content === undefined ? undefined : Buffer.from(content)
    const answer = await fetch(server.url + path, { method, headers, ...(bytes && { body: bytes }) })
    const said = await answer.text()
    assert.equal(answer.status, status, `${what}: ${said}`)
    assert.deepEqual(Object.keys(JSON.parse(said)), [shapes[status] ?? 'detail'], what)
    assert.equal(answer.headers.get('access-control-allow-origin'), '*', what)
    assert.equal(answer.headers.get('content-type'), 'application/json', what)
    if (status === 405)
      assert.deepEqual([said, answer.headers.get('allow')], ['{"detail":"Method Not Allowed"}', 'POST, OPTIONS'])
    if (status === 404) assert.equal(said, '{"error":"not found"}')
  }
  const bytes = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])
  const answer = await fetch(server.url + at, {
    method: 'POST',
    headers: { AuthToken, 'Content-Type': json },
    body: bytes,
  })
  assert.equal(answer.status, 400, 'JSON is UTF-8')
})

/** As it stands, which `fetch` would not send. */
const raw = (port: number, method: string, path: string, headers: Record<string, string>, content = '') =>
  new Promise<{ status: number; text: string; cors: unknown }>((resolve, reject) => {
    const sending = plainRequest({ port, host: '127.0.0.1', method, path, headers }, (answer) => {
      const { statusCode: status = 0, headers: answered } = answer
      const cors = answered['access-control-allow-origin']
      text(answer).then((said) => resolve({ status, text: said, cors }), reject)
    })
    sending.on('error', reject)
    sending.end(content)
  })

test('paths are split before they are decoded, and bad escapes are this door’s to refuse', async (t) => {
  const { client, server } = await startStanding(t)
  const port = Number(new URL(server.url).port)
  const headers = { AuthToken: client.token, 'Content-Type': 'application/json' }
  const send = (queue: string) =>
    raw(port, 'POST', `/messagesend/${client.account}/${queue}`, headers, JSON.stringify(body))
  for (const queue of [
    'a%2Fb',
    'a%2fb',
    '.',
    '..',
    '%2e%2e',
    'a+b',
    'a%20b',
    ';x',
    '%C3%BC',
    'a%00b',
    'x'.repeat(1024),
  ]) {
    assert.equal((await send(queue)).status, 200, queue)
  }
  assert.deepEqual(await client.queues(), {
    '.': 1,
    '..': 2,
    ';x': 1,
    'a\u0000b': 1,
    'a b': 1,
    'a+b': 1,
    'a/b': 2,
    ü: 1,
    ['x'.repeat(1024)]: 1,
  })
  for (const queue of [
    '%',
    '%2',
    '%zz',
    '%80',
    '%C3',
    '%ED%A0%80',
    'x'.repeat(1025),
    '%C3%BC'.repeat(513),
    'x'.repeat(20_000),
  ]) {
    const { status, text: said, cors } = await send(queue)
    assert.deepEqual([status, Object.keys(JSON.parse(said)), cors], [400, ['detail'], '*'], queue.slice(0, 20))
  }
  for (const method of ['PROPFIND', 'TRACE', 'LOCK']) {
    const { status, text: said, cors } = await raw(port, method, '/messagesend/a/b', headers)
    assert.deepEqual([status, said, cors], [405, '{"detail":"Method Not Allowed"}', '*'], method)
  }
  const encoded = await raw(port, 'POST', `/%6Dessagesend/${client.account}/q`, headers, JSON.stringify(body))
  assert.equal(encoded.status, 200)
  const whole = await raw(
    port,
    'POST',
    `http://example.org/messagesend/${client.account}/q`,
    headers,
    JSON.stringify(body),
  )
  assert.equal(whole.status, 200)
})

test('browsers are told that pages of any origin may send here', async (t) => {
  const { server } = await startStanding(t)
  for (const path of [
    '/accountcreate',
    '/authtokenget/x',
    '/messagesend/a/b',
    '/QueuesList/a',
    '/nosuchthing/a/b',
    '/messagesend',
  ]) {
    const headers = {
      Origin: 'https://shop.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authtoken,content-type,x-more',
    }
    const answer = await fetch(server.url + path, { method: 'OPTIONS', headers })
    assert.equal(answer.status, 200, path)
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    assert.equal(answer.headers.get('access-control-allow-methods'), 'POST, OPTIONS')
    const allowed = (answer.headers.get('access-control-allow-headers') ?? '').split(/, ?|,/)
    for (const name of ['authtoken', 'authorization', 'content-type', 'x-more']) assert.ok(allowed.includes(name), name)
    assert.equal(await answer.text(), '')
  }
  const refused = await fetch(`${server.url}/queueslist/x`, {
    method: 'POST',
    headers: { Origin: 'https://shop.example' },
  })
  assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [400, '*'])
  const native = await fetch(`${server.url}/api/v1/queues`, { headers: { Origin: 'https://shop.example' } })
  assert.equal(native.status, 403, 'the doors that ask for no credentials stay closed to foreign pages')
})

test('a request far over the limit is refused before it is read', async (t) => {
  const { client, server } = await startStanding(t)
  const port = Number(new URL(server.url).port)
  const head = (more: string) =>
    `POST /messagesend/${client.account}/q HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthToken: ${client.token}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`
  const first = await talk(port, [head('Content-Length: 10000000000'), '{"MessageBody":"'])
  assert.match(first, /^HTTP\/1\.1 413 .*Access-Control-Allow-Origin: \*.*\{"detail":"[^"]+"\}$/s)
  const chunk = `${(65_536).toString(16)}\r\n${'A'.repeat(65_536)}\r\n`
  const second = await talk(port, [head('Transfer-Encoding: chunked'), ...new Array<string>(200).fill(chunk)])
  assert.match(second, /^HTTP\/1\.1 413 /)
  const escaped = [...base64('x'.repeat(190_000))].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join('')
  const { status, json } = await client.call('queueslist', null)
  assert.deepEqual([status, json], [200, { QueuesListResult: [] }])
  const written = `{"MessageBody":"${escaped}"}`
  const answer = await post(`${server.url}/messagesend/${client.account}/q`, written, { AuthToken: client.token })
  assert.equal(answer.status, 200, 'an unusual spelling is not over the limit')
})

/** What a server says to somebody who goes on talking until the connection is closed. */
const talk = (port: number, pieces: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    let said = ''
    const socket = connect(port, '127.0.0.1')
    socket.on('data', (bytes) => {
      said += bytes.toString()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(said))
    for (const piece of pieces) socket.write(piece)
  })

test('no input gets a 500', async (t) => {
  const { client, server } = await startStanding(t)
  const port = Number(new URL(server.url).port)
  const names = [...new Set(operations.flatMap(({ fields }) => Object.keys(fields.properties)))]
  const value = fc.oneof(
    fc.jsonValue(),
    fc.integer(),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.base64String(),
    fc.uuid(),
    fc.array(fc.uuid(), { maxLength: 12 }),
    fc.constantFrom('q', client.token, client.password, '\ud800', '__proto__'),
  )
  const fields = fc.dictionary(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string() }),
    value,
  )
  const part = fc.oneof(
    fc.constantFrom(client.account, 'q', '%2F', '%', '', '..'),
    fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text.toWellFormed())),
    fc.stringMatching(/^[\x21-\x7e]{0,30}$/),
  )
  const content = fc.oneof(
    { weight: 6, arbitrary: fields.map((object) => JSON.stringify({ WaitTimeSeconds: 0, ...object })) },
    { weight: 6, arbitrary: fields.map((object) => JSON.stringify(object)) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string() },
  )
  const request = fc.record({
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constant('POST') },
      { weight: 1, arbitrary: fc.constantFrom('GET', 'PUT', 'PATCH', 'HEAD') },
    ),
    path: fc.oneof(
      fc
        .tuple(fc.constantFrom(...operations.map(({ name }) => name)), part, part)
        .map((parts) => `/${parts.join('/')}`),
      fc.constantFrom(...operations.map(({ name }) => pathOf(client, name))),
    ),
    content,
    type: fc.oneof(
      { weight: 9, arbitrary: fc.constant('application/json') },
      { weight: 1, arbitrary: fc.constantFrom('', 'text/plain') },
    ),
  })
  await fc.assert(
    fc.asyncProperty(request, async ({ method, path, content: sent, type }) => {
      // Nobody turns the clock, so a receive that is to wait would wait for ever.
      const given = /messagereceive/i.test(path) ? sent.replace(/^\{/, '{"WaitTimeSeconds":0,') : sent
      if (/"WaitTimeSeconds":(?!0[,}])/.test(given)) return
      const length = String(Buffer.byteLength(given))
      const headers = { AuthToken: client.token, 'Content-Type': type, 'Content-Length': length }
      const { status, text: said } = await raw(port, method, path, headers, given)
      assert.ok([200, 400, 403, 404, 405, 413, 429].includes(status), `${status} ${said}`)
    }),
    { numRuns: 600 },
  )
  assert.equal(server.lines.filter((line) => line.includes('a request failed')).length, 0)
})
