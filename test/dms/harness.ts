// A real server, spoken to as DMS's clients do; and a clock for it that stands still.

import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import type { TestContext } from 'node:test'
import { type FakeClock, fakeClock, memoryStore } from '../../src/testing/index.ts'
import { chosenStore } from '../postgres/chosen.ts'
import { startTestServer, type TestServer } from '../server/harness.ts'
import { advanceClock, untilWaiting } from '../server/standing.ts'

export const project = '0123456789abcdef0123456789abcdef'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into whatever was answered.
  readonly json: any
}

export interface Options {
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

/** To the letter, with the content type that clients send with or without a body. */
const exchange = (method: string, url: string, { body, headers, signal }: Options = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const bytes =
      body === undefined
        ? undefined
        : Buffer.isBuffer(body)
          ? body
          : typeof body === 'string'
            ? body
            : JSON.stringify(body)
    const length = { 'Content-Length': String(bytes === undefined ? 0 : Buffer.byteLength(bytes)) }
    const sent = httpRequest(url, {
      method,
      path: url.slice(new URL(url).origin.length),
      headers: { 'Content-Type': 'application/json', ...(method === 'GET' ? {} : length), ...headers },
      ...(signal && { signal }),
    })
    sent.on('error', reject)
    sent.on('response', (answer) => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(pieces).toString()
        const { statusCode: status = 0, headers } = answer
        try {
          assert.ok(status < 500, `${status} ${text}`)
          assert.ok(headers['x-request-id'], 'every answer names its request')
          if (status === 204) assert.equal(text, '')
          else assert.equal(headers['content-type'], 'application/json', text)
          resolve({ status, headers, text, json: text === '' ? undefined : JSON.parse(text) })
        } catch (error) {
          reject(error)
        }
      })
    })
    sent.end(bytes)
  })

export interface Received {
  readonly message: { readonly body: unknown; readonly attributes: Record<string, unknown>; readonly tags?: string[] }
  readonly handler: string
}

/** A group of a queue, as a client has it. */
export class Group {
  readonly dms: Dms
  readonly path: string
  readonly id: string

  constructor(dms: Dms, queue: string, id: string) {
    this.dms = dms
    this.id = id
    this.path = `/queues/${queue}/groups/${id}`
  }

  async consume(query = 'time_wait=1', kind = 'messages'): Promise<readonly Received[]> {
    return (await this.dms.ok(200, 'GET', `${this.path}/${kind}?${query}`)).json
  }

  async bodies(query?: string, kind?: string): Promise<unknown[]> {
    return (await this.consume(query, kind)).map(({ message }) => message.body)
  }

  /** `ok/failed`. A handler with a minus in front failed. */
  async ack(
    entries: readonly (Received | undefined | { failed: Received | undefined })[],
    kind = 'ack',
  ): Promise<string> {
    const { json } = await this.dms.ok(200, 'POST', `${this.path}/${kind}`, { message: entries.map(entryOf) })
    return `${json.success}/${json.fail}`
  }

  async numbers(): Promise<Record<string, number>> {
    const list = await this.dms.ok(200, 'GET', `${this.path.replace(/\/g-.*/, '')}?include_deadletter=true`)
    const { id, name, ...numbers } = list.json.groups.find((group: { id: string }) => group.id === this.id)
    return Object.fromEntries(
      Object.entries(numbers).map(([key, value]) => [key.replace('_messages', ''), Number(value)]),
    )
  }
}

const entryOf = (entry: Received | undefined | { failed: Received | undefined }) =>
  entry && 'failed' in entry
    ? { handler: entry.failed?.handler, status: 'fail' }
    : { handler: entry?.handler, status: 'success' }

export class Dms {
  readonly base: string
  readonly headers: Record<string, string>

  constructor(url: string, headers: Record<string, string> = {}, prefix = `/v1.0/${project}`) {
    this.base = url + prefix
    this.headers = headers
  }

  call(method: string, path: string, body?: unknown, more: Options = {}): Promise<Answer> {
    return exchange(method, this.base + path, {
      ...(body !== undefined && { body }),
      ...more,
      headers: { ...this.headers, ...more.headers },
    })
  }

  async ok(status: number, method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.call(method, path, body)
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`)
    return answer
  }

  /** The code of a refusal, in both of its forms. */
  async refused(status: number, method: string, path: string, body?: unknown, headers = {}): Promise<number> {
    const { status: got, json, text } = await this.call(method, path, body, { headers })
    assert.equal(got, status, `${method} ${path}: ${text}`)
    const { code, message, error_code, error_msg } = json
    assert.deepEqual(Object.keys(json), ['code', 'message', 'error_code', 'error_msg'])
    assert.deepEqual([error_code, error_msg], [`DMS.${code}`, message])
    assert.ok(typeof message === 'string' && message !== '')
    return code
  }

  async queue(name: string, more: object = {}): Promise<string> {
    const { json } = await this.ok(201, 'POST', '/queues', { name, ...more })
    assert.equal(json.name, name)
    return json.id
  }

  async group(queue: string, name: string): Promise<Group> {
    const { json } = await this.ok(201, 'POST', `/queues/${queue}/groups`, { groups: [{ name }] })
    return new Group(this, queue, json.groups[0].id)
  }

  /** Sends bodies, or messages that have one; gives their ids. */
  async send(queue: string, ...bodies: unknown[]): Promise<string[]> {
    const messages = bodies.map((body) => (isMessage(body) ? body : { body }))
    const { json } = await this.ok(201, 'POST', `/queues/${queue}/messages`, { messages, returnId: true })
    return json.messages.map(({ id, ...rest }: { id: string }) => {
      assert.deepEqual(rest, { error: null, error_code: null, state: 0 })
      return id
    })
  }
}

const isMessage = (body: unknown): boolean => typeof body === 'object' && body !== null && 'body' in body

export interface StandingServer {
  readonly server: TestServer
  readonly clock: FakeClock
  readonly dms: Dms
  /** Turns the clock, stopping wherever something falls due, as time does. */
  advance(seconds: number): Promise<void>
  /** What an answer is that has to wait for its time. */
  waitFor<Value>(seconds: number, answer: Promise<Value>): Promise<Value>
  /** Until one receive waits. */
  waiting(): Promise<void>
}

/** A server whose clock stands still. */
export const startStanding = async (t: TestContext, file: object = {}): Promise<StandingServer> => {
  const clock = fakeClock(Date.UTC(2030, 0, 1, 12, 0, 0, 123))
  const store = await chosenStore(memoryStore)
  const server = await startTestServer(t, file, { clock, store })
  const advance = (seconds: number) => advanceClock(clock, store, seconds * 1000)
  return {
    server,
    clock,
    dms: new Dms(server.url),
    advance,
    waiting: () => untilWaiting(server.url, 1),
    async waitFor(seconds, answer) {
      await untilWaiting(server.url, 1)
      await advance(seconds)
      return answer
    },
  }
}
