import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Queue as QueueInfo } from '../protocols/native/schemas/queues.ts'
import type { QueueSettingsPatch } from '../protocols/native/schemas/settings.ts'
import type { Task } from '../protocols/native/schemas/tasks.ts'
import type { StoredRecord } from './backend.ts'
import { Bodies } from './bodies.ts'
import { QueueClaims } from './claims.ts'
import { StoredMessageView } from './message.ts'
import { operateOn } from './operate.ts'
import { Receiver, type Receiving } from './receiver.ts'
import { Sender } from './sender.ts'
import type { Session } from './session.ts'
import type * as M from './types/message.ts'
import type { Operate } from './types/operate.ts'
import type * as Q from './types/queue.ts'
import type { Work, WorkOptions } from './types/work.ts'

export interface QueueSetup extends Q.QueueOptions {
  readonly schema?: StandardSchemaV1 | undefined
  readonly check?: Q.BodyCheck | undefined
}

/** Everything that can be done with one queue. */
export class QueueHandle<Out, In> implements Q.Queue<Out, In> {
  readonly name: string
  readonly group: string
  readonly claims: Q.Claims<Out>
  readonly operate: Operate<Out>
  readonly #session: Session
  readonly #receiving: Receiving
  readonly #bodies: Bodies
  readonly #sender: Sender
  readonly #receiver: Receiver<Out>

  constructor(session: Session, queue: string, setup: QueueSetup) {
    const { group, deadLetters, holder, schema, check } = setup
    this.name = queue
    this.group = group ?? 'default'
    this.#session = session
    this.#receiving = { queue, group, deadLetters, holder }
    this.#bodies = new Bodies(schema, check)
    this.#sender = new Sender(session, queue, this.#bodies)
    this.#receiver = new Receiver<Out>(session, this.#receiving, this.#bodies)
    this.claims = new QueueClaims<Out>(session, this.#receiving, this.#bodies)
    this.operate = operateOn(session.tools.backend, { queue, group, deadLetters }, (records) => this.#stored(records))
  }

  send(body: In, options?: M.SendOptions & Q.RequestOptions): Promise<M.SentMessage> {
    return this.#sender.send(body, options)
  }

  sendMany(
    messages: Iterable<M.OutgoingMessage<In>>,
    options: Q.RequestOptions = {},
  ): Promise<readonly M.SentMessage[]> {
    return this.#sender.sendMany(messages, options)
  }

  receive(options: Q.ReceiveOptions = {}): Promise<readonly M.Message<Out>[]> {
    return this.#receiver.receive(options)
  }

  pop(options: Q.PopOptions = {}): Promise<readonly M.AnyMessage<Out>[]> {
    return this.#receiver.pop(options)
  }

  messages(options: Q.MessagesOptions = {}): AsyncGenerator<M.WorkMessage<Out>, void, void> {
    return this.#receiver.messages(options)
  }

  [Symbol.asyncIterator](): AsyncGenerator<M.WorkMessage<Out>, void, void> {
    return this.#receiver.messages({})
  }

  work(handler: (message: M.WorkMessage<Out>) => unknown, options: WorkOptions<Out> = {}): Work {
    return this.#receiver.work(handler, options)
  }

  async browse(options: Q.BrowseOptions = {}): Promise<Q.MessagePage<Out>> {
    const { queue, group, deadLetters } = this.#receiving
    const page = await this.#session.tools.backend.browse({ ...options, queue, group, deadLetters })
    return { messages: await this.#stored(page.messages), marker: page.marker }
  }

  async get(id: string, options: M.CallOptions = {}): Promise<M.StoredMessage<Out> | null> {
    const [message] = await this.getMany([id], options)
    return message ?? null
  }

  async getMany(ids: readonly string[], options: M.CallOptions = {}): Promise<readonly M.StoredMessage<Out>[]> {
    if (ids.length === 0) return []
    const { queue, group, deadLetters } = this.#receiving
    const request = { queue, group, deadLetters, ids, signal: options.signal }
    return this.#stored(await this.#session.tools.backend.getMessages(request))
  }

  deleteById(id: string, options: Q.DeleteByIdOptions = {}): Promise<M.Settled> {
    const { claim, leased = 'refuse', signal } = options
    const { queue, group } = this.#receiving
    return this.#session.deletions({ queue, group, claim, leased }).delete(id, signal)
  }

  deleteByReceipt(receiptHandle: string, options: M.CallOptions = {}): Promise<M.Settled> {
    return this.#session.settlements(this.name).settle({ receiptHandle }, { do: 'delete' }, options)
  }

  info(options: M.CallOptions & { span?: boolean | undefined } = {}): Promise<QueueInfo> {
    return this.#session.tools.backend.queues.get(this.name, options)
  }

  update(settings: QueueSettingsPatch, options: M.CallOptions = {}): Promise<QueueInfo> {
    return this.#session.tools.backend.queues.update(this.name, settings, options)
  }

  purge(options: M.CallOptions = {}): Promise<number> {
    return this.#session.tools.backend.purge(this.name, options.signal)
  }

  redrive(options: Q.RedriveOptions = {}): Promise<Task> {
    const { group, to, maxPerSecond, signal } = options
    return this.#session.tools.backend.redrive({ queue: this.name, group, to, maxPerSecond, signal })
  }

  #stored(records: readonly StoredRecord[]): Promise<M.StoredMessage<Out>[]> {
    const origin = { name: this.name, group: this.group }
    return this.#bodies.view(records, (record, body) => new StoredMessageView<Out>(origin, record, body))
  }
}
