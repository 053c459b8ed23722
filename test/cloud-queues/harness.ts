// A real server, spoken to as clients of Cloud Queues do; its clock stands still until a test turns it.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type FakeClock, fakeClock, memoryStore } from '../../src/testing/index.ts'
import { chosenStore } from '../postgres/chosen.ts'
import { startTestServer, type TestServer } from '../server/harness.ts'
import { advanceClock } from '../server/standing.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into whatever was answered.
  readonly json: any
}

export const alice = '3381af92-2b9e-11e3-b191-71861300734c'
export const bob = '3381af92-2b9e-11e3-b191-71861300734d'

export interface Asked {
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Null: no header. */
  readonly client?: string | null
  readonly project?: string | null
}

export type Call = (method: string, path: string, asked?: Asked) => Promise<Answer>

/** Requests to a server, as one client in one project unless told otherwise. */
export const caller =
  (url: string): Call =>
  async (method, path, { body, raw, headers = {}, client = alice, project } = {}) => {
    const text = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const standard = path.startsWith('/v1/') ? null : 'project'
    const inProject = project === undefined ? standard : project
    const answer = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(text !== undefined && { 'Content-Type': 'application/json' }),
        ...(client !== null && { 'Client-ID': client }),
        ...(inProject !== null && { 'X-Project-ID': inProject }),
        ...headers,
      },
      ...(text !== undefined && { body: text }),
    })
    const said = await answer.text()
    assert.ok(answer.status < 500 || answer.status === 503, `${method} ${path}: ${answer.status} ${said}`)
    const isJson = said !== '' && answer.headers.get('content-type')?.startsWith('application/json')
    return { status: answer.status, headers: answer.headers, text: said, json: isJson ? JSON.parse(said) : undefined }
  }

/** The same, expecting a status. */
export const expecting =
  (call: Call) =>
  async (status: number, method: string, path: string, asked?: Asked): Promise<Answer> => {
    const answer = await call(method, path, asked)
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`)
    return answer
  }

export interface Standing {
  readonly server: TestServer
  readonly clock: FakeClock
  readonly call: Call
  /** Makes a request that has to be answered with this status. */
  readonly ask: ReturnType<typeof expecting>
  advance(seconds: number): Promise<void>
}

export const startStanding = async (t: TestContext, file: object = {}): Promise<Standing> => {
  const clock = fakeClock(Date.UTC(2030, 0, 1, 12, 0, 0))
  const store = await chosenStore(memoryStore)
  const server = await startTestServer(t, file, { clock, store })
  const call = caller(server.url)
  return {
    server,
    clock,
    call,
    ask: expecting(call),
    advance: (seconds) => advanceClock(clock, store, seconds * 1000),
  }
}

export const idOf = (href: string): string => /.+\/(\w+)/.exec(href.replace(/\?.*/, ''))?.[1] ?? ''
export const claimOf = (href: string): string => href.split('=').at(-1) ?? ''

// biome-ignore lint/suspicious/noExplicitAny: messages as they were answered.
export const bodies = (messages: any[] | undefined): unknown[] => (messages ?? []).map(({ body }) => body)
