import type { Transport, TransportAnswer, TransportRequest } from './transport.ts'

const httpModule = () => process.getBuiltinModule('node:http')

type Http = Pick<ReturnType<typeof httpModule>, 'request' | 'Agent'>
type Agent = InstanceType<Http['Agent']>
type IncomingMessage = Parameters<NonNullable<Parameters<Http['request']>[2]>>[0]

/**
 * Node's own `http` takes about a quarter of the processor time of its `fetch`. It is asked for at run time, so that the
 * same file runs where there is none. Undefined: this is not Node.js.
 */
export const nodeTransport = (url: URL): Transport | undefined => {
  const http = findModule(url.protocol)
  if (!http) return undefined
  const agent = new http.Agent({ keepAlive: true })
  const server = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port, agent }
  return {
    send: (request) => send(http, server, request),
    close: () => agent.destroy(),
  }
}

/** Deno and Bun have the module too, but their own `fetch` is the faster way there. */
const findModule = (protocol: string): Http | undefined => {
  if ('Bun' in globalThis || 'Deno' in globalThis) return undefined
  if (typeof process === 'undefined' || typeof process.getBuiltinModule !== 'function') return undefined
  return process.getBuiltinModule(protocol === 'https:' ? 'node:https' : 'node:http')
}

const send = (
  http: Http,
  server: { readonly host: string; readonly port: string; readonly agent: Agent },
  { method, path, headers, body, signal }: TransportRequest,
): Promise<TransportAnswer> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const request = http.request({ ...server, method, path, headers: withLength(headers, body) })
    const stop = () => request.destroy()
    signal.addEventListener('abort', stop, { once: true })
    request.once('response', (message) => resolve(answerOf(message, signal)))
    request.once('close', () => signal.removeEventListener('abort', stop))
    request.on('error', (error) => reject(signal.aborted ? signal.reason : error))
    request.end(body)
  })

const withLength = (headers: Readonly<Record<string, string>>, body: TransportRequest['body']) => {
  if (body === undefined) return headers
  return { ...headers, 'content-length': typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength }
}

const answerOf = (message: IncomingMessage, signal: AbortSignal): TransportAnswer => ({
  status: message.statusCode ?? 0,
  header(name) {
    const value = message.headers[name]
    return Array.isArray(value) ? value.join(', ') : (value ?? null)
  },
  text: () => collect(message, signal),
  chunks: () => message,
})

const collect = (message: IncomingMessage, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.once('end', () => resolve((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString()))
    message.once('error', (error) => reject(signal.aborted ? signal.reason : error))
    message.once('close', () => {
      if (!message.complete) reject(signal.aborted ? signal.reason : new Error('the connection was closed'))
    })
  })
