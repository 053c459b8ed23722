import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeRuntime, settle } from '../../../test/client/fakes.ts'
import { isMillraceError } from '../error.ts'
import { type Call, Exchange } from './exchange.ts'
import { defaultRetry, type Repeatable } from './retry.ts'
import type { TransportAnswer, TransportRequest } from './transport.ts'

type Answerer = (request: TransportRequest) => Promise<TransportAnswer>

const answer = (status: number, text = '', headers: Record<string, string> = {}): TransportAnswer => ({
  status,
  header: (name) => headers[name] ?? null,
  text: async () => text,
  async *chunks() {
    yield new TextEncoder().encode(text)
  },
})

const problem = (status: number, code: string, headers = {}, data = {}): TransportAnswer =>
  answer(status, JSON.stringify({ code, detail: `It is ${code}.`, data, requestId: 'r-1' }), headers)

const broken: Answerer = () =>
  Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: new Error('reset') }))
const nobody: Answerer = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
const silent: Answerer = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

/** An exchange whose requests are answered in turn; the last one answers all the rest. */
const setUp = (...answerers: Answerer[]) => {
  const runtime = fakeRuntime()
  const requests: (TransportRequest & { readonly at: number })[] = []
  const start = runtime.now()
  const exchange = new Exchange({
    transport: {
      send(request) {
        const answerer = answerers[Math.min(requests.length, answerers.length - 1)] as Answerer
        requests.push({ ...request, at: runtime.now() - start })
        return answerer(request)
      },
      close() {},
    },
    headers: { authorization: 'Bearer x' },
    timeoutMs: 30_000,
    retry: defaultRetry,
    runtime,
  })
  const call = (repeatable: Repeatable = 'always', more: Partial<Call> = {}) =>
    exchange.call({ method: 'POST', path: '/x', repeatable, signal: undefined, ...more })
  const advance = async (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      await settle()
      runtime.clock.advance(100)
    }
    await settle()
  }
  return { exchange, requests, call, advance, clock: runtime.clock, times: () => requests.map(({ at }) => at) }
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise
    return 'ok'
  } catch (error) {
    return isMillraceError(error) ? error.code : String(error)
  }
}

test('an answer comes with its text and request id', async () => {
  const { call, requests } = setUp(async () => answer(200, '{}', { 'x-request-id': 'r-9' }))
  assert.deepEqual(await call('always', { headers: { 'content-type': 'application/json' } }), {
    status: 200,
    text: '{}',
    requestId: 'r-9',
  })
  assert.deepEqual(requests[0]?.headers, { authorization: 'Bearer x', 'content-type': 'application/json' })
})

test('a problem becomes an error', async () => {
  const { call } = setUp(async () => problem(404, 'QueueNotFound', {}, { queue: 'q' }))
  await assert.rejects(call(), (error) => {
    assert.ok(isMillraceError(error, 'QueueNotFound'))
    assert.equal(error.message, 'It is QueueNotFound.')
    assert.deepEqual([error.status, error.data, error.requestId], [404, { queue: 'q' }, 'r-1'])
    return true
  })
})

test('an answer that does not come from Millrace is told apart', async () => {
  const { call } = setUp(async () => answer(502, '<html>Bad Gateway</html>'))
  await assert.rejects(call(), (error) => isMillraceError(error, 'InvalidAnswer') && /Bad Gateway/.test(error.message))
})

test('a status that is expected is an answer', async () => {
  const { call } = setUp(async () => problem(404, 'MessageNotFound'))
  assert.equal((await call('always', { expect: 404 })).status, 404)
})

test('a broken connection is tried again, after longer and longer pauses, for so long', async () => {
  const { call, advance, times } = setUp(broken)
  const code = codeOf(call())
  await advance(5000)
  assert.equal(await code, 'Network')
  assert.deepEqual(times(), [0, 100, 300, 700, 1500])
})

test('it succeeds when the connection is there again', async () => {
  const { call, advance, requests } = setUp(broken, broken, async () => answer(200, 'fine'))
  const answered = call()
  await advance(5000)
  assert.equal((await answered).text, 'fine')
  assert.equal(requests.length, 3)
})

test('a request is repeated only where that does no harm', async () => {
  const halfway: Answerer = async () => ({ ...answer(200), text: () => Promise.reject(new Error('cut')) })
  for (const [repeatable, answerer, wanted] of [
    ['unanswered', broken, 5],
    ['unanswered', halfway, 1],
    ['always', halfway, 5],
    ['refused', broken, 1],
    ['refused', nobody, 5],
  ] as const) {
    const { call, advance, requests } = setUp(answerer)
    const code = codeOf(call(repeatable))
    await advance(5000)
    assert.equal(await code, 'Network')
    assert.equal(requests.length, wanted, repeatable)
  }
})

test('“not now” is followed by another attempt when the server wants it', async () => {
  for (const repeatable of ['always', 'unanswered', 'refused'] as const) {
    const busy: Answerer = async () => problem(503, 'ShuttingDown', { 'retry-after': '2' })
    const { call, advance, times } = setUp(
      busy,
      async () => problem(429, 'TooMany'),
      async () => answer(200),
    )
    const code = codeOf(call(repeatable))
    await advance(5000)
    assert.equal(await code, 'ok')
    assert.deepEqual(times(), [0, 2100, 2300])
  }
})

test('a server that is ill without saying for how long is left alone, and so is a full queue', async () => {
  const full: Answerer = async () => problem(429, 'QueueFull', { 'retry-after': '1' })
  for (const answerer of [full, async () => problem(503, 'StoreUnavailable'), async () => problem(500, 'Internal')]) {
    const { call, advance, requests } = setUp(answerer)
    const code = codeOf(call())
    await advance(5000)
    assert.notEqual(await code, 'ok')
    assert.equal(requests.length, 1)
  }
})

test('a commit that may have happened is repeated only where that does no harm', async () => {
  const ill: Answerer = async () => problem(503, 'StoreUnavailable', { 'retry-after': '1' }, { retryable: false })
  for (const [repeatable, wanted] of [
    ['always', 5],
    ['refused', 1],
  ] as const) {
    const { call, advance, requests } = setUp(ill)
    const code = codeOf(call(repeatable))
    await advance(20_000)
    assert.equal(await code, 'StoreUnavailable')
    assert.equal(requests.length, wanted)
  }
})

test('a request without an answer ends in time, its wait added', async () => {
  const { call, advance, times } = setUp(silent)
  const code = codeOf(call('refused', { waitMs: 20_000 }))
  await advance(49_000)
  assert.equal(times().length, 1)
  await advance(1000)
  assert.equal(await code, 'Timeout')
})

test('the caller’s signal ends the request, and the pause between two', async () => {
  const one = new AbortController()
  const waiting = setUp(silent)
  const aborted = codeOf(waiting.call('always', { signal: one.signal }))
  await settle()
  one.abort()
  assert.equal(await aborted, 'Aborted')

  const two = new AbortController()
  const pausing = setUp(broken)
  const paused = codeOf(pausing.call('always', { signal: two.signal }))
  await settle()
  two.abort()
  assert.equal(await paused, 'Aborted')
  assert.equal(pausing.requests.length, 1)
  assert.equal(pausing.clock.nextCallAt(), undefined)
})

test('nothing is left behind when an answer has come', async () => {
  const controller = new AbortController()
  const { call, clock } = setUp(async () => answer(200))
  await call('always', { signal: controller.signal })
  assert.equal(clock.nextCallAt(), undefined)
})

test('a stream is given as it comes, and its problems are errors', async () => {
  const { exchange } = setUp(
    async () => answer(200, 'a\nb\n'),
    async () => problem(409, 'BackupRefused'),
  )
  const request = { method: 'POST', path: '/x', repeatable: 'refused', signal: undefined } as const
  let text = ''
  for await (const chunk of exchange.stream(request)) text += new TextDecoder().decode(chunk)
  assert.equal(text, 'a\nb\n')
  await assert.rejects(exchange.stream(request).next(), (error) => isMillraceError(error, 'BackupRefused'))
})

test('a stream that its caller gives up is aborted, and not begun when that was before', async () => {
  const controller = new AbortController()
  const { exchange, requests } = setUp(async ({ signal }) => ({
    ...answer(200),
    async *chunks() {
      yield new TextEncoder().encode('a')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('the socket is gone'))))
    },
  }))
  const request = { method: 'POST', path: '/x', repeatable: 'always', signal: controller.signal } as const
  const chunks = exchange.stream(request)
  await chunks.next()
  const next = chunks.next()
  controller.abort()
  await assert.rejects(next, (error) => isMillraceError(error, 'Aborted'))
  await assert.rejects(exchange.stream(request).next(), (error) => isMillraceError(error, 'Aborted'))
  assert.equal(requests.length, 1)
})

test('whether a stream had begun when its connection broke is told', async () => {
  const { exchange } = setUp(broken)
  const request = { method: 'POST', path: '/x', repeatable: 'always', signal: undefined } as const
  await assert.rejects(exchange.stream(request).next(), (error) => {
    assert.ok(isMillraceError(error, 'Network'))
    assert.deepEqual(error.data, { answered: false, connected: true })
    return true
  })
})
