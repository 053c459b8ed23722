import { ProxyTracerProvider, type Tracer, trace } from '@opentelemetry/api'
import type { QueueEngine } from '../../../core/engine-api.ts'
import { LeaseTraces } from './lease-traces.ts'
import { tracedReceive, tracedSend, tracedSettle } from './verbs.ts'

/**
 * Spans that follow a message from its send over each receive to its settlement, through the `traceparent` that is kept
 * with it. Without an OpenTelemetry SDK in the process the engine stays as it is.
 */
export const tracedEngine = (engine: QueueEngine, version: string): QueueEngine =>
  hasSdk() ? new Proxy(engine, handler(engine, trace.getTracer('millrace', version))) : engine

const hasSdk = (): boolean => {
  const provider = trace.getTracerProvider()
  const nothing = new ProxyTracerProvider().getDelegate()
  return provider instanceof ProxyTracerProvider ? provider.getDelegate() !== nothing : true
}

const handler = (engine: QueueEngine, tracer: Tracer): ProxyHandler<QueueEngine> => {
  const leases = new LeaseTraces()
  const traced: Partial<QueueEngine> = {
    send: tracedSend(engine, tracer),
    receive: tracedReceive(engine.receive.bind(engine), tracer, leases),
    pop: tracedReceive(engine.pop.bind(engine), tracer, leases),
    settle: tracedSettle(engine, tracer, leases),
  }
  return {
    get(target, name) {
      const verb: unknown = traced[name as keyof QueueEngine] ?? Reflect.get(target, name)
      return typeof verb === 'function' ? verb.bind(target) : verb
    },
  }
}
