import assert from 'node:assert/strict'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestServer, temporaryDirectory } from './harness.ts'

test('a backup is written while the server works, with progress, and is a store of its own', async (t) => {
  const server = await startTestServer(t)
  await server.call('POST', '/queues/q/messages', { body: { kept: true } })
  const directory = temporaryDirectory(t)
  const file = join(directory, 'backup.db')
  const answer = await fetch(`${server.url}/api/v1/admin/backup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ file }),
  })
  assert.equal(answer.status, 200)
  const lines = (await answer.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(lines.at(-1).state, 'completed')
  assert.ok(lines.at(-1).sizeBytes > 0)
  const again = await server.call('POST', '/admin/backup', { body: { file } })
  assert.deepEqual([again.status, again.body.code], [409, 'BackupRefused'])

  const data = join(directory, 'data')
  mkdirSync(data)
  renameSync(file, join(data, 'millrace.db'))
  const restored = await startTestServer(t, {}, { directory: data })
  const { body } = await restored.call('POST', '/queues/q/receive')
  assert.deepEqual(body.messages[0].body, { kept: true })
})

test('a backup to a relative path goes into the data directory', async (t) => {
  const directory = temporaryDirectory(t)
  const server = await startTestServer(t, {}, { directory })
  await fetch(`${server.url}/api/v1/admin/backup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"file":"copy.db"}',
  }).then((answer) => answer.text())
  assert.ok(existsSync(join(directory, 'copy.db')))
})

test('the server tells what it is', async (t) => {
  const directory = temporaryDirectory(t)
  const server = await startTestServer(t, {}, { directory })
  const { body } = await server.call('GET', '/admin/info')
  assert.deepEqual([body.open, body.dataDirectory, body.store.kind], [true, directory, 'sqlite'])
  assert.match(body.runtime, /^node \d/)
})

test('the root tells programs and people where to go', async (t) => {
  const server = await startTestServer(t)
  const answer = await server.get('/', { Accept: 'application/json' })
  const description = (await answer.json()) as Record<string, string>
  assert.deepEqual([answer.status, description.name, description.api], [300, 'millrace', '/api/v1'])
  const page = await server.get('/', { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
  assert.match(await page.text(), /Millrace/)
  const nothing = await server.get('/nothing')
  assert.equal(nothing.status, 404)
  assert.match(nothing.headers.get('content-type') ?? '', /^application\/problem\+json/)
})

test('accounts are made and removed, but not while they own queues', async (t) => {
  const server = await startTestServer(t)
  assert.equal((await server.call('PUT', '/accounts/shop', { body: { displayName: 'The shop' } })).status, 201)
  assert.equal(
    (await server.call('GET', '/accounts')).body.accounts.find(({ name }: { name: string }) => name === 'shop')
      .displayName,
    'The shop',
  )
  await fetch(`${server.url}/api/v1/queues/q`, { method: 'PUT', headers: { 'X-Millrace-Account': 'shop' } })
  assert.equal((await server.call('DELETE', '/accounts/shop')).status, 409)
  await fetch(`${server.url}/api/v1/queues/q`, { method: 'DELETE', headers: { 'X-Millrace-Account': 'shop' } })
  assert.equal((await server.call('DELETE', '/accounts/shop')).status, 200)
})
