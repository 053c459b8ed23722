import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { QueueEngine } from '../../../core/engine-api.ts'
import { isRefusal } from '../../../core/errors.ts'
import type { NewMessage } from '../../../core/message.ts'
import type { ReceivedMessage } from '../../../core/requests.ts'
import type { LeaseTraces } from './lease-traces.ts'
import { formatTraceparent, linksTo, parseTraceparent } from './traceparent.ts'

/** A child of the first message's own trace; messages without a trace of their own are given this one. */
export const tracedSend =
  (engine: QueueEngine, tracer: Tracer): QueueEngine['send'] =>
  async (request) => {
    const own = request.messages.find(({ traceparent }) => parseTraceparent(traceparent))?.traceparent
    const parent = under(own)
    const others = request.messages
      .map(({ traceparent }) => traceparent)
      .filter((other) => other !== parent.traceparent)
    const links = linksTo(others)
    const attributes = describe('send', request, request.messages.length)
    const span = tracer.startSpan(
      `send ${request.queue}`,
      { kind: SpanKind.PRODUCER, attributes, links },
      parent.context,
    )
    const traceparent = isSpanContextValid(span.spanContext()) ? formatTraceparent(span.spanContext()) : own
    const mark = (message: NewMessage): NewMessage =>
      traceparent !== undefined && (message.traceparent === undefined || message.traceparent === own)
        ? { ...message, traceparent }
        : message
    return during(span, engine.send({ ...request, messages: request.messages.map(mark) }), (sent) => {
      if (sent.length === 1) span.setAttribute('messaging.message.id', sent[0]?.id ?? '')
    })
  }

/** Linked to the sends of all that was received. A receive that found nothing leaves no span, however long it waited. */
export const tracedReceive =
  <Request extends { readonly account: string; readonly queue: string }>(
    receive: (request: Request) => Promise<readonly ReceivedMessage[]>,
    tracer: Tracer,
    leases: LeaseTraces,
  ) =>
  async (request: Request): Promise<readonly ReceivedMessage[]> => {
    const startTime = new Date()
    const received = await receive(request)
    if (received.length === 0) return received
    const traceparents = received.map(({ message }) => message.extra?.traceparent)
    const attributes = describe('receive', request, received.length, received[0]?.id)
    const links = linksTo(traceparents)
    tracer
      .startSpan(`receive ${request.queue}`, { kind: SpanKind.CLIENT, attributes, links, startTime }, context.active())
      .end()
    for (const [index, { receiptHandle }] of received.entries()) leases.remember(receiptHandle, traceparents[index])
    return received
  }

/** In the trace of the message's send, if it is one message; else linked to those of all. */
export const tracedSettle =
  (engine: QueueEngine, tracer: Tracer, leases: LeaseTraces): QueueEngine['settle'] =>
  async (request) => {
    const traceparents = request.entries.map(({ receiptHandle }) => leases.of(receiptHandle))
    const parent = under(request.entries.length === 1 ? traceparents[0] : undefined)
    const links = linksTo(traceparents.filter((other) => other !== parent.traceparent))
    const attributes = {
      ...describe('settle', request, request.entries.length),
      'millrace.action': [...new Set(request.entries.map(({ action }) => action.do))].join(' '),
    }
    const span = tracer.startSpan(
      `settle ${request.queue}`,
      { kind: SpanKind.CLIENT, attributes, links },
      parent.context,
    )
    return during(span, engine.settle(request), (results) => {
      const refused = results.find((result) => !result.ok)
      if (refused && !refused.ok) span.setStatus({ code: SpanStatusCode.ERROR, message: refused.refusal.code })
    })
  }

const describe = (
  type: 'send' | 'receive' | 'settle',
  request: { readonly account: string; readonly queue: string },
  count: number,
  id?: string,
): Attributes => ({
  'messaging.system': 'millrace',
  'messaging.operation.type': type,
  'messaging.operation.name': type,
  'messaging.destination.name': request.queue,
  'millrace.account': request.account,
  ...(count === 1 ? id !== undefined && { 'messaging.message.id': id } : { 'messaging.batch.message_count': count }),
})

/** What is going on in this process counts first: a request that the SDK has made a span of, say. */
const under = (traceparent: string | undefined): { context: Context; traceparent?: string | undefined } => {
  const active = context.active()
  const parent = trace.getSpan(active) ? undefined : parseTraceparent(traceparent)
  return parent ? { context: trace.setSpanContext(ROOT_CONTEXT, parent), traceparent } : { context: active }
}

const during = async <Result>(span: Span, work: Promise<Result>, done: (result: Result) => void): Promise<Result> => {
  try {
    const result = await work
    done(result)
    return result
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: isRefusal(error) ? error.code : (error as Error).message })
    throw error
  } finally {
    span.end()
  }
}
