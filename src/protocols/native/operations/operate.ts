import { Refusal } from '../../../core/errors.ts'
import type { SearchMessages, StoredMessage } from '../../../core/requests.ts'
import { latin1AsUtf8 } from '../../http/latin1.ts'
import { nameOf, requireScope, requireSendTo } from '../access.ts'
import { jsonAnswer, textAnswer } from '../answer.ts'
import { encodeDelivery, encodeFound, messageList } from '../messages/encode.ts'
import { operation } from '../operation.ts'
import * as S from '../schemas/index.ts'

const manage = { to: 'queue', scopes: ['manage'] } as const

export const searchMessages = operation({
  method: 'POST',
  path: '/queues/:queue/messages/search',
  summary: 'Search messages',
  description:
    'Finds messages of any type and state, a page at a time in both directions. The work of one request is bounded: where ' +
    'few of very many messages match, a page may be short, and `next` goes on from where the search has come to.',
  access: manage,
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.SearchRequest, optional: true },
  answers: { 200: { description: 'A page of messages.', schema: S.SearchPage } },
  problems: ['QueueNotFound', 'GroupNotFound'],
  async run({ engine, account, limits, path, body }) {
    const maxBytes = Math.min(body.maxBytes ?? limits.maxAnswerBytes, limits.maxAnswerBytes)
    const page = await engine.searchMessages({ account, ...path, ...body, maxBytes })
    const { messages, ...rest } = page
    const about = JSON.stringify(rest).slice(1, -1)
    return textAnswer(
      200,
      messageList(messages, (message) => encodeFound(message, body.maxBodyBytes), `,${about}`),
    )
  },
})

export const countMessages = operation({
  method: 'POST',
  path: '/queues/:queue/messages/count',
  summary: 'Count messages that match',
  description:
    'Exact. Where only types are asked for the answer is known; else messages are looked at, so many a request: follow ' +
    '`next` and add up.',
  access: manage,
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.CountRequest, optional: true },
  answers: { 200: { description: 'How many match of those looked at.', schema: S.CountAnswer } },
  problems: ['QueueNotFound', 'GroupNotFound'],
  async run({ engine, account, path, body }) {
    return jsonAnswer(200, (await engine.countMessages({ account, ...path, ...body })) satisfies S.CountAnswer)
  },
})

export const actOnMessages = operation({
  method: 'POST',
  path: '/queues/:queue/messages/act',
  summary: 'Act on chosen messages',
  description:
    'Reprocess now, move to a type, copy or delete up to 1,000 messages by their ids. What has changed meanwhile, or is in ' +
    'work, is left as it is and reported. A copy needs `send` or `manage` for the other queue.',
  access: manage,
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.ActRequest },
  answers: { 200: { description: 'What became of each.', schema: S.ActAnswer } },
  problems: ['QueueNotFound', 'GroupNotFound'],
  async run({ engine, account, principal, path, body }) {
    if (body.action.do === 'copy') requireSendTo(principal, body.action.to)
    const results = await engine.actOnMessages({ account, ...path, ...body, by: nameOf(principal) })
    const changed = results.filter((result) => result.changed).length
    const answer = { changed, skipped: results.length - changed, results: [...results] }
    return jsonAnswer(200, answer satisfies S.ActAnswer)
  },
})

export const actOnAll = operation({
  method: 'POST',
  path: '/queues/:queue/tasks',
  summary: 'Act on all messages that match',
  description:
    'The same actions on every message that matches a filter and is there now. The work goes on in slices after the answer, ' +
    'and over a restart; the task tells how far it is, and can be cancelled.',
  access: manage,
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.ActOnAllRequest },
  answers: { 202: { description: 'The task that has begun.', schema: S.Task } },
  problems: ['QueueNotFound', 'GroupNotFound'],
  async run({ engine, account, principal, path, body }) {
    if (body.action.do === 'copy') requireSendTo(principal, body.action.to)
    const task = await engine.startAction({ account, ...path, ...body, by: nameOf(principal) })
    return jsonAnswer(202, task satisfies S.Task)
  },
})

export const exportMessages = operation({
  method: 'POST',
  path: '/queues/:queue/messages/export',
  summary: 'Export messages',
  description:
    'Messages with all that is known of them, one JSON object a line. Such a line can be sent again as it is: a send takes ' +
    'from it what it knows, as a new message.',
  access: manage,
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.ExportRequest, optional: true },
  answers: {
    200: { description: 'One `FoundMessage` a line.', schema: S.FoundMessage, contentType: 'application/x-ndjson' },
  },
  problems: ['QueueNotFound', 'GroupNotFound'],
  async run({ engine, account, limits, path, body: { ids, ...body } }) {
    const { group, deadLetters } = body
    const place = { account, ...path, ...(group !== undefined && { group }), ...(deadLetters && { deadLetters }) }
    return {
      status: 200,
      contentType: 'application/x-ndjson',
      async stream(write) {
        if (ids) {
          for (const message of await engine.getMessages({ ...place, ids })) {
            if (!(await write(line(message)))) return
          }
          return
        }
        const request: SearchMessages = { newestFirst: false, ...place, ...body, maxBytes: limits.maxAnswerBytes }
        let page: string | null | undefined
        while (page !== null) {
          const answer = await engine.searchMessages({ ...request, ...(page === undefined ? {} : { page }) })
          for (const message of answer.messages) if (!(await write(line(message)))) return
          page = answer.next
        }
      },
    }
  },
})

export const getMessageDetails = operation({
  method: 'GET',
  path: '/messages/:id/details',
  summary: 'All that is known of a message',
  description:
    'Wherever it is: the message as each group has it, or how it ended. The id may be in any form that an API has given ' +
    'out, or a receipt handle. Needs `manage` for its queue.',
  access: { to: 'some-queues', scopes: ['manage'] },
  parameters: S.MessageIdPath,
  answers: { 200: { description: 'What is known.', schema: S.MessageDetails } },
  problems: ['MessageNotFound'],
  async run({ engine, account, principal, path: { id } }) {
    const details = await engine.messageDetails({ account, id })
    if (!details) throw new Refusal('MessageNotFound', { id })
    requireScope(principal, ['manage'], details.queue)
    const { deliveries, ...rest } = details
    return textAnswer(
      200,
      messageList(deliveries, encodeDelivery, `,${JSON.stringify(rest).slice(1, -1)}`, 'deliveries'),
    )
  },
})

export const listWorkers = operation({
  method: 'GET',
  path: '/queues/:queue/workers',
  summary: 'List the workers of a queue',
  description: 'Who receives from it and says who it is, as seen by the server that answers since its start.',
  access: manage,
  parameters: S.QueuePath,
  answers: { 200: { description: 'The workers.', schema: S.QueueWorkers } },
  problems: ['QueueNotFound'],
  async run({ engine, account, path }) {
    const workers = await engine.queueWorkers({ account, ...path })
    return jsonAnswer(200, { workers: [...workers] } satisfies S.QueueWorkers)
  },
})

/** Line ends in JSON text are white space: within strings they are escaped. */
const line = (message: StoredMessage): string => latin1AsUtf8(encodeFound(message).replace(/[\r\n]/g, ' '))
