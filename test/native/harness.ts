// A server with only the native API, over a store in memory and a clock that stands still; and a client that holds every
// answer to the description of its operation.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import fastify from 'fastify'
import type { TSchema } from 'typebox'
import { createEngine } from '../../src/core/engine.ts'
import type { QueueEngine } from '../../src/core/engine-api.ts'
import { createIdentity, type IdentityService } from '../../src/core/identity/create-identity.ts'
import type { Grant } from '../../src/core/identity/identity.ts'
import type { EngineLimits } from '../../src/core/limits.ts'
import type { PushControl } from '../../src/core/push-control.ts'
import { explain, type PlainSchema, plainSchema } from '../../src/protocols/native/explain.ts'
import {
  type AdminApi,
  clientError,
  frameworkError,
  maxParamLength,
  type NativeApiOptions,
  type NativeLimits,
  nativeApi,
  requestIdOf,
  type WatchApi,
} from '../../src/protocols/native/index.ts'
import { allOperations, type ListedOperation } from '../../src/protocols/native/operations.ts'
import { problems } from '../../src/protocols/native/problems.ts'
import { Problem, type ProblemCode } from '../../src/protocols/native/schemas/index.ts'
import { type FakeClock, fakeClock, memoryStore } from '../../src/testing/index.ts'
import { chosenStore } from '../postgres/chosen.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
}

export interface CallOptions {
  /** Sent as JSON, unless `bytes` are given. */
  readonly json?: unknown
  readonly bytes?: string | Uint8Array
  readonly type?: string
  readonly headers?: OutgoingHttpHeaders
  readonly token?: string
  readonly signal?: AbortSignal
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>

export interface TestServer {
  readonly clock: FakeClock
  readonly engine: QueueEngine
  readonly identity: IdentityService
  readonly port: number
  readonly call: Call
  /** Ids of the operations that have answered with success. */
  readonly succeeded: Set<string>
  /** Resolves when so many receives wait. */
  waiting(count: number): Promise<void>
  /** Resolves when the server notices that a client's connection has ended. */
  disconnected(): Promise<void>
  /** The bearer token of a new key. */
  tokenFor(account: string, ...grants: Grant[]): Promise<string>
}

export interface ServerOptions {
  readonly limits?: Partial<NativeLimits>
  readonly engineLimits?: Partial<EngineLimits>
  readonly admin?: Partial<AdminApi>
  /** Stands between the API and the engine. */
  readonly wrap?: (engine: QueueEngine) => QueueEngine
}

/** The content of an answer that has this status; its type has been checked against the operation's description. */
export const content = <Content = Problem>(answer: Answer, status: number): Content => {
  assert.equal(answer.status, status, answer.text)
  return JSON.parse(answer.text) as Content
}

/** A server for the tests of one file, stopped when they are over. */
export const startServer = async (options: ServerOptions = {}): Promise<TestServer> => {
  const clock = fakeClock()
  const store = await chosenStore(memoryStore)
  let waiting = 0
  let whenWaiting: (() => void)[] = []
  const engine = createEngine({
    store,
    clock,
    random: { nonce: () => randomBytes(5).readUIntLE(0, 5) + 1 },
    ...(options.engineLimits && { limits: options.engineLimits }),
    observer: {
      committed() {},
      verb() {},
      waiting(change) {
        waiting += change
        for (const look of whenWaiting) look()
      },
    },
  })
  const identity = await createIdentity({ engine, clock, randomBytes, serverKey: randomBytes(32), open: true })
  const app = fastify({
    genReqId: requestIdOf,
    routerOptions: { maxParamLength },
    frameworkErrors: frameworkError,
    clientErrorHandler: clientError,
  })
  const admin: AdminApi = { ...identity, info: serverInfo(clock), ...options.admin }
  const api: NativeApiOptions = {
    engine: options.wrap?.(engine) ?? engine,
    identity,
    admin,
    push: pushOf(clock),
    watch: watchOf(clock),
    ...(options.limits && { limits: options.limits }),
  }
  await app.register(nativeApi, { prefix: '/api/v1', ...api })
  await app.listen({ port: 0, host: '127.0.0.1' })
  let whenDisconnected = () => {}
  app.server.on('connection', (socket) => socket.on('close', () => whenDisconnected()))
  const { port } = app.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  after(async () => {
    agent.destroy()
    await engine.stop()
    await app.close()
    await store.close()
  })
  const succeeded = new Set<string>()
  return {
    clock,
    engine,
    identity,
    port,
    succeeded,
    call: caller(port, agent, succeeded),
    waiting: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (waiting !== count) return
          whenWaiting = whenWaiting.filter((other) => other !== look)
          resolve()
        }
        whenWaiting.push(look)
        look()
      }),
    disconnected: () =>
      new Promise((resolve) => {
        whenDisconnected = resolve
      }),
    async tokenFor(account, ...grants) {
      await identity.putAccount({ name: account })
      const issued = await identity.createKey({ account, grants })
      assert.ok(issued)
      return issued.token
    },
  }
}

const serverInfo = (clock: FakeClock): AdminApi['info'] => {
  const startedAt = clock.now()
  return () => ({
    version: '1.2.3',
    runtime: 'node',
    open: true,
    startedAt,
    uptimeMs: clock.now() - startedAt,
    dataDirectory: null,
    store: { kind: 'memory', sizeBytes: 0, gauges: {} },
  })
}

const caller = (port: number, agent: Agent, succeeded: Set<string>): Call => {
  return async (method, path, options = {}) => {
    const answer = await send(port, agent, method, `/api/v1${path}`, options)
    checkAnswer(method, path, answer, succeeded)
    return answer
  }
}

const send = (port: number, agent: Agent, method: string, path: string, options: CallOptions): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { json, token, type, signal } = options
    const bytes = options.bytes ?? (json === undefined ? undefined : JSON.stringify(json))
    const headers: OutgoingHttpHeaders = { ...options.headers }
    if (bytes !== undefined) headers['content-length'] = Buffer.byteLength(bytes)
    if (type !== undefined) headers['content-type'] = type
    else if (json !== undefined) headers['content-type'] = 'application/json'
    if (token !== undefined) headers.authorization = `Bearer ${token}`
    const sending = request({ port, agent, method, path, headers, ...(signal && { signal }) }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () => {
        const all = Buffer.concat(pieces)
        const { statusCode: status = 0, headers: received } = response
        resolve({ status, headers: received, bytes: all, text: all.toString('utf8') })
      })
    })
    sending.on('error', reject)
    // As bytes: node would send headers beyond ASCII in another way with a string.
    sending.end(bytes === undefined ? undefined : Buffer.from(bytes))
  })

/** Every answer is one that the API's description says there can be. */
const checkAnswer = (method: string, path: string, answer: Answer, succeeded: Set<string>): void => {
  const { status, headers } = answer
  const what = `${method} ${path}: ${status} ${answer.text.slice(0, 500)}`
  assert.match(String(headers['x-request-id']), /^\S+$/, what)
  const listed = operationAt(method, path)
  if (status >= 400) {
    if (method !== 'HEAD') checkProblem(listed, answer, what)
    return
  }
  assert.ok(listed, what)
  succeeded.add(listed.id)
  const described = listed.operation.answers[status]
  assert.ok(described, `${what} is not described`)
  if (!described.schema || method === 'HEAD') return
  const isStream = ['application/x-ndjson', 'text/event-stream'].includes(described.contentType ?? '')
  const lines = isStream ? answer.text.trim().split('\n') : [answer.text]
  for (const line of lines.map((text) => text.replace(/^data: /, '')))
    if (line !== '') assert.deepEqual(explain(strictly(described.schema), JSON.parse(line)), [], what)
}

const checkProblem = (listed: ListedOperation | undefined, { status, headers, text }: Answer, what: string): void => {
  const json = JSON.parse(text) as Problem
  assert.equal(headers['content-type'], 'application/problem+json', what)
  assert.deepEqual(explain(strictly(Problem), json), [], what)
  const { code, detail, requestId } = json
  assert.equal(status, problems[code].status, what)
  assert.equal(requestId, headers['x-request-id'], what)
  assert.match(detail, /\.$/, what)
  const anywhere: ProblemCode[] = ['InvalidRequest', 'MalformedJson', 'MalformedRequest', 'PayloadTooLarge']
  const ofDoor: ProblemCode[] = [
    'UnsupportedContentType',
    'Unauthorized',
    'Forbidden',
    'PathNotFound',
    'MethodNotAllowed',
  ]
  const ofEngine: ProblemCode[] = ['ArgumentInvalid', 'StoreUnavailable', 'ShuttingDown']
  const possible = [...anywhere, ...ofDoor, ...ofEngine, ...(listed?.operation.problems ?? [])]
  assert.ok(possible.includes(code), `${what} is not among the problems of ${listed?.id}`)
}

const operationAt = (method: string, path: string): ListedOperation | undefined => {
  const segments = path.replace(/\?.*/s, '').split('/')
  const matches = allOperations.filter(({ operation }) => {
    if (operation.method !== (method === 'HEAD' ? 'GET' : method)) return false
    const parts = operation.path.split('/')
    return parts.length === segments.length && parts.every((part, i) => part.startsWith(':') || part === segments[i])
  })
  // `/messages/get` before `/messages/:id`.
  return matches.sort((a, b) => parameters(a) - parameters(b))[0]
}

const parameters = ({ operation }: ListedOperation): number => operation.path.split(':').length

/** The schema without room for members that it does not name. */
const strictly = (schema: TSchema): PlainSchema => close(plainSchema(schema))

const close = (schema: PlainSchema): PlainSchema => ({
  ...schema,
  ...(schema.properties && {
    additionalProperties: false,
    properties: Object.fromEntries(Object.entries(schema.properties).map(([name, member]) => [name, close(member)])),
  }),
  ...(schema.items && { items: close(schema.items) }),
  ...(schema.anyOf && { anyOf: schema.anyOf.map(close) }),
})

/** One service that fares well, whatever queue is asked about. */
const pushOf = (clock: FakeClock): PushControl => ({
  list: ({ account, queue = 'orders' }) => [
    {
      account,
      queue,
      group: 'default',
      url: 'https://service.example/',
      state: 'healthy',
      pausedUntil: null,
      inFlight: 0,
      calls: 1,
      failures: 0,
      consecutiveFailures: 0,
      lastCallAt: clock.now(),
      lastError: null,
      latencyMs: 5,
    },
  ],
  resume: () => true,
})

/** One event, and the end of the watch; every series is empty but for that of the queue `unknown`, of which nothing is known. */
const watchOf = (clock: FakeClock): WatchApi => ({
  async watch({ tell }) {
    const nothing = { queues: [], removed: [], messages: [], gone: [], sent: [] }
    tell({ at: clock.now(), whole: true, cursor: 'c', more: false, missed: false, end: null, ...nothing })
  },
  series({ queue }) {
    if (queue !== undefined) return undefined
    const none = { queued: [], delayed: [], errored: [], in: [], out: [], oldestMs: [] }
    const times = { waitMs: [], wait95Ms: [], commitMs: [], commit99Ms: [] }
    return { from: clock.now(), stepMs: 10_000, ...none, ...times, node: 'here' }
  },
})
