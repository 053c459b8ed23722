import { isIP } from 'node:net'
import { Agent, buildConnector, request } from 'undici'
import type { AddressPolicy, Lookup } from './addresses.ts'
import { AddressRefused, addressCheck, guardedLookup, refusedAddress } from './addresses.ts'
import type { Caller, NoAnswer, PushAnswer, PushCall } from './call.ts'
import { keptAnswerBytes } from './call.ts'

export interface HttpCallerOptions {
  /** Asked at each connection. */
  readonly addresses: () => AddressPolicy
  /** For tests; default: the system's. */
  readonly lookup?: Lookup
  /** How long a connection may take; default: ten seconds. */
  readonly connectTimeoutMs?: number
}

/** Calls over HTTP/1.1: connections are kept, redirects are not followed, and of an answer only its beginning is read. */
export const httpCaller = ({ addresses, lookup, connectTimeoutMs = 10_000 }: HttpCallerOptions): Caller => {
  const mayCall = addressCheck(addresses)
  const connectTo = buildConnector({
    // What a call may take as a whole is up to whoever makes it; but who does not even take a connection is not there.
    timeout: connectTimeoutMs,
    lookup: guardedLookup(mayCall, lookup) as never,
  })
  const connect: buildConnector.connector = (options, done) => {
    // Addresses are not looked up, so they do not come by the guard.
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(host) !== 0 && !mayCall(host)) done(refusedAddress(options.hostname, host), null)
    else connectTo(options, done)
  }
  const agent = new Agent({ connect, headersTimeout: 0, bodyTimeout: 0, pipelining: 1, connections: null })
  return {
    call: (call) => send(agent, call),
    close: () => agent.destroy(),
  }
}

const send = async (agent: Agent, { url, headers, body, signal }: PushCall): Promise<PushAnswer | NoAnswer> => {
  try {
    const answer = await request(url, { method: 'POST', headers, body, signal, dispatcher: agent })
    const { 'retry-after': retryAfter } = answer.headers
    return {
      status: answer.statusCode,
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      text: await beginningOf(answer.body),
    }
  } catch (error) {
    return { error: reasonOf(error), reached: !isBeforeSending(error) }
  }
}

/** The rest of a long answer is not waited for. */
const beginningOf = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes >= keptAnswerBytes) break
  }
  return Buffer.concat(chunks).subarray(0, keptAnswerBytes).toString('utf8').toWellFormed()
}

const beforeSending = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ENODATA',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
  'EPROTO',
  'UND_ERR_CONNECT_TIMEOUT',
])

const isBeforeSending = (error: unknown): boolean => {
  if (error instanceof AddressRefused) return true
  if (error instanceof AggregateError) return error.errors.every(isBeforeSending)
  const given: unknown = (error as NodeJS.ErrnoException).code
  const code = typeof given === 'string' ? given : ''
  return (
    beforeSending.has(code) ||
    code.startsWith('ERR_TLS_') ||
    code.startsWith('ERR_SSL_') ||
    /CERT|SELF_SIGNED|UNABLE_TO/.test(code)
  )
}

const reasonOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(reasonOf).join('; ')
  const { message, code } = error as NodeJS.ErrnoException
  return message || code || 'the connection failed'
}
