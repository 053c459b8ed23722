import type { ReceivedMessage, StoredMessage } from '../../protocols/native/schemas/receive.ts'
import type { ReceivedRecord, StoredRecord } from '../backend.ts'
import { fromBase64 } from '../base64.ts'
import { type BodyForm, textOf, utf8 } from '../body.ts'
import { MillraceError } from '../error.ts'
import type { Attributes } from '../types/message.ts'
import { memberSpans, type Span } from './raw-json.ts'

/** What an answer says of a message, however it was asked for. */
type WireMessage = Omit<StoredMessage, OfStored> &
  Partial<Pick<StoredMessage, OfStored>> &
  Pick<ReceivedMessage, 'receiptHandle' | 'leasedUntil' | 'failures'>
type OfStored = 'state' | 'modifiedAt'

const noAttributes: Attributes = Object.freeze({})
const rawMembers: ReadonlySet<string> = new Set(['body', 'attributes'])

/** The text of an answer, looked into only when somebody wants a body or attributes to the letter. */
class AnswerText {
  readonly #text: string
  #spans: readonly ReadonlyMap<string, Span>[] | undefined

  constructor(text: string) {
    this.#text = text
  }

  member(index: number, name: 'body' | 'attributes'): string | undefined {
    this.#spans ??= memberSpans(this.#text, 'messages', rawMembers)
    const span = this.#spans[index]?.get(name)
    return span && this.#text.slice(span.start, span.end)
  }
}

class WireRecord implements ReceivedRecord, StoredRecord {
  readonly #wire: WireMessage
  readonly #answer: AnswerText
  readonly #index: number

  constructor(wire: WireMessage, answer: AnswerText, index: number) {
    this.#wire = wire
    this.#answer = answer
    this.#index = index
  }

  get form(): BodyForm {
    if (this.#wire.base64 !== undefined) return 'bytes'
    return this.#wire.text !== undefined ? 'text' : 'json'
  }
  json(): unknown {
    return this.#wire.body
  }
  text(): string {
    if (this.#wire.text !== undefined) return this.#wire.text
    return this.#wire.base64 !== undefined ? textOf(this.bytes()) : this.#raw('body')
  }
  bytes(): Uint8Array {
    return this.#wire.base64 !== undefined ? fromBase64(this.#wire.base64) : utf8(this.text())
  }
  attributes(): Attributes {
    return this.#wire.attributes ?? noAttributes
  }
  attributesText(): string | null {
    return this.#wire.attributes === undefined ? null : this.#raw('attributes')
  }

  #raw(name: 'body' | 'attributes'): string {
    const text = this.#answer.member(this.#index, name)
    if (text === undefined) throw new MillraceError('InvalidAnswer', `The answer has a message without ${name}.`)
    return text
  }

  get id() {
    return this.#wire.id
  }
  get receiptHandle() {
    return this.#wire.receiptHandle ?? ''
  }
  get position() {
    return this.#wire.position
  }
  get type() {
    return this.#wire.type
  }
  get contentType() {
    return this.#wire.contentType ?? null
  }
  get priority() {
    return this.#wire.priority
  }
  get messageGroup() {
    return this.#wire.messageGroup ?? null
  }
  get deduplicationId() {
    return this.#wire.deduplicationId ?? null
  }
  get tags() {
    return this.#wire.tags ?? noTags
  }
  get clientId() {
    return this.#wire.clientId ?? null
  }
  get sentAt() {
    return this.#wire.sentAt
  }
  get expiresAt() {
    return this.#wire.expiresAt ?? null
  }
  get receiveCount() {
    return this.#wire.receiveCount
  }
  get firstReceivedAt() {
    return this.#wire.firstReceivedAt ?? null
  }
  get reprocessCount() {
    return this.#wire.reprocessCount
  }
  get failures() {
    return this.#wire.failures ?? 0
  }
  get leasedUntil() {
    return this.#wire.leasedUntil ?? 0
  }
  get deadLetterSource() {
    return this.#wire.deadLetterSource ?? null
  }
  get traceparent() {
    return this.#wire.traceparent ?? null
  }
  get state() {
    return this.#wire.state ?? 'ready'
  }
  get visibleAt() {
    return this.#wire.visibleAt ?? null
  }
  get modifiedAt() {
    return this.#wire.modifiedAt ?? this.#wire.sentAt
  }
  get claim() {
    return this.#wire.claim ?? null
  }
  get holder() {
    return this.#wire.holder ?? null
  }
  get reason() {
    return this.#wire.reason ?? null
  }
  get outbound() {
    return this.#wire.outbound ?? null
  }
}

/** The `messages` of an answer, which stand in its text in the same order. */
export const recordsOf = (messages: readonly WireMessage[], text: string): WireRecord[] => {
  const answer = new AnswerText(text)
  return messages.map((wire, index) => new WireRecord(wire, answer, index))
}

const noTags: readonly string[] = []
