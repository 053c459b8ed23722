// A real server, spoken to as StarQueue's clients do; and a clock for it that stands still.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type FakeClock, fakeClock, memoryStore } from '../../src/testing/index.ts'
import { chosenStore } from '../postgres/chosen.ts'
import { startTestServer, type TestServer } from '../server/harness.ts'
import { advanceClock, untilWaiting } from '../server/standing.ts'

export type Json = Readonly<Record<string, unknown>>

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly json: Json
}

export interface Received {
  readonly AccountId: string
  readonly ApproximateFirstReceiveTimestamp: string
  readonly ApproximateReceiveCount: number
  readonly MD5OfMessageBody: string
  readonly MessageBody: string
  readonly MessageDeduplicationId: string | null
  readonly MessageId: string
  readonly Priority: number
  readonly QueueName: string
  readonly ReceiptHandle: string
  readonly SentTimestamp: string
}

export const post = async (
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Answer> => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  })
  const text = await answer.text()
  assert.equal(answer.headers.get('content-type'), 'application/json', text)
  assert.equal(answer.headers.get('access-control-allow-origin'), '*', text)
  assert.ok(answer.status < 500, `${answer.status} ${text}`)
  return { status: answer.status, headers: answer.headers, json: JSON.parse(text) as Json }
}

/** What a client with an account can do. */
export class Client {
  readonly url: string
  readonly account: string
  readonly password: string
  readonly token: string

  constructor(url: string, made: Json) {
    this.url = url
    this.account = String(made.accountid)
    this.password = String(made.AccountPassword)
    this.token = String(made.AuthToken)
  }

  static async create(url: string): Promise<Client> {
    const { status, json } = await post(`${url}/accountcreate`, { Version: 1 })
    assert.equal(status, 200, JSON.stringify(json))
    return new Client(url, json)
  }

  call(name: string, queue: string | null, fields: Json = {}, signal?: AbortSignal): Promise<Answer> {
    const place = queue === null ? '' : `/${encodeURIComponent(queue)}`
    return post(`${this.url}/${name}/${this.account}${place}`, fields, { AuthToken: this.token }, signal)
  }

  async #ok(name: string, queue: string | null, fields: Json, signal?: AbortSignal): Promise<Json> {
    const { status, json } = await this.call(name, queue, fields, signal)
    assert.equal(status, 200, JSON.stringify(json))
    return json
  }

  /** Sends a text, and gives the message's id. */
  async send(queue: string, text: string, fields: Json = {}): Promise<string> {
    const { MessageSendResult } = await this.#ok('messagesend', queue, { MessageBody: base64(text), ...fields })
    return (MessageSendResult as { MessageId: string }).MessageId
  }

  /** Up to ten, without waiting unless told. */
  async receive(queue: string, fields: Json = {}, signal?: AbortSignal): Promise<readonly Received[]> {
    const given = { MaxNumberOfMessages: 10, WaitTimeSeconds: 0, ...fields }
    const { MessageReceiveResult } = await this.#ok('messagereceive', queue, given, signal)
    return MessageReceiveResult as Received[]
  }

  async texts(queue: string, fields: Json = {}): Promise<string[]> {
    return (await this.receive(queue, fields)).map(textOf)
  }

  async delete(queue: string, ...handles: string[]): Promise<void> {
    assert.deepEqual(await this.#ok('messagedelete', queue, { ReceiptHandles: handles }), { MessageDeleteResult: {} })
  }

  async changeVisibility(queue: string, handle: string, seconds: number): Promise<void> {
    const fields = { ReceiptHandle: handle, VisibilityTimeout: seconds }
    assert.deepEqual(await this.#ok('messagechangevisibility', queue, fields), { MessageChangeVisibilityResult: {} })
  }

  async clear(queue: string): Promise<void> {
    assert.deepEqual(await this.#ok('queueclear', queue, {}), { QueueClearResult: {} })
  }

  /** Names of queues with their counts. */
  async queues(): Promise<Record<string, number>> {
    const { QueuesListResult } = await this.#ok('queueslist', null, {})
    const entries = QueuesListResult as { AccountId: string; accountid: string; QueueName: string; Count: number }[]
    for (const { AccountId, accountid } of entries)
      assert.deepEqual([AccountId, accountid], [this.account, this.account])
    return Object.fromEntries(entries.map(({ QueueName, Count }) => [QueueName, Count]))
  }
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64')
export const textOf = ({ MessageBody }: Received): string => Buffer.from(MessageBody, 'base64').toString()

export interface StandingServer {
  readonly server: TestServer
  readonly clock: FakeClock
  readonly client: Client
  /** Turns the clock, stopping wherever something falls due, as time does. */
  advance(seconds: number): Promise<void>
  /** Until so many receives wait. */
  waiting(count: number): Promise<void>
}

/** A server whose clock stands still, with an account. */
export const startStanding = async (t: TestContext, file: object = {}): Promise<StandingServer> => {
  const clock = fakeClock(Date.UTC(2030, 0, 1, 12, 0, 0, 123))
  const store = await chosenStore(memoryStore)
  const server = await startTestServer(t, file, { clock, store })
  const client = await Client.create(server.url)
  return {
    server,
    clock,
    client,
    advance: (seconds) => advanceClock(clock, store, seconds * 1000),
    waiting: (count) => untilWaiting(server.url, count),
  }
}
