import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { startTestServer } from '../server/harness.ts'
import type { Json } from './harness.ts'

const file = (name: string) => resolve(import.meta.dirname, '../fixtures/tls', name)
const tls = { cert: file('cert.pem'), key: file('key.pem') }

test('StarQueue is accessed via HTTPS, which the server speaks itself', async (t) => {
  const { url } = await startTestServer(t, { tls })
  assert.match(url, /^https:/)
  const call = async (path: string, fields: Json, headers: Record<string, string> = {}): Promise<Json> => {
    const sending = request(url + path, {
      method: 'POST',
      ca: readFileSync(tls.cert),
      agent: false,
      headers: { 'Content-Type': 'application/json', ...headers },
    })
    sending.end(JSON.stringify(fields))
    const [answer] = await once(sending, 'response')
    return JSON.parse(await text(answer)) as Json
  }
  const made = await call('/accountcreate', { Version: 1 })
  const token = { AuthToken: String(made.AuthToken) }
  const place = `${made.accountid}/q`
  await call(`/messagesend/${place}`, { MessageBody: 'aGVsbG8=' }, token)
  const { MessageReceiveResult } = await call(`/messagereceive/${place}`, {}, token)
  assert.equal((MessageReceiveResult as { MessageBody: string }[])[0]?.MessageBody, 'aGVsbG8=')
})
