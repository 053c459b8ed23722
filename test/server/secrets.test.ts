import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '../../src/server/logging.ts'
import { accountNamed, secretOf, startTestServer, tokenOf } from './harness.ts'

test('no secret of a request is logged, however much is', async (t) => {
  const server = await startTestServer(t, { accounts: [accountNamed('shop')] })
  const token = tokenOf('shop')
  await server.call('POST', `/queues/q/messages?token=${token}`, { body: 1, token })
  await server.call('GET', '/queues', { token })
  await server.call('GET', '/queues', { token: `${token}-wrong` })
  await server.get(`/nothing/here?token=${token}`, { Cookie: `session=${token}`, 'X-Auth-Token': token })
  const { body: key } = await server.call('POST', '/accounts/shop/keys', { body: { scopes: ['send'] }, token })
  await server.call('POST', '/queues/q/messages', { body: 1, token: key.token })
  await server.close()

  const log = server.lines.join('')
  assert.match(log, /"path":"\/api\/v1\/queues\/q\/messages"/)
  for (const secret of [secretOf('shop'), key.secret, 'token=']) assert.equal(log.includes(secret), false, secret)
})

test('every line about a request names it', async (t) => {
  const server = await startTestServer(t)
  await server.get('/readyz', { 'X-Request-Id': 'my-request-7' })
  await server.close()
  const line = server.lines.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'request')
  assert.deepEqual([line.reqId, line.req.method, line.req.path, line.status], ['my-request-7', 'GET', '/readyz', 200])
})

test('a secret that is handed to the logger all the same is hidden', () => {
  const lines: string[] = []
  const log = createLogger({ level: 'info', format: 'json' }, { write: (line) => lines.push(line) })
  const secret = 'hunter2-hunter2-hunter2'
  log.info({ secret, key: { secret }, deep: { key: { token: secret } } })
  log.info({ headers: { authorization: secret, 'x-auth-token': secret, cookie: secret } })
  log.info({ req: { method: 'GET', url: `/x?token=${secret}`, headers: { authorization: secret } } })
  log.child({ password: secret }).error(new Error(`refused mr_key-1_${secret}`), `token mr_key-1_${secret} is bad`)
  const text = lines.join('')
  assert.equal(text.includes(secret), false, text)
  assert.match(text, /mr_key-1_\[secret\]/)
  for (const line of lines) JSON.parse(line)
})
