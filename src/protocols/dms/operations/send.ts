import type { QueueEngine } from '../../../core/engine-api.ts'
import { isRefusal, type Refusal } from '../../../core/errors.ts'
import type { NewMessage } from '../../../core/message.ts'
import type { QueueAddress, SentMessage } from '../../../core/requests.ts'
import { requireScope } from '../access.ts'
import { created } from '../answer.ts'
import { readSend } from '../messages/read-send.ts'
import type { Operation } from '../operation.ts'
import { refusalOf } from '../refusals.ts'

export const sendMessages: Operation = {
  name: 'sendMessages',
  method: 'POST',
  paths: ['/queues/{queue_id}/messages'],
  summary: 'Send up to ten messages. When the answer comes, they are on disk.',
  async run({ engine, places, account, principal, parameters: { queue_id = '' }, body }) {
    return places.inQueue(account, queue_id, async ({ address, isKafka }) => {
      requireScope(principal, 'send', address.queue)
      const { messages, returnId } = readSend(body, isKafka)
      const { keyId } = principal
      const signed = keyId === null ? messages : messages.map((message) => ({ ...message, senderId: keyId }))
      const sent = await sendAll(engine, address, signed)
      return created({ messages: sent.map((result) => shown(result, returnId)) })
    })
  },
}

type Sent = SentMessage | Refusal

/** All in one step; if the queue does not take one of them, each on its own, so that the others are stored. */
const sendAll = async (
  engine: QueueEngine,
  address: QueueAddress,
  messages: readonly NewMessage[],
): Promise<readonly Sent[]> => {
  const send = (some: readonly NewMessage[]) => engine.send({ ...address, messages: some, ifMissing: 'refuse' })
  try {
    return await send(messages)
  } catch (error) {
    if (!isRefusal(error) || concernsAll.has(error.code)) throw error
    return Promise.all(messages.map((message) => send([message]).then(([sent]) => sent as SentMessage, refused)))
  }
}

const concernsAll: ReadonlySet<Refusal['code']> = new Set(['QueueNotFound', 'StoreUnavailable', 'ShuttingDown'])

const refused = (error: unknown): Refusal => {
  if (isRefusal(error)) return error
  throw error
}

const shown = (sent: Sent, returnId: boolean) => {
  if ('code' in sent) {
    const { message, code } = refusalOf(sent)
    return { error: message, error_code: code, state: 1 }
  }
  return { error: null, error_code: null, state: 0, ...(returnId && { id: sent.id }) }
}
