import type { Claim, Released } from '../../protocols/native/schemas/claims.ts'
import type { BrowsePage } from '../../protocols/native/schemas/look.ts'
import type { ActAnswer, CountAnswer, QueueWorkers, SearchPage } from '../../protocols/native/schemas/operate.ts'
import type { Purged } from '../../protocols/native/schemas/queues.ts'
import type { ReceivedMessages, StoredMessages } from '../../protocols/native/schemas/receive.ts'
import type { SentMessages } from '../../protocols/native/schemas/send.ts'
import type { EntryResult, EntryResults } from '../../protocols/native/schemas/settle.ts'
import type { Task } from '../../protocols/native/schemas/tasks.ts'
import type * as B from '../backend.ts'
import { type ErrorCode, MillraceError } from '../error.ts'
import { longestWaitMs } from '../limits.ts'
import type { SentMessage } from '../types/message.ts'
import type { Admin, Groups, Millrace, Queues, Tasks } from '../types/millrace.ts'
import { Api } from './api.ts'
import { sendBatchBody } from './encode.ts'
import type { Exchange } from './exchange.ts'
import { httpAdmin } from './http-admin.ts'
import { httpGroups, httpQueues, httpStatus, httpTasks } from './http-management.ts'
import { recordsOf } from './record.ts'
import { isLarge, sendSingle } from './send-single.ts'

/** A Millrace behind its native API. */
export class HttpBackend implements B.Backend {
  readonly queues: Queues
  readonly groups: Groups
  readonly tasks: Tasks
  readonly admin: Admin
  readonly status: Millrace['status']
  readonly #exchange: Exchange
  readonly #api: Api

  constructor(exchange: Exchange, base: string) {
    this.#exchange = exchange
    this.#api = new Api(exchange, base)
    this.queues = httpQueues(this.#api)
    this.groups = httpGroups(this.#api, this.queues)
    this.tasks = httpTasks(this.#api)
    this.admin = httpAdmin(this.#api)
    this.status = httpStatus(this.#api)
  }

  /** The key makes it safe to send again when nobody knows whether the first time came through. */
  async send({
    queue,
    messages,
    ifMissing,
    idempotencyKey = uniqueKey(),
    signal,
  }: B.SendRequest): Promise<readonly SentMessage[]> {
    const [only] = messages
    const headers = { 'idempotency-key': idempotencyKey }
    if (only && messages.length === 1 && isLarge(only)) {
      return [await sendSingle(this.#api, { queue, message: only, ifMissing, headers, signal })]
    }
    const { value } = await this.#api.call<SentMessages>({
      method: 'POST',
      path: ['queues', queue, 'messages', 'batch'],
      ...(ifMissing === 'refuse' ? { query: { ifMissing } } : {}),
      body: sendBatchBody(messages),
      headers,
      repeatable: 'always',
      signal,
    })
    return value.messages
  }

  async receive({ queue, signal, ...body }: B.ReceiveRequest): Promise<readonly B.ReceivedRecord[]> {
    // What an answer that got lost has handed out comes again when its lease ends.
    const path = ['queues', queue, 'receive']
    // Who leaves it to the queue may have to wait that long.
    const waitMs = body.waitMs ?? longestWaitMs
    const { value, text } = await this.#api.call<ReceivedMessages>({
      method: 'POST',
      path,
      body,
      repeatable: 'unanswered',
      waitMs,
      signal,
    })
    return recordsOf(value.messages, text)
  }

  async pop({ queue, signal, ...body }: B.PopRequest): Promise<readonly B.MessageRecord[]> {
    // What an answer that got lost has handed out is gone: asking again would hide that.
    const path = ['queues', queue, 'pop']
    const waitMs = body.waitMs ?? longestWaitMs
    const { value, text } = await this.#api.call<ReceivedMessages>({
      method: 'POST',
      path,
      body,
      repeatable: 'refused',
      waitMs,
      signal,
    })
    return recordsOf(value.messages, text)
  }

  async settle({ queue, handles, entries, signal }: B.SettleRequest): Promise<readonly B.SettleResult[]> {
    const path = ['queues', queue, 'settle']
    const plain = entries.map(({ receiptHandle, action, events }) => ({ receiptHandle, action, events }))
    const body = { handles, entries: plain }
    const { value } = await this.#api.call<EntryResults>({ method: 'POST', path, body, repeatable: 'always', signal })
    return value.results.map(resultOf)
  }

  async deleteMessages({ queue, signal, ...body }: B.DeleteRequest): Promise<readonly B.SettleResult[]> {
    const path = ['queues', queue, 'messages', 'delete']
    const { value } = await this.#api.call<EntryResults>({ method: 'POST', path, body, repeatable: 'always', signal })
    return value.results.map(resultOf)
  }

  async claim({ queue, signal, ...body }: B.ClaimRequest): Promise<B.ClaimRecord | null> {
    const path = ['queues', queue, 'claims']
    const { value, text } = await this.#api.call<Claim | null>({
      method: 'POST',
      path,
      body,
      repeatable: 'unanswered',
      signal,
    })
    return value && claimOf(value, text)
  }

  async getClaim({ queue, claim, signal }: B.ClaimAddress): Promise<B.ClaimRecord> {
    const path = ['queues', queue, 'claims', claim]
    const { value, text } = await this.#api.call<Claim>({ method: 'GET', path, repeatable: 'always', signal })
    return claimOf(value, text)
  }

  async renewClaim({ queue, claim, ttlMs, graceMs, signal }: B.RenewClaimRequest): Promise<B.ClaimRecord> {
    const path = ['queues', queue, 'claims', claim]
    const body = { ttlMs, graceMs }
    const { value, text } = await this.#api.call<Claim>({ method: 'PATCH', path, body, repeatable: 'always', signal })
    return claimOf(value, text)
  }

  async releaseClaim({ queue, claim, signal }: B.ClaimAddress): Promise<boolean> {
    const path = ['queues', queue, 'claims', claim]
    return (await this.#api.call<Released>({ method: 'DELETE', path, repeatable: 'always', signal })).value.released
  }

  async browse({ queue, signal, ...query }: B.BrowseRequest): Promise<B.RecordPage> {
    const path = ['queues', queue, 'messages']
    const { value, text } = await this.#api.call<BrowsePage>({
      method: 'GET',
      path,
      query,
      repeatable: 'always',
      signal,
    })
    return { messages: recordsOf(value.messages, text), marker: value.marker }
  }

  async getMessages({ queue, signal, ...body }: B.GetRequest): Promise<readonly B.StoredRecord[]> {
    const path = ['queues', queue, 'messages', 'get']
    const { value, text } = await this.#api.call<StoredMessages>({
      method: 'POST',
      path,
      body,
      repeatable: 'always',
      signal,
    })
    return recordsOf(value.messages, text)
  }

  async purge(queue: string, signal: AbortSignal | undefined): Promise<number> {
    // Done twice, it would take what has been sent in between.
    const path = ['queues', queue, 'purge']
    return (await this.#api.call<Purged>({ method: 'POST', path, repeatable: 'refused', signal })).value.purged
  }

  async redrive({ queue, signal, ...body }: B.RedriveRequest): Promise<Task> {
    const path = ['queues', queue, 'redrive']
    return (await this.#api.call<Task>({ method: 'POST', path, body, repeatable: 'refused', signal })).value
  }

  async search({ queue, signal, ...body }: B.SearchRequest): Promise<B.FoundRecords> {
    const path = ['queues', queue, 'messages', 'search']
    const call = { method: 'POST', path, body, repeatable: 'always', signal } as const
    const { value, text } = await this.#api.call<SearchPage>(call)
    return { ...value, messages: recordsOf(value.messages, text) }
  }

  async count({ queue, signal, ...body }: B.CountRequest): Promise<CountAnswer> {
    const path = ['queues', queue, 'messages', 'count']
    const call = { method: 'POST', path, body, repeatable: 'always', signal } as const
    return (await this.#api.call<CountAnswer>(call)).value
  }

  async act({ queue, signal, ...body }: B.ActRequest): Promise<ActAnswer> {
    // Done twice, a copy would be made twice.
    const repeatable = body.action.do === 'copy' ? 'refused' : 'always'
    const path = ['queues', queue, 'messages', 'act']
    return (await this.#api.call<ActAnswer>({ method: 'POST', path, body, repeatable, signal })).value
  }

  async actOnAll({ queue, signal, ...body }: B.ActOnAllRequest): Promise<Task> {
    const path = ['queues', queue, 'tasks']
    return (await this.#api.call<Task>({ method: 'POST', path, body, repeatable: 'refused', signal })).value
  }

  async workers(queue: string, signal: AbortSignal | undefined): Promise<QueueWorkers['workers']> {
    const path = ['queues', queue, 'workers']
    return (await this.#api.call<QueueWorkers>({ method: 'GET', path, repeatable: 'always', signal })).value.workers
  }

  close(): Promise<void> {
    this.#exchange.close()
    return Promise.resolve()
  }
}

const resultOf = (result: EntryResult): B.SettleResult => {
  if (result.ok) return { ok: true, value: result }
  return { ok: false, error: new MillraceError(result.code as ErrorCode, result.detail, { data: result.data }) }
}

const claimOf = ({ messages, ...claim }: Claim, text: string): B.ClaimRecord => ({
  ...claim,
  messages: recordsOf(messages, text),
})

/** Browsers have `randomUUID` only on pages that came over TLS. */
const uniqueKey = (): string => {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('-')
}
