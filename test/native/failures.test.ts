import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { QueueEngine } from '../../src/core/engine-api.ts'
import { Refusal } from '../../src/core/errors.ts'
import { content, startServer } from './harness.ts'

let failure: Error | undefined
const server = await startServer({
  wrap: (engine) =>
    new Proxy(engine, {
      get: (target, name: keyof QueueEngine) => (failure ? () => Promise.reject(failure) : target[name].bind(target)),
    }),
})
const { call, engine, port } = server

const during = async <Result>(error: Error, work: () => Promise<Result>): Promise<Result> => {
  failure = error
  try {
    return await work()
  } finally {
    failure = undefined
  }
}

suite('when the engine fails', () => {
  test('a store that cannot write is told as such, with when to try again', async () => {
    const refusal = new Refusal('StoreUnavailable', { retryable: true })
    const answer = await during(refusal, () => call('POST', '/queues/q/messages', { bytes: 'x' }))
    const { code, data, detail } = content(answer, 503)
    assert.deepEqual([code, data, answer.headers['retry-after']], ['StoreUnavailable', refusal.data, '1'])
    assert.equal(detail, refusal.message)
  })

  test('a defect is told without its particulars', async () => {
    const response = await during(new TypeError('secret of the house'), () =>
      fetch(`http://127.0.0.1:${port}/api/v1/queues`, { headers: { 'x-request-id': 'r-1' } }),
    )
    assert.equal(response.status, 500)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    const text = await response.text()
    assert.doesNotMatch(text, /secret/)
    assert.match(text, /"code":"Internal".*"requestId":"r-1"/)
    assert.equal((await call('GET', '/queues')).status, 200)
  })

  test('a server that stops answers those who wait, and refuses what comes after', async () => {
    const waiting = call('POST', '/queues/q/receive', { json: { waitMs: 60_000 } })
    await server.waiting(1)
    await engine.stop()
    assert.equal((await waiting).text, '{"messages":[]}')
    const { code } = content(await call('POST', '/queues/q/messages', { bytes: 'x' }), 503)
    assert.equal(code, 'ShuttingDown')
  })
})
