import { parseMessageId } from '../../core/ids.ts'
import { lockLost } from './errors.ts'

/** What a lock stands for: one lease of one message, and where the message is. */
export interface Lock {
  readonly receiptHandle: string
  readonly queue: string
}

/** Settling names a message, but no queue: so the lock brings along which it is. */
export const lockOf = (id: string, { receiptHandle, queue }: Lock): string =>
  `${receiptHandle}.${id}.${Buffer.from(queue, 'utf8').toString('base64url')}`

/** The lock of the message with this id; what is not one cannot be the latest. */
export const readLock = (lock: string, id: string): Lock => {
  const [receiptHandle, of, queue, ...rest] = lock.split('.')
  if (receiptHandle === undefined || of === undefined || !queue || rest.length > 0) throw lockLost()
  const [named, locked] = [parseMessageId(id), parseMessageId(of)]
  if (!named || named.serial !== locked?.serial || named.sentAt !== locked.sentAt) throw lockLost()
  return { receiptHandle, queue: Buffer.from(queue, 'base64url').toString('utf8') }
}
