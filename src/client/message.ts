import type { DeliveryType } from '../protocols/native/schemas/common.ts'
import type { MessageRecord, StoredRecord } from './backend.ts'
import type { Checked } from './schema.ts'
import type { AnyMessage, Attributes, CallOptions, ClaimedMessage, Settled, StoredMessage } from './types/message.ts'

/** What messages have in common that come from one place. */
export interface Origin {
  readonly name: string
  readonly group: string
}

/** The body as it is without a schema. */
export const rawBody = (record: MessageRecord): unknown => {
  if (record.form === 'json') return record.json()
  return record.form === 'text' ? record.text() : record.bytes()
}

/** A message over its record, of which nothing is decoded before it is asked for. */
export class MessageView<T, Of extends MessageRecord = MessageRecord> implements AnyMessage<T> {
  protected readonly origin: Origin
  protected readonly record: Of
  #checked: Checked | undefined

  /** `checked`: what the queue's schema made of the body, where it is asked. */
  constructor(origin: Origin, record: Of, checked: Checked | undefined) {
    this.origin = origin
    this.record = record
    this.#checked = checked
  }

  get body(): T {
    this.#checked ??= { ok: true, value: rawBody(this.record) }
    if (!this.#checked.ok) throw this.#checked.error
    return this.#checked.value as T
  }

  text(): string {
    return this.record.text()
  }
  bytes(): Uint8Array {
    return this.record.bytes()
  }
  attributesText(): string | null {
    return this.record.attributesText()
  }
  get attributes(): Attributes {
    return this.record.attributes()
  }

  get id(): string {
    return this.record.id
  }
  get queue(): string {
    return this.origin.name
  }
  get group(): string {
    return this.origin.group
  }
  get contentType(): string | null {
    return this.record.contentType
  }
  get position(): number {
    return this.record.position
  }
  get type(): DeliveryType {
    return this.record.type
  }
  get priority(): number {
    return this.record.priority
  }
  get messageGroup(): string | null {
    return this.record.messageGroup
  }
  get deduplicationId(): string | null {
    return this.record.deduplicationId
  }
  get tags(): readonly string[] {
    return this.record.tags
  }
  get clientId(): string | null {
    return this.record.clientId
  }
  get sentAt(): number {
    return this.record.sentAt
  }
  get expiresAt(): number | null {
    return this.record.expiresAt
  }
  get receiveCount(): number {
    return this.record.receiveCount
  }
  get firstReceivedAt(): number | null {
    return this.record.firstReceivedAt
  }
  get reprocessCount(): number {
    return this.record.reprocessCount
  }
  get deadLetterSource(): AnyMessage<T>['deadLetterSource'] {
    return this.record.deadLetterSource
  }
  get traceparent(): string | null {
    return this.record.traceparent
  }

  /** Everything there is to see, as a plain object; the body as its text, where it is text. */
  toJSON(): Record<string, unknown> {
    const { record } = this
    return {
      id: record.id,
      queue: this.queue,
      group: this.group,
      contentType: record.contentType,
      body: record.form === 'bytes' ? record.bytes() : rawBody(record),
      attributes: record.attributes(),
      position: record.position,
      type: record.type,
      priority: record.priority,
      messageGroup: record.messageGroup,
      deduplicationId: record.deduplicationId,
      tags: record.tags,
      clientId: record.clientId,
      sentAt: record.sentAt,
      expiresAt: record.expiresAt,
      receiveCount: record.receiveCount,
      firstReceivedAt: record.firstReceivedAt,
      reprocessCount: record.reprocessCount,
      deadLetterSource: record.deadLetterSource,
      traceparent: record.traceparent,
    }
  }

  /** What `console.log` shows in Node.js, Deno and Bun, which would show nothing of a getter. */
  [Symbol.for('nodejs.util.inspect.custom')](): unknown {
    return this.toJSON()
  }
}

export class StoredMessageView<T> extends MessageView<T, StoredRecord> implements StoredMessage<T> {
  get state(): StoredMessage<T>['state'] {
    return this.record.state
  }
  get visibleAt(): number | null {
    return this.record.visibleAt
  }
  get modifiedAt(): number {
    return this.record.modifiedAt
  }
  get claim(): string | null {
    return this.record.claim
  }
  get holder(): string | null {
    return this.record.holder
  }
  get reason(): string | null {
    return this.record.reason
  }
  get outbound(): string | null {
    return this.record.outbound
  }

  override toJSON(): Record<string, unknown> {
    const { state, visibleAt, modifiedAt, claim, holder, reason, outbound } = this.record
    return { ...super.toJSON(), state, visibleAt, modifiedAt, claim, holder, reason, outbound }
  }
}

type Delete = (id: string, options: CallOptions) => Promise<Settled>

export class ClaimedMessageView<T> extends StoredMessageView<T> implements ClaimedMessage<T> {
  readonly #delete: Delete

  constructor(origin: Origin, record: StoredRecord, checked: Checked | undefined, remove: Delete) {
    super(origin, record, checked)
    this.#delete = remove
  }

  delete(options: CallOptions = {}): Promise<Settled> {
    return this.#delete(this.id, options)
  }
}
