import type { AnyMessage, Message, StoredMessage } from '../../client/index.ts'
import { messageLine } from './record.ts'

export const receivedLine = (message: Message<unknown>): string =>
  messageLine(message, { receiptHandle: message.receiptHandle, leasedUntil: message.leasedUntil })

export const poppedLine = (message: AnyMessage<unknown>): string => messageLine(message, {})

export const storedMembers = (message: StoredMessage<unknown>): Readonly<Record<string, unknown>> => ({
  state: message.state,
  visibleAt: message.visibleAt,
  modifiedAt: message.modifiedAt,
  claim: message.claim,
  holder: message.holder,
  reason: message.reason,
  outbound: message.outbound,
})

export const storedLine = (message: StoredMessage<unknown>): string => messageLine(message, storedMembers(message))
