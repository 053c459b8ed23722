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

test('a store that hangs makes the server unready', async () => {
  const clock = fakeClock()
  const asked = Promise.withResolvers<void>()
  const app = Fastify()
  const putDocument = () => {
    asked.resolve()
    return new Promise<boolean>(() => {})
  }
  healthRoutes(app, { engine: { putDocument }, clock, isStopping: () => false })
  const readiness = app.inject('/readyz')
  await asked.promise
  clock.advance(5000)
  const answer = await readiness
  assert.equal(answer.statusCode, 503)
  assert.deepEqual(answer.json(), { status: 'unready', reason: 'The store does not answer.' })
})

test('many who ask for readiness within a second cost one write', async () => {
  const clock = fakeClock()
  let writes = 0
  const app = Fastify()
  const putDocument = async () => {
    writes++
    return true
  }
  healthRoutes(app, { engine: { putDocument }, clock, isStopping: () => false })
  await Promise.all(Array.from({ length: 20 }, () => app.inject('/readyz')))
  assert.equal(writes, 1)
  clock.advance(1000)
  await app.inject('/readyz')
  assert.equal(writes, 2)
})
