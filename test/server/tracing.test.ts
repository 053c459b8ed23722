import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Link, ROOT_CONTEXT, type Span, type SpanContext, type SpanOptions, trace } from '@opentelemetry/api'
import { startTestServer } from './harness.ts'

interface Ended extends SpanOptions {
  readonly name: string
  readonly context: SpanContext
  readonly parent: SpanContext | undefined
  readonly links: Link[]
}

/** As much of an SDK as spans need, so that none has to be installed. */
const spans: Ended[] = []
let serial = 0
const startSpan = (name: string, options: SpanOptions = {}, context = ROOT_CONTEXT): Span => {
  const parent = trace.getSpanContext(context)
  serial++
  const own = {
    traceId: parent?.traceId ?? serial.toString(16).padStart(32, '0'),
    spanId: serial.toString(16).padStart(16, '0'),
    traceFlags: 1,
  }
  return {
    spanContext: () => own,
    setAttribute() {
      return this
    },
    setStatus() {
      return this
    },
    end: () => spans.push({ ...options, links: options.links ?? [], name, context: own, parent }),
  } as unknown as Span
}
trace.setGlobalTracerProvider({
  getTracer: () => ({
    startSpan,
    startActiveSpan: () => {
      throw new Error('not used')
    },
  }),
})
after(() => trace.disable())

const named = (name: string): Ended => {
  const found = spans.findLast((span) => span.name === name)
  assert.ok(found, `no span ${name}`)
  return found
}

test('spans follow a message from its send to its settlement through its traceparent', async (t) => {
  const server = await startTestServer(t)
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  await fetch(`${server.url}/api/v1/queues/orders/messages`, {
    method: 'POST',
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'Content-Type': 'text/plain' },
    body: 'hello',
  })
  const send = named('send orders')
  assert.equal(send.context.traceId, traceId)
  assert.equal(send.parent?.spanId, 'b7ad6b7169203331')
  assert.equal(send.attributes?.['messaging.destination.name'], 'orders')

  const { body } = await server.call('POST', '/queues/orders/receive')
  const [message] = body.messages
  assert.equal(message.traceparent, `00-${traceId}-${send.context.spanId}-01`)
  const receive = named('receive orders')
  assert.deepEqual(
    receive.links.map(({ context }) => context.spanId),
    [send.context.spanId],
  )

  await server.call('DELETE', `/queues/orders/receipts/${message.receiptHandle}`)
  const settle = named('settle orders')
  assert.equal(settle.parent?.spanId, send.context.spanId)
  assert.equal(settle.attributes?.['millrace.action'], 'delete')
})

test('messages of one batch that come without a trace get one together', async (t) => {
  const server = await startTestServer(t)
  const own = '00-11111111111111111111111111111111-2222222222222222-01'
  const messages = [{ body: 1 }, { body: 2 }, { body: 3, traceparent: own }]
  await server.call('POST', '/queues/batch/messages/batch', { body: { messages } })
  const send = named('send batch')
  assert.equal(send.parent?.spanId, '2222222222222222')
  const { body } = await server.call('POST', '/queues/batch/receive', { body: { maxMessages: 3 } })
  const traces = new Set(body.messages.map(({ traceparent }: { traceparent: string }) => traceparent))
  assert.deepEqual([...traces], [`00-${send.context.traceId}-${send.context.spanId}-01`])
})

test('a receive that finds nothing leaves no span', async (t) => {
  const server = await startTestServer(t)
  const before = spans.length
  await server.call('POST', '/queues/empty/receive')
  assert.equal(spans.length, before)
})
