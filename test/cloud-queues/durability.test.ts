import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryDirectory } from '../server/harness.ts'
import { startProcess } from '../starqueue/process.ts'
import { bodies, caller, expecting, idOf } from './harness.ts'

test('what was answered survives kill -9: queues, metadata, messages, markers, claims, deletes', async (t) => {
  const directory = temporaryDirectory(t)
  const before = await startProcess(t, directory)
  let ask = expecting(caller(before.url))
  const messages = '/v1/queues/q/messages'
  await ask(201, 'PUT', '/v1/queues/q')
  await ask(204, 'PUT', '/v1/queues/q/metadata', { raw: '{"n":1.50}' })
  const { json } = await ask(201, 'POST', messages, { body: [0, 1, 2, 3, 4].map((body) => ({ ttl: 600, body })) })
  const claimed = await ask(201, 'POST', '/v1/queues/q/claims?limit=2', { body: { ttl: 600, grace: 60 } })
  const claim = claimed.headers.get('location') ?? ''
  await ask(204, 'DELETE', claimed.json[0].href)
  await ask(204, 'DELETE', `${messages}?ids=${idOf(json.resources[4])}`)
  const watched = (await ask(200, 'GET', `${messages}?echo=true&limit=1`)).json.links[0].href
  const shared = (await ask(200, 'POST', '/v2/queues/q/share', { project: 'default' })).json
  await before.kill()

  const { url } = await startProcess(t, directory)
  ask = expecting(caller(url))
  assert.equal((await ask(200, 'GET', '/v1/queues/q/metadata')).text, '{"n":1.50}')
  assert.deepEqual(bodies((await ask(200, 'GET', watched)).json.messages), [3])
  assert.deepEqual(bodies((await ask(200, 'GET', claim)).json.messages), [1])
  await ask(403, 'DELETE', json.resources[1])
  assert.deepEqual(
    bodies((await ask(201, 'POST', '/v1/queues/q/claims', { body: { ttl: 60, grace: 60 } })).json),
    [2, 3],
  )
  await ask(204, 'DELETE', claim)
  assert.deepEqual(bodies((await ask(200, 'GET', `${messages}?echo=true`)).json.messages), [1])
  const { paths, methods, expires, signature, project } = shared
  const headers = {
    'URL-Paths': paths.join(),
    'URL-Methods': methods.join(),
    'URL-Expires': expires,
    'URL-Signature': signature,
  }
  await ask(200, 'GET', '/v2/queues/q/messages?echo=true', { project, headers })
})
