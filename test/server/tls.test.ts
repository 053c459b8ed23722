import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { get } from 'node:https'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { startServer } from '../../src/server/index.ts'
import { configOf, startTestServer, temporaryDirectory } from './harness.ts'

const file = (name: string) => resolve(import.meta.dirname, '../fixtures/tls', name)
const tls = { cert: file('cert.pem'), key: file('key.pem') }

test('the server speaks TLS itself', async (t) => {
  const server = await startTestServer(t, { tls })
  assert.match(server.url, /^https:\/\/127\.0\.0\.1:/)
  const answer = await new Promise<string>((resolve, reject) => {
    const asked = get(`${server.url}/healthz`, { ca: readFileSync(tls.cert), agent: false }, (got) =>
      resolve(text(got)),
    )
    asked.on('error', reject)
  })
  assert.equal(answer, '{"status":"alive"}')
  await assert.rejects(fetch(`${server.url}/healthz`), 'without the certificate it is not trusted')
})

test('a certificate that cannot be used is told in so many words', async (t) => {
  const directory = temporaryDirectory(t)
  const start = (files: object) => startServer(configOf(directory, { tls: files, log: { level: 'silent' } }))
  await assert.rejects(start({ ...tls, cert: '/nowhere.pem' }), /tls\.cert: cannot be read: ENOENT/)
  await assert.rejects(start({ cert: tls.key, key: tls.key }), /tls: the certificate and key cannot be used/)
})
