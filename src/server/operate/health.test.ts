import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { fakeClock } from '../../testing/index.ts'
import { healthRoutes } from './health.ts'

test('a server that is stopping is alive, but takes no more work', async () => {
  let isStopping = false
  const app = Fastify()
  healthRoutes(app, { engine: { putDocument: async () => true }, clock: fakeClock(), isStopping: () => isStopping })
  assert.equal((await app.inject('/readyz')).statusCode, 200)
  isStopping = true
  const answer = await app.inject('/readyz')
  assert.equal(answer.statusCode, 503)
  assert.deepEqual(answer.json(), { status: 'unready', reason: 'The server is stopping.' })
  assert.equal((await app.inject('/healthz')).statusCode, 200)
})
