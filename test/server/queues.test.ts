import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startServer } from '../../src/server/index.ts'
import { accountNamed, configOf, startTestServer, temporaryDirectory, tokenOf } from './harness.ts'

const start = async (
  t: Parameters<typeof startTestServer>[0],
  directory: string,
  settings: object,
  more: object = {},
) => startTestServer(t, { queues: [{ name: 'orders', settings, ...more }] }, { directory })

test('queues of the configuration exist from the start, with their settings and groups', async (t) => {
  const queues = [{ name: 'orders', settings: { delayMs: 5000, consumerGroups: true }, groups: ['billing', 'stock'] }]
  const server = await startTestServer(t, { queues })
  const { body } = await server.call('GET', '/queues/orders')
  assert.equal(body.settings.delayMs, 5000)
  assert.deepEqual(body.groups.map(({ name }: { name: string }) => name).sort(), ['billing', 'stock'])
})

test('they belong to the only account, or to the one they name', async (t) => {
  const accounts = [accountNamed('shop')]
  const one = await startTestServer(t, { accounts, queues: [{ name: 'orders' }] })
  assert.equal((await one.call('GET', '/queues/orders', { token: tokenOf('shop') })).body.account, 'shop')
  const both = [...accounts, accountNamed('bank')]
  const two = await startTestServer(t, { accounts: both, queues: [{ name: 'orders', account: 'bank' }] })
  assert.equal((await two.call('GET', '/queues/orders', { token: tokenOf('bank') })).status, 200)
  assert.equal((await two.call('GET', '/queues/orders', { token: tokenOf('shop') })).status, 404)
})

test('a queue follows its entry in the file when that changes, and is let be while it does not', async (t) => {
  const directory = temporaryDirectory(t)
  const first = await start(t, directory, { delayMs: 1000, receiveLimit: 3 })
  await first.call('PATCH', '/queues/orders', { body: { delayMs: 7 } })
  await first.close()

  const unchanged = await start(t, directory, { delayMs: 1000, receiveLimit: 3 })
  const { body: kept } = await unchanged.call('GET', '/queues/orders')
  assert.deepEqual([kept.settings.delayMs, kept.settings.receiveLimit], [7, 3])
  await unchanged.close()

  const changed = await start(t, directory, { delayMs: 2000 })
  const { body: updated } = await changed.call('GET', '/queues/orders')
  assert.deepEqual([updated.settings.delayMs, updated.settings.receiveLimit], [2000, null])
  await changed.close()

  const withdrawn = await startTestServer(t, {}, { directory })
  assert.equal((await withdrawn.call('GET', '/queues/orders')).status, 200)
})

test('secrets of a push target in the file are in no other file, and follow it all the same', async (t) => {
  const directory = temporaryDirectory(t)
  const targetOf = (password: string) => ({
    push: { url: 'https://shop.example/', headers: { Authorization: password }, signingSecrets: [signingSecret] },
  })
  const signingSecret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
  const shown = async (password: string): Promise<string> => {
    const server = await start(t, directory, targetOf(password))
    const { body } = await server.call('GET', '/queues/orders')
    await server.close()
    return body.settings.push.headers.Authorization
  }
  const first = await shown('Bearer one')
  assert.match(first, /^sealed:/)
  assert.equal(await shown('Bearer one'), first)
  assert.notEqual(await shown('Bearer two'), first)
  for (const file of readdirSync(directory)) {
    const bytes = readFileSync(join(directory, file))
    for (const secret of ['Bearer', signingSecret]) assert.equal(bytes.includes(secret), false, `${secret} in ${file}`)
  }
})

test('a change that the messages of a queue do not allow keeps the server from starting, and names the queue', async (t) => {
  const directory = temporaryDirectory(t)
  const server = await start(t, directory, {})
  await server.call('POST', '/queues/orders/messages', { body: 1 })
  await server.close()
  const queues = [{ name: 'orders', settings: { ordering: 'ordered' } }]
  const config = configOf(directory, { queues, log: { level: 'silent' } })
  await assert.rejects(
    startServer(config),
    /queues\[0\]: The ordering of 'orders' can change only while it holds no messages/,
  )
  await start(t, directory, {})
})
