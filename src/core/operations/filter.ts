import type { Item } from '../delivery.ts'
import { messageIdAsUuid } from '../ids.ts'
import type { MessageFilter, StoredMessage } from '../requests.ts'
import { textPattern } from '../text-pattern.ts'

/** A filter, made ready to be asked of many messages. */
export interface PreparedFilter {
  /** What a store can look for by itself. */
  readonly stored: Pick<MessageFilter, 'types' | 'states'>
  /** Whether that is all there is to look at. */
  readonly isStored: boolean
  matches(stored: StoredMessage): boolean
  /** Whether nothing can match that came into the queue before this one. */
  endsBefore(item: Item): boolean
}

/** How much of a body is looked at. */
const searchedBytes = 65_536

/** Clocks are set back now and then, so what was sent late may stand before what was sent early. */
const clockSlackMs = 3_600_000

export const prepareFilter = (filter: MessageFilter = {}): PreparedFilter => {
  const { types, states, sentFrom, sentBefore } = filter
  const texts = textChecks(filter)
  return {
    stored: { ...(types ? { types } : {}), ...(states ? { states } : {}) },
    isStored: texts.length === 0 && sentFrom === undefined && sentBefore === undefined,
    matches(stored) {
      const { sentAt } = stored.message
      if (sentFrom !== undefined && sentAt < sentFrom) return false
      if (sentBefore !== undefined && sentAt >= sentBefore) return false
      // Its time may have come since it was written down.
      if (types && !types.includes(stored.type)) return false
      if (states && !states.includes(stored.state)) return false
      return texts.every((matches) => matches(stored))
    },
    // What was moved here from another queue may be older than its place; what was sent here is not.
    endsBefore: ({ message }) =>
      sentFrom !== undefined && message.position === message.serial && message.sentAt < sentFrom - clockSlackMs,
  }
}

const textChecks = (filter: MessageFilter): ((stored: StoredMessage) => boolean)[] => {
  const { id, reason, holder, contentType, messageGroup, attributes, body } = filter
  const checks: ((stored: StoredMessage) => boolean)[] = []
  const check = (pattern: string | undefined, read: (stored: StoredMessage) => string | null) => {
    if (pattern === undefined) return
    const matches = textPattern(pattern)
    checks.push((stored) => {
      const text = read(stored)
      return text !== null && matches(text)
    })
  }
  check(id, (stored) => (id?.includes('-') ? messageIdAsUuid(stored.id) : stored.id))
  check(reason, (stored) => stored.reason)
  check(holder, (stored) => stored.holder)
  check(contentType, ({ message }) => message.contentType)
  check(messageGroup, ({ message }) => message.messageGroup)
  check(attributes, ({ message }) => message.attributes)
  check(body, ({ message }) => decoder.decode(message.body.subarray(0, searchedBytes)))
  return checks
}

const decoder = new TextDecoder()
