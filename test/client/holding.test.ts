// What a worker does while a handler takes its time; client and queues go by one clock.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { Exchange } from '../../src/client/http/exchange.ts'
import { HttpBackend } from '../../src/client/http/http-backend.ts'
import { nodeTransport } from '../../src/client/http/node-transport.ts'
import { defaultRetry } from '../../src/client/http/retry.ts'
import { isMillraceError } from '../../src/client/index.ts'
import { defaultLimits, MillraceHandle } from '../../src/client/millrace.ts'
import { openMillrace } from '../../src/index.ts'
import { fakeClock, memoryStore } from '../../src/testing/index.ts'
import { createWorker } from '../../src/worker/index.ts'
import { chosenStore } from '../postgres/chosen.ts'
import { startTestServer } from '../server/harness.ts'
import { fakeRuntime } from './fakes.ts'
import type { Opened } from './forms.ts'

const overHttp = async (t: TestContext): Promise<Opened> => {
  const runtime = fakeRuntime()
  const { clock } = runtime
  const { url } = await startTestServer(t, {}, { store: await chosenStore(memoryStore), clock })
  const transport = nodeTransport(new URL(url))
  assert.ok(transport)
  const exchange = new Exchange({ transport, headers: {}, timeoutMs: 300_000, retry: defaultRetry, runtime })
  const backend = new HttpBackend(exchange, '/api/v1')
  return { millrace: new MillraceHandle({ backend, limits: { ...defaultLimits, together: true }, runtime }), clock }
}

const inProcess = async (): Promise<Opened> => {
  const clock = fakeClock()
  return { millrace: await openMillrace({ store: await chosenStore(memoryStore), clock }), clock }
}

for (const [form, open] of [
  ['over HTTP', overHttp],
  ['in process', inProcess],
] as const) {
  test(`a message is held for as long as its handler runs (${form})`, async (t) => {
    const { millrace, clock } = await open(t)
    t.after(() => millrace.close())
    const queue = millrace.queue('long')
    await millrace.queues.create('long', {}, { preset: 'worker' })
    const { id } = await queue.send('a')
    const began = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    const worker = createWorker({
      queue,
      holdSeconds: 60,
      async processMessage() {
        began.resolve()
        await end.promise
      },
    })
    await worker.start()
    await began.promise
    const heldUntil = async () => (await queue.get(id))?.visibleAt ?? 0
    const first = await heldUntil()
    clock.advance(31_000)
    let renewed = await heldUntil()
    while (renewed === first) renewed = await heldUntil()
    assert.equal(renewed, clock.now() + 60_000)
    end.resolve()
    let message = await queue.get(id)
    while (message?.type !== 'P') message = await queue.get(id)
    assert.equal(message.receiveCount, 1)
    await worker.stop()
  })

  test(`the signal of a message that is gone is aborted, and nothing is recorded (${form})`, async (t) => {
    const { millrace, clock } = await open(t)
    t.after(() => millrace.close())
    const queue = millrace.queue('gone')
    await queue.send('a')
    const began = Promise.withResolvers<AbortSignal>()
    const ended = Promise.withResolvers<void>()
    const faults: unknown[] = []
    const worker = createWorker({
      queue,
      holdSeconds: 60,
      async processMessage({ signal }) {
        began.resolve(signal)
        await once(signal, 'abort')
        ended.resolve()
      },
      onFault: (error) => faults.push(error),
    })
    await worker.start()
    const signal = await began.promise
    await queue.purge()
    clock.advance(31_000)
    await ended.promise
    assert.ok(isMillraceError(signal.reason))
    await worker.stop()
    // That it could not be renewed, and no more.
    assert.deepEqual(faults, [signal.reason])
  })
}
