import type { MessageRecord, ReceivedRecord, StoredRecord } from '../client/backend.ts'
import { type BodyForm, formOf } from '../client/body.ts'
import type { Attributes } from '../client/types/message.ts'
import type { ReceivedMessage, StoredMessage } from '../core/requests.ts'
import { strictTextOf, textOf } from './bytes.ts'

const noAttributes: Attributes = Object.freeze({})

/** A message of core, read as the client reads those of a server. */
abstract class EngineRecord<Of extends ReceivedMessage | StoredMessage> implements MessageRecord {
  protected readonly source: Of
  #form: BodyForm | undefined
  #text: string | undefined
  #json: unknown

  constructor(source: Of) {
    this.source = source
  }

  get form(): BodyForm {
    this.#form ??= this.#findForm()
    return this.#form
  }
  json(): unknown {
    return this.form === 'json' ? this.#json : undefined
  }
  text(): string {
    this.#text ??= textOf(this.source.message.body)
    return this.#text
  }
  bytes(): Uint8Array {
    return this.source.message.body
  }
  attributes(): Attributes {
    const { attributes } = this.source.message
    return attributes === null ? noAttributes : JSON.parse(attributes)
  }
  attributesText(): string | null {
    return this.source.message.attributes
  }

  get id() {
    return this.source.id
  }
  get position() {
    return this.source.position
  }
  get type() {
    return this.source.type
  }
  get contentType() {
    return this.source.message.contentType
  }
  get priority() {
    return this.source.message.priority
  }
  get messageGroup() {
    return this.source.message.messageGroup
  }
  get deduplicationId() {
    return this.source.message.extra?.deduplicationId ?? null
  }
  get tags() {
    return this.source.message.extra?.tags ?? noTags
  }
  get clientId() {
    return this.source.message.extra?.clientId ?? null
  }
  get sentAt() {
    return this.source.message.sentAt
  }
  get expiresAt() {
    return this.source.expiresAt
  }
  get receiveCount() {
    return this.source.receiveCount
  }
  get firstReceivedAt() {
    return this.source.firstReceivedAt
  }
  get reprocessCount() {
    return this.source.reprocessCount
  }
  get deadLetterSource() {
    return this.source.deadLetterSource
  }
  get traceparent() {
    return this.source.message.extra?.traceparent ?? null
  }

  /** Another door may have stored what is not what its content type says: then it is text, or else bytes. */
  #findForm(): BodyForm {
    const { body, contentType } = this.source.message
    const form = formOf(contentType)
    if (form === 'bytes') return form
    this.#text = strictTextOf(body)
    if (this.#text === undefined) return 'bytes'
    if (form === 'text') return form
    try {
      this.#json = JSON.parse(this.#text)
      return 'json'
    } catch {
      return 'text'
    }
  }
}

export class EngineReceived extends EngineRecord<ReceivedMessage> implements ReceivedRecord {
  get receiptHandle() {
    return this.source.receiptHandle ?? ''
  }
  get leasedUntil() {
    return this.source.leasedUntil ?? 0
  }
  get failures() {
    return this.source.failures
  }
}

export class EngineStored extends EngineRecord<StoredMessage> implements StoredRecord {
  get state() {
    return this.source.state
  }
  get visibleAt() {
    return this.source.visibleAt
  }
  get modifiedAt() {
    return this.source.modifiedAt
  }
  get claim() {
    return this.source.claim
  }
  get holder() {
    return this.source.holder
  }
  get reason() {
    return this.source.reason
  }
  get outbound() {
    return this.source.outbound
  }
}

const noTags: readonly string[] = []
