// Whatever is sent, the answer is this API's own, says what is wrong, and nothing has changed.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { bodies, startStanding } from './harness.ts'

const paths = [
  '/queues',
  '/queues/q',
  '/queues/q/metadata',
  '/queues/q/stats',
  '/queues/q/messages',
  '/queues/q/messages/x',
  '/queues/q/claims',
  '/queues/q/claims/x',
  '/queues/q/purge',
  '/queues/q/share',
  '/queues/q/subscriptions',
  '/queues/q/subscriptions/x',
  '/queues/q/subscriptions/x/confirm',
  '/health',
  '/ping',
  '',
]
const member = fc.constantFrom(
  'ttl',
  'body',
  'messages',
  'grace',
  'delay',
  'op',
  'path',
  'value',
  'paths',
  'methods',
  'expires',
  'subscriber',
  'options',
  'confirmed',
  'resource_types',
  '_default_message_ttl',
  '_max_claim_count',
  '_dead_letter_queue',
  '__proto__',
  'constructor',
)
const document = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      60,
      1e300,
      2 ** 63,
      1.5,
      '',
      'x',
      '/metadata/a',
      'messages',
      '2031-01-01T00:00:00',
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(member, tie('value'), { maxKeys: 4 }),
  ),
})).value
const text = fc.oneof(
  document.map((value) => JSON.stringify(value)),
  fc.string({ maxLength: 40 }),
  fc.constantFrom(
    '',
    '[',
    '{"a":',
    '[[[[',
    '\u0000',
    '{"ttl":1e999}',
    `${'['.repeat(5000)}`,
    `[${'['.repeat(5000)}${']'.repeat(5000)}]`,
    `{"ttl":60,"grace":60,"x":${'9'.repeat(30)}}`,
  ),
)
const query = fc.constantFrom(
  '',
  '?limit=x',
  '?limit=999',
  '?marker=%00',
  '?ids=,,',
  '?ids=%zz',
  '?pop=0',
  '?pop=5',
  '?echo=&limit=',
  '?claim_id=%F0%9F%98%80',
  '?&&=&',
  '?detailed=maybe',
  '?name=%',
  '?ids[]=x',
)

test('no request is answered with a failure of the server', async (t) => {
  const { call, ask } = await startStanding(t)
  await ask(201, 'PUT', '/v1/queues/q', { project: 'project' })
  const request = fc.record({
    version: fc.constantFrom('/v1', '/v1/project', '/v1.1', '/v2'),
    path: fc.constantFrom(...paths),
    method: fc.constantFrom('GET', 'PUT', 'POST', 'PATCH', 'DELETE'),
    query,
    raw: text,
    type: fc.constantFrom('application/json', 'application/openstack-messaging-v2.0-json-patch', 'text/plain'),
  })
  await fc.assert(
    fc.asyncProperty(request, async ({ version, path, method, query: asked, raw, type }) => {
      const body = method === 'GET' ? {} : { raw, headers: { 'Content-Type': type } }
      const { status, json, text: said } = await call(method, version + path + asked, { ...body, project: 'project' })
      if (status >= 400 && said !== '') assert.equal(typeof json.title, 'string', `${status} ${said}`)
    }),
    { numRuns: 400 },
  )
})

test('bytes that are no text, and clients that go away, change nothing', async (t) => {
  const { ask, server } = await startStanding(t)
  await ask(201, 'PUT', '/v1/queues/q')
  const head = (length: number) =>
    `POST /v1/queues/q/messages HTTP/1.1\r\nHost: localhost\r\nClient-ID: 3381af92-2b9e-11e3-b191-71861300734c\r\nContent-Length: ${length}\r\n\r\n`
  const send = async (bytes: Buffer, wait: boolean): Promise<string> => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(bytes)
    const answer = wait ? String((await once(socket, 'data'))[0]) : ''
    socket.destroy()
    await once(socket, 'close')
    return answer
  }
  const wrong = Buffer.from('[{"ttl":60,"body":"\xff"}]', 'latin1')
  assert.match(await send(Buffer.concat([Buffer.from(head(wrong.length)), wrong]), true), /^HTTP\/1\.1 400/)
  await send(Buffer.from(`${head(1000)}[{"ttl":60,"body":1}]`), false)
  assert.equal((await ask(200, 'GET', '/v1/queues/q/stats')).json.messages.total, 0)
  await ask(201, 'POST', '/v1/queues/q/messages', { body: [{ ttl: 60, body: 'fine' }] })
  assert.deepEqual(bodies((await ask(200, 'GET', '/v1/queues/q/messages?echo=true')).json.messages), ['fine'])
})
