import { Exchange } from './http/exchange.ts'
import { HttpBackend } from './http/http-backend.ts'
import { nodeTransport } from './http/node-transport.ts'
import { defaultRetry, type RetryPolicy } from './http/retry.ts'
import { type Fetch, fetchTransport, type Transport } from './http/transport.ts'
import { defaultLimits, MillraceHandle } from './millrace.ts'
import { systemRuntime } from './runtime.ts'
import type { Millrace } from './types/millrace.ts'

export interface ClientOptions {
  /** Where the server is, such as `http://127.0.0.1:8080`; with a path, if a proxy serves it below one. */
  readonly url: string | URL
  /** The secret of a key. A server in open mode needs none. */
  readonly token?: string | undefined
  /** Default: the key's account; in open mode `default`. */
  readonly account?: string | undefined
  /** Default: Node's own `http` in Node.js, where it is faster, and else the global `fetch`. */
  readonly fetch?: Fetch | undefined
  /** Sent with every request, for proxies. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How long a request may take, beside the wait that it asks for; default 30 s. */
  readonly timeoutMs?: number | undefined
  /** Whether, and how many, calls of the same moment travel together; default 1,000 messages and 8 MiB. */
  readonly coalesce?: false | CoalesceOptions | undefined
  readonly retry?: false | Partial<RetryPolicy> | undefined
}

export interface CoalesceOptions {
  readonly maxMessages?: number | undefined
  readonly maxBytes?: number | undefined
}

/** Asks nothing of the server yet: the first call does. */
export const createClient = (options: ClientOptions): Millrace => {
  const { token, account, headers, timeoutMs = 30_000, retry = {}, coalesce = {} } = options
  const url = new URL(options.url)
  const runtime = systemRuntime()
  const exchange = new Exchange({
    transport: transportOf(url, options.fetch),
    headers: {
      accept: 'application/json',
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(account === undefined ? {} : { 'x-millrace-account': account }),
    },
    timeoutMs,
    retry: retry === false ? { ...defaultRetry, attempts: 1 } : { ...defaultRetry, ...retry },
    runtime,
  })
  const backend = new HttpBackend(exchange, `${url.pathname.replace(/\/+$/, '')}/api/v1`)
  return new MillraceHandle({ backend, limits: limitsOf(coalesce), runtime })
}

const limitsOf = (coalesce: false | CoalesceOptions) => {
  if (coalesce === false) return { ...defaultLimits, together: false }
  const { maxMessages = defaultLimits.maxCount, maxBytes = defaultLimits.maxWeight } = coalesce
  return {
    maxCount: Math.min(maxMessages, defaultLimits.maxCount),
    maxWeight: Math.min(maxBytes, defaultLimits.maxWeight),
    together: true,
  }
}

const transportOf = (url: URL, fetch: Fetch | undefined): Transport => {
  if (fetch) return fetchTransport(url.origin, fetch)
  return nodeTransport(url) ?? fetchTransport(url.origin, (input, init) => globalThis.fetch(input, init))
}
