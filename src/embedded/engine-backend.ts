import type * as B from '../client/backend.ts'
import { defaultContentTypes } from '../client/body.ts'
import { aborted } from '../client/error.ts'
import type { ActAnswer, CountAnswer, MessageFilter, Task } from '../client/index.ts'
import type { SentMessage } from '../client/types/message.ts'
import type { Admin, Groups, Millrace, Queues, Tasks } from '../client/types/millrace.ts'
import type { QueueWorker } from '../client/types/operate.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import type { NewMessage } from '../core/message.ts'
import type { ClaimView, EntryResult } from '../core/requests.ts'
import type { Dispatcher } from '../push/index.ts'
import { bytesOf, copyOf } from './bytes.ts'
import { ask, engineGroups, engineQueues, engineStatus, engineTasks } from './engine-management.ts'
import { EngineReceived, EngineStored } from './engine-record.ts'
import { errorOf, orMillraceError } from './errors.ts'
import { given } from './given.ts'

export interface EngineBackendOptions {
  readonly engine: QueueEngine
  readonly account: string
  readonly admin: Admin
  readonly push: Dispatcher
  /** Called last, when the engine has stopped. */
  close(): Promise<void>
}

/** A Millrace in this process: its requests go straight to core. */
export class EngineBackend implements B.Backend {
  readonly queues: Queues
  readonly groups: Groups
  readonly tasks: Tasks
  readonly admin: Admin
  readonly status: Millrace['status']
  readonly #engine: QueueEngine
  readonly #account: string
  readonly #push: Dispatcher
  readonly #close: () => Promise<void>

  constructor({ engine, account, admin, push, close }: EngineBackendOptions) {
    this.#engine = engine
    this.#account = account
    this.#push = push
    this.#close = close
    this.admin = admin
    this.queues = engineQueues(engine, account, push)
    this.groups = engineGroups(engine, account)
    this.tasks = engineTasks(engine, account)
    this.status = engineStatus(engine, account)
  }

  send({ queue, messages, ifMissing, idempotencyKey, signal }: B.SendRequest): Promise<readonly SentMessage[]> {
    const account = this.#account
    const request = { account, queue, messages: messages.map(newMessage), ...given({ ifMissing, idempotencyKey }) }
    return ask(signal, () => this.#engine.send(request))
  }

  async receive({ queue, signal, ...terms }: B.ReceiveRequest): Promise<readonly B.ReceivedRecord[]> {
    const request = { account: this.#account, queue, ...given({ ...terms, signal }) }
    const messages = await ask(signal, () => this.#engine.receive(request))
    if (signal?.aborted && messages.length === 0) throw aborted(signal)
    return messages.map((message) => new EngineReceived(message))
  }

  async pop({ queue, signal, ...terms }: B.PopRequest): Promise<readonly B.MessageRecord[]> {
    const request = { account: this.#account, queue, ...given({ ...terms, signal }) }
    const messages = await ask(signal, () => this.#engine.pop(request))
    if (signal?.aborted && messages.length === 0) throw aborted(signal)
    return messages.map((message) => new EngineReceived(message))
  }

  async settle({ queue, handles, entries, signal }: B.SettleRequest): Promise<readonly B.SettleResult[]> {
    const request = { account: this.#account, queue, handles, entries }
    return resultsOf(await ask(signal, () => this.#engine.settle(request)))
  }

  async deleteMessages({
    queue,
    ids,
    leased,
    group,
    claim,
    signal,
  }: B.DeleteRequest): Promise<readonly B.SettleResult[]> {
    const request = { account: this.#account, queue, ids, leased, ...given({ group, claim }) }
    return resultsOf(await ask(signal, () => this.#engine.deleteMessages(request)))
  }

  async claim({ queue, signal, ...terms }: B.ClaimRequest): Promise<B.ClaimRecord | null> {
    const request = { account: this.#account, queue, ...given(terms) }
    const view = await ask(signal, () => this.#engine.claim(request))
    return view && claimOf(view)
  }

  async getClaim({ signal, ...address }: B.ClaimAddress): Promise<B.ClaimRecord> {
    return claimOf(await ask(signal, () => this.#engine.getClaim({ account: this.#account, ...address })))
  }

  async renewClaim({ signal, ...terms }: B.RenewClaimRequest): Promise<B.ClaimRecord> {
    return claimOf(await ask(signal, () => this.#engine.renewClaim({ account: this.#account, ...terms })))
  }

  async releaseClaim({ signal, ...address }: B.ClaimAddress): Promise<boolean> {
    return (await ask(signal, () => this.#engine.releaseClaim({ account: this.#account, ...address }))).released
  }

  async browse({ queue, signal, ...terms }: B.BrowseRequest): Promise<B.RecordPage> {
    const request = { account: this.#account, queue, ...given(terms) }
    const { messages, marker } = await ask(signal, () => this.#engine.browse(request))
    return { messages: messages.map((message) => new EngineStored(message)), marker }
  }

  async getMessages({ queue, ids, group, deadLetters, signal }: B.GetRequest): Promise<readonly B.StoredRecord[]> {
    const request = { account: this.#account, queue, ids, ...given({ group, deadLetters }) }
    const messages = await ask(signal, () => this.#engine.getMessages(request))
    return messages.map((message) => new EngineStored(message))
  }

  async purge(queue: string, signal: AbortSignal | undefined): Promise<number> {
    return (await ask(signal, () => this.#engine.purgeQueue({ account: this.#account, queue }))).purged
  }

  redrive({ queue, signal, ...terms }: B.RedriveRequest): Promise<Task> {
    return ask(signal, () => this.#engine.startRedrive({ account: this.#account, queue, ...given(terms) }))
  }

  async search({ queue, signal, filter, ...terms }: B.SearchRequest): Promise<B.FoundRecords> {
    const request = { account: this.#account, queue, ...given(terms), ...asked(filter) }
    const { messages, ...page } = await ask(signal, () => this.#engine.searchMessages(request))
    return { ...page, messages: messages.map((message) => new EngineStored(message)) }
  }

  async count({ queue, signal, filter, ...terms }: B.CountRequest): Promise<CountAnswer> {
    const request = { account: this.#account, queue, ...given(terms), ...asked(filter) }
    return await ask(signal, () => this.#engine.countMessages(request))
  }

  async act({ queue, ids, action, signal, ...place }: B.ActRequest): Promise<ActAnswer> {
    const request = { account: this.#account, queue, ids, action, by: operator, ...given(place) }
    const results = await ask(signal, () => this.#engine.actOnMessages(request))
    const changed = results.filter((result) => result.changed).length
    return { changed, skipped: results.length - changed, results: [...results] }
  }

  actOnAll({ queue, action, filter, signal, ...place }: B.ActOnAllRequest): Promise<Task> {
    const request = { account: this.#account, queue, action, by: operator, ...given(place), ...asked(filter) }
    return ask(signal, () => this.#engine.startAction(request))
  }

  workers(queue: string, signal: AbortSignal | undefined): Promise<readonly QueueWorker[]> {
    return ask(signal, () => this.#engine.queueWorkers({ account: this.#account, queue }))
  }

  async close(): Promise<void> {
    await this.#push.stop(pushGraceMs)
    await orMillraceError(this.#engine.stop())
    await this.#close()
  }
}

/** For calls to services that are under way when it is closed. */
const pushGraceMs = 5_000

/** Under which name what is done in this process goes into history. */
const operator = 'operator'

const asked = (filter: MessageFilter | undefined): { filter?: MessageFilter } =>
  filter ? { filter: given(filter) as MessageFilter } : {}

const newMessage = ({ form, body, contentType, attributes, options }: B.OutgoingRecord): NewMessage => ({
  body: typeof body === 'string' ? bytesOf(body) : copyOf(body),
  contentType: contentType ?? defaultContentTypes[form],
  attributes: attributes ?? null,
  ...options,
})

/** Nearly always all of them went well. */
const resultsOf = (results: readonly EntryResult[]): readonly B.SettleResult[] =>
  results.map((result) => (result.ok ? result : { ok: false, error: errorOf(result.refusal) }))

const claimOf = ({ id, ttlMs, graceMs, renewedAt, expiresAt, messages }: ClaimView): B.ClaimRecord => ({
  id,
  ttlMs,
  graceMs,
  renewedAt,
  expiresAt,
  messages: messages.map((message) => new EngineStored(message)),
})
