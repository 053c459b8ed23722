import { aborted, MillraceError } from '../client/error.ts'
import type { FoundMessage, MessageDetails } from '../client/index.ts'
import type { Operator } from '../client/types/operator.ts'
import type { QueueEngine } from '../core/engine-api.ts'
import type { SearchMessages, StoredMessage } from '../core/requests.ts'
import { base64Of } from './bytes.ts'
import { ask } from './engine-management.ts'
import { EngineStored } from './engine-record.ts'
import { given } from './given.ts'

export interface EngineOperatorOptions {
  readonly engine: QueueEngine
  readonly account: string
}

/** Bytes of bodies that one look reads at most, as a server answers at most. */
const maxBytes = 16 * 1024 * 1024

/** What a screen for operators asks for, straight from core. */
export const engineOperator = ({ engine, account }: EngineOperatorOptions): Operator => ({
  async search(queue, { maxBytes: bytes = maxBytes, filter, ...terms } = {}, { signal } = {}) {
    const request = { account, queue, ...given(terms), ...(filter && { filter: given(filter) }), maxBytes: bytes }
    const { messages, ...page } = await ask(signal, () => engine.searchMessages(request))
    return { ...page, messages: messages.map((message) => found(message, terms.maxBodyBytes)) }
  },
  async count(queue, { filter, ...terms } = {}, { signal } = {}) {
    const request = { account, queue, ...given(terms), ...(filter && { filter: given(filter) }) }
    return { ...(await ask(signal, () => engine.countMessages(request))) }
  },
  async *export(queue, { ids, filter, ...terms } = {}, { signal } = {}) {
    const place = { account, queue, ...given(terms) }
    if (ids) {
      for (const message of await ask(signal, () => engine.getMessages({ ...place, ids }))) yield lineOf(message)
      return
    }
    const request: SearchMessages = { newestFirst: false, ...place, ...(filter && { filter: given(filter) }), maxBytes }
    let page: string | null | undefined
    while (page !== null) {
      const from = page === undefined ? request : { ...request, page }
      const answer = await ask(signal, () => engine.searchMessages(from))
      for (const message of answer.messages) {
        if (signal?.aborted) throw aborted(signal)
        yield lineOf(message)
      }
      page = answer.next
    }
  },
  async details(id, { signal } = {}): Promise<MessageDetails | null> {
    const details = await ask(signal, () => engine.messageDetails({ account, id }))
    if (!details) return null
    const deliveries = details.deliveries.map((delivery) => ({
      ...found(delivery),
      group: delivery.group,
      deadLetters: delivery.deadLetters,
    }))
    return { ...details, steps: [...details.steps], deliveries }
  },
  watch: () => {
    throw notWatched()
  },
  series: () => Promise.reject(notWatched()),
})

/** It takes a look at every queue each second or ten, which a program that embeds queues has not asked for. */
const notWatched = (): MillraceError =>
  new MillraceError('NotSupported', 'It is a server that watches queues over time: start one over this data.')

/** A body of JSON is written as it was sent: numbers that JavaScript cannot hold stay what they are. */
const lineOf = (stored: StoredMessage): string => {
  const record = new EngineStored(stored)
  const { body, ...about } = found(stored)
  if (body === undefined) return JSON.stringify(about)
  return `${JSON.stringify(about).slice(0, -1)},"body":${record.text().replace(/[\r\n]/g, ' ')}}`
}

/** As a server writes it: without what there is nothing of. */
const found = (stored: StoredMessage, maxBodyBytes = Number.POSITIVE_INFINITY): FoundMessage => {
  const { message, firstReceivedAt, visibleAt, claim, holder, reason, outbound, expiresAt, deadLetterSource } = stored
  const { contentType, attributes, messageGroup, extra } = message
  const record = new EngineStored(stored)
  const some = { firstReceivedAt, visibleAt, claim, holder, reason, outbound, expiresAt, contentType, messageGroup }
  return {
    id: stored.id,
    position: stored.position,
    type: stored.type,
    state: stored.state,
    modifiedAt: stored.modifiedAt,
    sentAt: message.sentAt,
    priority: message.priority,
    receiveCount: stored.receiveCount,
    reprocessCount: stored.reprocessCount,
    ...present(some),
    ...(attributes !== null && { attributes: record.attributes() }),
    ...(deadLetterSource && { deadLetterSource }),
    ...present(shownOf(extra)),
    sizeBytes: message.body.byteLength,
    ...(message.body.byteLength > maxBodyBytes ? {} : bodyOf(record)),
  }
}

type Present<Members> = { [Name in keyof Members]?: Exclude<Members[Name], null | undefined> }

const present = <Members extends object>(members: Members): Present<Members> =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== null && value !== undefined),
  ) as Present<Members>

/** Without what doors keep for themselves. */
const shownOf = (extra: StoredMessage['message']['extra']) => {
  const { deduplicationId, tags, clientId, senderId, delayMs, receiveLimit, deadLetterQueue, traceparent } = extra ?? {}
  const shown = { deduplicationId, clientId, senderId, delayMs, receiveLimit, deadLetterQueue, traceparent }
  return { ...shown, tags: tags && [...tags] }
}

const bodyOf = (record: EngineStored): Pick<FoundMessage, 'body' | 'text' | 'base64'> => {
  if (record.form === 'json') return { body: record.json() }
  return record.form === 'text' ? { text: record.text() } : { base64: base64Of(record.bytes()) }
}
