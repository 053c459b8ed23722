// A real server, spoken to by the real client and by requests of every other kind.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { type AltogicClient, type ClientOptions, createClient } from 'altogic'
import { accountNamed, secretOf, startTestServer, type TestServer, tokenOf } from '../server/harness.ts'

export const key = 'a-client-key-of-the-shop'
export const sessionKey = 'a-client-key-that-enforces-sessions'
export const pageKey = 'a-client-key-for-one-web-site'
export const queueId = '6237ad734625ff4ccdbe6be3'

/** An account with a key of each kind, and a queue with an id of its own. */
export const shop = {
  accounts: [
    accountNamed(
      'shop',
      { id: 'web', secret: key, client: {} },
      { id: 'app', secret: sessionKey, client: { enforceSession: true } },
      { id: 'page', secret: pageKey, client: { authorizedDomains: ['shop.example.com'] } },
      { id: 'reader', secret: secretOf('reader'), scopes: ['manage'], client: {} },
      { id: 'narrow', secret: secretOf('narrow'), scopes: ['send'], queues: ['orders*'], client: {} },
    ),
    accountNamed('other', { id: 'other-web', secret: 'a-client-key-of-the-other', client: {} }),
  ],
  queues: [{ account: 'shop', name: 'sendWelcomeEmail', settings: { publicId: queueId } }],
}

export interface Setup {
  readonly server: TestServer
  /** The client, unmodified. */
  client(key?: string, options?: ClientOptions, path?: string): AltogicClient
  /** The native API, with the account's own key. */
  native(method: string, path: string, body?: unknown, account?: string): Promise<Json>
}

// biome-ignore lint/suspicious/noExplicitAny: the tests look into whatever was answered.
export type Json = any

export const start = async (
  t: TestContext,
  file: object = shop,
  options: Parameters<typeof startTestServer>[2] = {},
): Promise<Setup> => {
  const server = await startTestServer(t, file, options)
  return {
    server,
    client: (clientKey = key, clientOptions, path = '') =>
      createClient(`${server.url}${path}`, clientKey, clientOptions),
    async native(method, path, body, account = 'shop') {
      const answer = await server.call(method, path, { body, token: tokenOf(account) })
      assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
      return answer.body
    },
  }
}

/** Where the client keeps its session when it is not in a browser. */
export const storage = (): NonNullable<ClientOptions['localStorage']> & { readonly items: Map<string, string> } => {
  const items = new Map<string, string>()
  return {
    items,
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
  } as never
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly json: Json
}

/** A request of any kind; whatever comes back has to be what the client can live with. */
export const request = async (url: string, init: RequestInit = {}): Promise<Answer> => {
  const answer = await fetch(url, { redirect: 'manual', ...init })
  const text = await answer.text()
  const json = text === '' && init.method === 'HEAD' ? undefined : checkedJson(answer.status, text)
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8')
  assert.equal(answer.headers.get('etag'), null)
  return { status: answer.status, headers: answer.headers, json }
}

export const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  request(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Client-Key': key, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** Fails unless it is the form that keeps the client's promise alive. */
const checkedJson = (status: number, text: string): Json => {
  const json = JSON.parse(text) as Json
  if (status >= 200 && status < 300) return json
  assert.ok(status >= 400, `${status}`)
  assert.ok(Array.isArray(json.errors) && json.errors.length > 0, text)
  for (const { origin, code, message, details = {} } of json.errors) {
    assert.ok(origin === (status >= 500 ? 'server_error' : 'client_error'), text)
    assert.match(code, /^[a-z]+(?:_[a-z]+)*$/)
    assert.ok(typeof message === 'string' && message !== '' && !message.includes('\n'), text)
    assert.ok(typeof details === 'object' && !Array.isArray(details), text)
  }
  return json
}

/** Bytes as they are, and all that comes back until the server closes. */
export const exchange = async (url: string, bytes: string | Uint8Array): Promise<string> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
  })
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

/** The same, where what comes back has to be what the client can live with. */
export const raw = async (
  url: string,
  bytes: string | Uint8Array,
): Promise<{ status: number; text: string; json: Json }> => {
  const text = await exchange(url, bytes)
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])
  const body = text.slice(text.indexOf('\r\n\r\n') + 4)
  return { status, text, json: checkedJson(status, body) }
}

export const codes = (json: Json): string[] => json.errors.map(({ code }: Json) => code)
