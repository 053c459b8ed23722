import type { ReceivedMessage } from '../../../core/requests.ts'
import { handBack } from '../../http/hand-back.ts'
import { requireScope } from '../access.ts'
import { lockOf } from '../lock.ts'
import { operation } from '../operation.ts'
import { DequeueBody } from '../schemas.ts'

/** Of bodies in one answer, before base64; one message is handed out in any case. */
const maxAnswerBytes = 8 * 1024 * 1024

export const dequeue = operation({
  path: '/queues/:queue/dequeue',
  body: DequeueBody,
  async run({ engine, principal, account, path: { queue = '' }, body, signal }) {
    requireScope(principal, 'receive', queue)
    const { max = 1, waitSeconds = 0, holdSeconds = 60, worker, group } = body
    const messages = await engine.receive({
      account,
      queue,
      maxMessages: max,
      maxBytes: maxAnswerBytes,
      waitMs: Math.round(waitSeconds * 1000),
      visibilityTimeoutMs: holdSeconds * 1000,
      signal,
      ...(worker === undefined ? {} : { holder: worker }),
      ...(group === undefined ? {} : { group }),
    })
    return {
      status: 200,
      content: { messages: messages.map(handedOut) },
      ifGone: handBack(engine, { account, queue }, messages),
    }
  },
})

const handedOut = ({ id, queue, receiptHandle, message, receiveCount, reprocessCount }: ReceivedMessage) => {
  const { body, contentType, attributes, sentAt } = message
  return {
    id,
    lock: lockOf(id, { receiptHandle: receiptHandle ?? '', queue }),
    type: 'Q',
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64'),
    contentType,
    metadata: attributes === null ? {} : (JSON.parse(attributes) as unknown),
    queuedAt: new Date(sentAt).toISOString(),
    attempts: receiveCount,
    reprocessCount,
  }
}
