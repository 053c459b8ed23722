import type { Link, SpanContext } from '@opentelemetry/api'

/** The W3C header of a span, to travel with a message. */
export const formatTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`

export const parseTraceparent = (text: string | undefined): SpanContext | undefined => {
  const [, traceId = '', spanId = '', flags = ''] = form.exec(text ?? '') ?? []
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
}

/** Later versions may say more behind it. */
const form = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/

/** One link for each of the spans that some traceparents name. */
export const linksTo = (traceparents: Iterable<string | undefined>): Link[] =>
  Array.from(new Set(traceparents), parseTraceparent)
    .filter((context) => context !== undefined)
    .map((context) => ({ context }))
