import type { ReceivedMessage } from '../../../core/requests.ts'
import { closeSignal } from '../../http/connection.ts'
import { handBack } from '../../http/hand-back.ts'
import { requireSendTo } from '../access.ts'
import { type Answer, textAnswer } from '../answer.ts'
import { encodeReceived, messageList } from '../messages/encode.ts'
import { operation } from '../operation.ts'
import * as S from '../schemas/index.ts'

const receive = { to: 'queue', scopes: ['receive'] } as const

export const receiveMessages = operation({
  method: 'POST',
  path: '/queues/:queue/receive',
  summary: 'Receive messages',
  description:
    'Takes up to `maxMessages` under a lease each: others do not get them until it ends. Settle them by their receipt ' +
    'handles. With `waitMs` the answer comes as soon as there is a message; a client that goes away in the meantime ' +
    'takes none.',
  access: receive,
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.ReceiveRequest, optional: true },
  answers: { 200: { description: 'The messages; none, when none came in time.', schema: S.ReceivedMessages } },
  problems: ['QueueNotFound', 'GroupNotFound', 'TooManyLeased', 'TooManyWaiting'],
  async run({ engine, account, principal, limits, path: { queue }, body, request }) {
    requireSendTo(principal, body.deadLetterQueue)
    const { maxBytes = limits.maxAnswerBytes, ...terms } = body
    const received = await engine.receive({
      account,
      queue,
      ...terms,
      maxBytes: Math.min(maxBytes, limits.maxAnswerBytes),
      signal: closeSignal(request.socket),
    })
    return { ...answer(received), ifGone: handBack(engine, { account, queue }, received) }
  },
})

export const popMessages = operation({
  method: 'POST',
  path: '/queues/:queue/pop',
  summary: 'Receive and delete in one step',
  description: 'For messages that may be lost when their receiver fails: what is answered is deleted already.',
  access: receive,
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.PopRequest, optional: true },
  answers: { 200: { description: 'The messages; none, when none came in time.', schema: S.ReceivedMessages } },
  problems: ['QueueNotFound', 'GroupNotFound', 'TooManyWaiting'],
  async run({ engine, account, limits, path: { queue }, body, request }) {
    const maxBytes = Math.min(body.maxBytes ?? limits.maxAnswerBytes, limits.maxAnswerBytes)
    return answer(await engine.pop({ account, queue, ...body, maxBytes, signal: closeSignal(request.socket) }))
  },
})

const answer = (messages: readonly ReceivedMessage[]): Answer => textAnswer(200, messageList(messages, encodeReceived))
