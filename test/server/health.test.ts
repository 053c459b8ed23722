import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock, faultyStore, memoryStore } from '../../src/testing/index.ts'
import { startTestServer } from './harness.ts'

test('a server that can write is alive and ready', async (t) => {
  const server = await startTestServer(t)
  const health = await server.get('/healthz')
  assert.deepEqual([health.status, await health.json()], [200, { status: 'alive' }])
  const readiness = await server.get('/readyz')
  assert.deepEqual([readiness.status, await readiness.json()], [200, { status: 'ready' }])
})

test('a server whose store cannot write is alive but not ready, until it can again', async (t) => {
  let isFailing = false
  const clock = fakeClock()
  const store = faultyStore(memoryStore(), () => (isFailing ? 'before-commit' : undefined))
  const server = await startTestServer(t, {}, { store, clock })
  assert.equal((await server.get('/readyz')).status, 200)

  isFailing = true
  clock.advance(1000)
  const unready = await server.get('/readyz')
  assert.equal(unready.status, 503)
  assert.deepEqual(await unready.json(), { status: 'unready', reason: 'The store cannot write at present.' })
  assert.equal((await server.get('/healthz')).status, 200)
  assert.equal((await server.call('POST', '/queues/q/messages', { body: 1 })).status, 503)

  isFailing = false
  clock.advance(1000)
  assert.equal((await server.get('/readyz')).status, 200)
  assert.equal((await server.call('POST', '/queues/q/messages', { body: 1 })).status, 201)
})
