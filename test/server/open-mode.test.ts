import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { StartError, startServer } from '../../src/server/index.ts'
import { accountNamed, configOf, startTestServer, temporaryDirectory, tokenOf } from './harness.ts'

test('without an account anybody on this machine may come in, with any credentials', async (t) => {
  const server = await startTestServer(t)
  assert.equal(server.open, true)
  assert.equal((await server.call('POST', '/queues/q/messages', { body: 1 })).status, 201)
  assert.equal((await server.call('POST', '/queues/q/receive', { token: 'anything' })).status, 200)
})

test('an open server refuses to listen where others can reach it, and says what to do', async (t) => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
    const config = configOf(temporaryDirectory(t), { host, log: { level: 'silent' } })
    await assert.rejects(startServer(config), (error) => {
      assert.ok(error instanceof StartError)
      assert.match(error.message, new RegExp(`Other machines can reach ${host}, and no account exists`))
      assert.match(error.message, /listen on 127\.0\.0\.1, or give it an account/)
      return true
    })
  }
})

test('with an account it checks every credential', async (t) => {
  const server = await startTestServer(t, { accounts: [accountNamed('shop')] })
  assert.equal(server.open, false)
  assert.equal((await server.call('GET', '/queues')).status, 401)
  assert.equal((await server.call('GET', '/queues', { token: `${tokenOf('shop')}x` })).status, 401)
  assert.equal((await server.call('GET', '/queues', { token: tokenOf('shop') })).status, 200)
  assert.equal((await server.get('/healthz')).status, 200)
})

test('a server that was refused lets go of its data', async (t) => {
  const directory = temporaryDirectory(t)
  await assert.rejects(startServer(configOf(directory, { host: '0.0.0.0', log: { level: 'silent' } })))
  await startTestServer(t, {}, { directory })
})

test('the first key closes an open server, and a restart finds it closed', async (t) => {
  const directory = temporaryDirectory(t)
  const server = await startTestServer(t, {}, { directory })
  assert.equal((await server.call('PUT', '/accounts/shop', { body: {} })).status, 201)
  assert.equal((await server.call('POST', '/accounts/shop/keys', { body: { scopes: ['send'] } })).status, 400)
  const scopes = ['send', 'receive', 'manage', 'admin']
  const { body: key } = await server.call('POST', '/accounts/shop/keys', { body: { scopes } })
  assert.equal((await server.call('GET', '/queues')).status, 401)
  assert.equal((await server.call('GET', '/queues', { token: key.token })).status, 200)
  await server.close()
  const again = await startTestServer(t, {}, { directory })
  assert.equal((await again.call('GET', '/queues')).status, 401)
  assert.equal((await again.call('GET', '/queues', { token: key.token })).status, 200)
})

const statusWith = (url: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(`${url}/api/v1/queues`, { headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end()
  })

test('pages of other sites cannot use a server that stands open on this machine', async (t) => {
  const server = await startTestServer(t)
  for (const Host of ['localhost:8080', '127.0.0.1', '[::1]:8080', 'queue.localhost']) {
    assert.equal(await statusWith(server.url, { Host }), 200, Host)
  }
  for (const Host of ['example.com', 'localhost.example.com', '127.0.0.1.example.com', '10.0.0.1', 'a b']) {
    assert.equal(await statusWith(server.url, { Host }), 403, Host)
  }
  assert.equal(await statusWith(server.url, { Origin: 'http://localhost:3000' }), 200)
  assert.equal(await statusWith(server.url, { Origin: 'https://example.com' }), 403)
  assert.equal(await statusWith(server.url, { Origin: 'null' }), 403)
})

test('a closed server leaves hosts and origins to its credentials', async (t) => {
  const server = await startTestServer(t, { accounts: [accountNamed('shop')] })
  const Authorization = `Bearer ${tokenOf('shop')}`
  assert.equal(await statusWith(server.url, { Host: 'example.com', Origin: 'https://example.com', Authorization }), 200)
})
