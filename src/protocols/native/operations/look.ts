import { Refusal } from '../../../core/errors.ts'
import { requireScope } from '../access.ts'
import { type Answer, jsonAnswer, textAnswer } from '../answer.ts'
import { encodeStored, messageList } from '../messages/encode.ts'
import { type Call, operation } from '../operation.ts'
import * as S from '../schemas/index.ts'

const receive = { to: 'queue', scopes: ['receive'] } as const

export const browseMessages = operation({
  method: 'GET',
  path: '/queues/:queue/messages',
  summary: 'Browse messages',
  description: 'Shows messages without taking them, page by page, in the order in which they came into the queue.',
  access: receive,
  parameters: S.QueuePath,
  query: S.BrowseQuery,
  answers: { 200: { description: 'A page of messages.', schema: S.BrowsePage } },
  problems: ['GroupNotFound'],
  exampleQuery: 'limit=50&states=ready,leased',
  async run({ engine, account, limits, path, query }) {
    const maxBytes = Math.min(query.maxBytes ?? limits.maxAnswerBytes, limits.maxAnswerBytes)
    const { messages, marker } = await engine.browse({ account, ...path, ...query, maxBytes })
    return textAnswer(200, messageList(messages, encodeStored, `,"marker":${JSON.stringify(marker)}`))
  },
})

export const getMessage = operation({
  method: 'GET',
  path: '/queues/:queue/messages/:id',
  summary: 'Look at one message',
  access: receive,
  parameters: S.MessagePath,
  query: S.GetMessageQuery,
  answers: { 200: { description: 'The message.', schema: S.StoredMessage } },
  problems: ['QueueNotFound', 'GroupNotFound', 'MessageNotFound'],
  async run(call) {
    return textAnswer(200, encodeStored(await storedMessage(call)))
  },
})

export const getMessageBody = operation({
  method: 'GET',
  path: '/queues/:queue/messages/:id/body',
  summary: 'Get the body of one message',
  description: 'The bytes as they were sent, with the content type that its sender gave.',
  access: receive,
  parameters: S.MessagePath,
  query: S.GetMessageQuery,
  answers: { 200: { description: 'The body.', contentType: '*/*' } },
  problems: ['QueueNotFound', 'GroupNotFound', 'MessageNotFound'],
  async run(call): Promise<Answer> {
    const { message } = await storedMessage(call)
    const { contentType } = message
    return {
      status: 200,
      contentType: contentType !== null && fitsHeader.test(contentType) ? contentType : 'application/octet-stream',
      content: message.body,
      headers: harmless,
    }
  },
})

const fitsHeader = /^[\x20-\x7e]+$/

/** Whoever sends a message must not get a script of theirs run by the browser of somebody who looks at it. */
const harmless = ['X-Content-Type-Options', 'nosniff', 'Content-Security-Policy', "sandbox; default-src 'none'"]

const storedMessage = async ({ engine, account, path, query }: Call<S.MessagePath, S.GetMessageQuery, unknown>) => {
  const { queue, id } = path
  const [message] = await engine.getMessages({ account, queue, ids: [id], ...query })
  if (!message) throw new Refusal('MessageNotFound', { id })
  return message
}

export const getMessages = operation({
  method: 'POST',
  path: '/queues/:queue/messages/get',
  summary: 'Look at messages by their ids',
  access: receive,
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.GetMessagesRequest },
  answers: { 200: { description: 'Those that are there, in the order asked for.', schema: S.StoredMessages } },
  problems: ['QueueNotFound', 'GroupNotFound'],
  async run({ engine, account, path, body }) {
    const messages = await engine.getMessages({ account, ...path, ...body })
    return textAnswer(200, messageList(messages, encodeStored))
  },
})

export const getStatus = operation({
  method: 'GET',
  path: '/messages/:id',
  summary: 'What became of a message',
  description:
    'Readable for seven days from the send, whatever happened to the message and whichever API it was sent through. Needs ' +
    'any scope for its queue.',
  access: { to: 'some-queues', scopes: ['send', 'receive', 'manage'] },
  parameters: S.MessageIdPath,
  answers: { 200: { description: 'Where it stands, or how it ended.', schema: S.MessageStatus } },
  problems: ['MessageNotFound'],
  async run({ engine, account, principal, path: { id } }) {
    const status = await engine.status({ account, id })
    if (!status) throw new Refusal('MessageNotFound', { id })
    requireScope(principal, ['send', 'receive', 'manage'], status.queue)
    const { deliveries, steps, ...rest } = status
    return jsonAnswer(200, { ...rest, deliveries: [...deliveries], steps: [...steps] } satisfies S.MessageStatus)
  },
})
