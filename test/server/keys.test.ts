import assert from 'node:assert/strict'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startServer } from '../../src/server/index.ts'
import { fakeClock } from '../../src/testing/index.ts'
import { accountNamed, configOf, secretOf, startTestServer, temporaryDirectory, tokenOf } from './harness.ts'

test('a key does what its scopes say, in the queues that its pattern names, until it expires', async (t) => {
  const clock = fakeClock(Date.UTC(2030, 0, 1))
  const sender = {
    id: 'sender',
    secret: secretOf('sender'),
    scopes: ['send'],
    queues: ['orders*'],
    expiresAt: '2030-01-02',
  }
  const server = await startTestServer(t, { accounts: [accountNamed('shop', sender)] }, { clock })
  const token = tokenOf('sender')
  assert.equal((await server.call('POST', '/queues/orders-eu/messages', { body: 1, token })).status, 201)
  assert.equal((await server.call('POST', '/queues/returns/messages', { body: 1, token })).status, 403)
  assert.equal((await server.call('POST', '/queues/orders-eu/receive', { token })).status, 403)
  assert.equal((await server.call('DELETE', '/queues/orders-eu', { token })).status, 403)
  assert.equal((await server.call('GET', '/accounts', { token })).status, 403)
  clock.advance(86_400_000)
  assert.equal((await server.call('POST', '/queues/orders-eu/messages', { body: 1, token })).status, 401)
})

test('a key of the file with the scope admin administers, whatever queues its pattern names', async (t) => {
  const operator = { id: 'operator', secret: secretOf('operator'), scopes: ['send', 'admin'], queues: ['orders*'] }
  const server = await startTestServer(t, { accounts: [accountNamed('shop', operator)] })
  const token = tokenOf('operator')
  assert.equal((await server.call('GET', '/accounts', { token })).status, 200)
  assert.equal((await server.call('POST', '/queues/orders/messages', { body: 1, token })).status, 201)
  assert.equal((await server.call('POST', '/queues/returns/messages', { body: 1, token })).status, 403)
})

test('every account sees only its own queues', async (t) => {
  const server = await startTestServer(t, { accounts: [accountNamed('one'), accountNamed('two')] })
  await server.call('PUT', '/queues/private', { body: {}, token: tokenOf('one') })
  const { body } = await server.call('GET', '/queues', { token: tokenOf('two') })
  assert.deepEqual(body.queues, [])
  assert.equal((await server.call('GET', '/queues/private', { token: tokenOf('two') })).status, 404)
})

test('a key works from the moment it is made until the moment it is revoked', async (t) => {
  const server = await startTestServer(t, { accounts: [accountNamed('shop')] })
  const token = tokenOf('shop')
  const { body: key } = await server.call('POST', '/accounts/shop/keys', { body: { scopes: ['send'] }, token })
  assert.equal((await server.call('POST', '/queues/q/messages', { body: 1, token: key.token })).status, 201)
  assert.equal((await server.call('DELETE', `/accounts/shop/keys/${key.id}`, { token })).status, 200)
  assert.equal((await server.call('POST', '/queues/q/messages', { body: 1, token: key.token })).status, 401)
  assert.equal((await server.call('DELETE', '/accounts/shop/keys/shop', { token })).status, 409)
})

test('who watches with a key is told no more once it is revoked', async (t) => {
  const clock = fakeClock()
  const server = await startTestServer(t, { accounts: [accountNamed('shop')] }, { clock })
  const token = tokenOf('shop')
  const { body: key } = await server.call('POST', '/accounts/shop/keys', { body: { scopes: ['manage'] }, token })
  const authorization = { Authorization: `Bearer ${key.token}` }
  const answer = await fetch(`${server.url}/api/v1/watch`, { method: 'POST', headers: authorization })
  assert.equal(answer.status, 200)
  const reader = answer.body?.getReader()
  assert.equal((await reader?.read())?.done, false)
  assert.equal((await server.call('DELETE', `/accounts/shop/keys/${key.id}`, { token })).status, 200)
  let isOver = false
  const ended = (async () => {
    while (!(await reader?.read())?.done);
    isOver = true
  })()
  for (let seconds = 0; !isOver && seconds < 1000; seconds++) {
    clock.advance(1000)
    await server.get('/healthz')
  }
  assert.ok(isOver)
  await ended
})

test('a key that is taken out of the file is revoked at the next start', async (t) => {
  const directory = temporaryDirectory(t)
  const extra = { id: 'extra', secret: secretOf('extra') }
  const before = await startTestServer(t, { accounts: [accountNamed('shop', extra)] }, { directory })
  assert.equal((await before.call('GET', '/queues/q/messages', { token: tokenOf('extra') })).status, 200)
  await before.close()
  const after = await startTestServer(t, { accounts: [accountNamed('shop')] }, { directory })
  assert.equal((await after.call('GET', '/queues/q/messages', { token: tokenOf('extra') })).status, 401)
})

test('a secret may stand in a file of its own', async (t) => {
  const directory = temporaryDirectory(t)
  const accounts = [{ name: 'shop', keys: [{ id: 'web', secretFile: 'web.secret' }] }]
  const silent = { log: { level: 'silent' }, accounts }
  await assert.rejects(startServer(configOf(directory, silent)), /accounts\[0\]\.keys\[0\]\.secretFile: cannot be read/)
  writeFileSync(join(directory, 'web.secret'), 'short\n')
  await assert.rejects(startServer(configOf(directory, silent)), /keys\[0\]\.secretFile: what is in .* must have 16/)
  writeFileSync(join(directory, 'web.secret'), `${secretOf('web')}\n`)
  const server = await startTestServer(t, { accounts }, { directory })
  assert.equal((await server.call('POST', '/queues/q/messages', { body: 1, token: tokenOf('web') })).status, 201)
})

test('the server key is readable for its owner only, and the server insists', {
  skip: process.platform === 'win32',
}, async (t) => {
  const directory = temporaryDirectory(t)
  const server = await startTestServer(t, {}, { directory })
  const file = join(directory, 'server.key')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  await server.close()
  const { chmodSync } = await import('node:fs')
  chmodSync(file, 0o644)
  const config = configOf(directory, { log: { level: 'silent' } })
  await assert.rejects(startServer(config), /Others can read the server key .*chmod 600/)
  chmodSync(file, 0o600)
  writeFileSync(file, 'damaged')
  await assert.rejects(startServer(config), /server\.key is damaged/)
})

test('a login of the dashboard ends with the secret that it was begun with', async (t) => {
  const directory = temporaryDirectory(t)
  const before = await startTestServer(t, { accounts: [accountNamed('shop')] }, { directory })
  const { headers } = await fetch(`${before.url}/dashboard/session`, signIn(tokenOf('shop')))
  const cookie = headers.get('set-cookie')?.split(';')[0] ?? ''
  const state = async ({ url }: { url: string }) => {
    const answer = await fetch(`${url}/dashboard/session`, { headers: { Cookie: cookie, 'X-Millrace-Dashboard': '1' } })
    return ((await answer.json()) as { state: string }).state
  }
  assert.equal(await state(before), 'signed-in')
  await before.close()

  const again = await startTestServer(t, { accounts: [accountNamed('shop')] }, { directory })
  assert.equal(await state(again), 'signed-in', 'it outlives a restart')
  await again.close()

  const { keys, ...shop } = accountNamed('shop')
  const changed = { ...shop, keys: keys.map((key) => ({ ...key, secret: secretOf('another') })) }
  assert.equal(await state(await startTestServer(t, { accounts: [changed] }, { directory })), 'signed-out')
})

test('a token that ends by itself begins no login of the dashboard, which would outlive it', async (t) => {
  const { url } = await startTestServer(t, { accounts: [accountNamed('shop')] })
  const user = { name: 'shop', password: secretOf('shop') }
  const body = JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } })
  const answer = await fetch(`${url}/v3/auth/tokens`, { method: 'POST', headers: json, body })
  const token = answer.headers.get('x-subject-token') ?? ''
  assert.match(token, /^mrs_/)
  assert.equal((await fetch(`${url}/dashboard/session`, signIn(token))).status, 403)
})

const json = { 'Content-Type': 'application/json' }
const signIn = (key: string): RequestInit => ({ method: 'POST', headers: json, body: JSON.stringify({ key }) })
