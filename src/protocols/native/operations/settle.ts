import type { EntryResult } from '../../../core/requests.ts'
import { requireScope } from '../access.ts'
import { jsonAnswer } from '../answer.ts'
import { operation } from '../operation.ts'
import * as S from '../schemas/index.ts'

const receive = { to: 'queue', scopes: ['receive'] } as const

export const settleMessages = operation({
  method: 'POST',
  path: '/queues/:queue/settle',
  summary: 'Settle messages by their receipt handles',
  description:
    'Delete, extend, release, put aside for reprocessing, finish or dead letter up to 1,000 received messages. Each entry ' +
    'is answered on its own.',
  access: receive,
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.SettleRequest },
  answers: { 200: { description: 'What became of each entry.', schema: S.EntryResults } },
  problems: [],
  async run({ engine, account, path, body }) {
    return jsonAnswer(200, resultsOf(await engine.settle({ account, ...path, ...body })))
  },
})

export const deleteReceipt = operation({
  method: 'DELETE',
  path: '/queues/:queue/receipts/:receiptHandle',
  summary: 'Delete one message by its receipt handle',
  description: 'The short form of a settlement with `delete`.',
  access: receive,
  parameters: S.ReceiptPath,
  query: S.DeleteReceiptQuery,
  answers: { 200: { description: 'It is gone.', schema: S.Deleted } },
  problems: ['ReceiptHandleInvalid', 'LeaseLost', 'QueueNotFound'],
  async run({ engine, account, path: { queue, receiptHandle }, query: { handles = 'latest' } }) {
    const entries = [{ receiptHandle, action: { do: 'delete' } }] as const
    const [result] = await engine.settle({ account, queue, entries, handles })
    if (result && !result.ok) throw result.refusal
    return jsonAnswer(200, { deleted: true } satisfies S.Deleted)
  },
})

export const deleteMessage = operation({
  method: 'DELETE',
  path: '/queues/:queue/messages/:id',
  summary: 'Delete one message by its id',
  description: 'Needs the scope manage, or, with a claim, receive.',
  access: { to: 'some-queues', scopes: ['manage', 'receive'] },
  parameters: S.MessagePath,
  query: S.DeleteMessageQuery,
  answers: { 200: { description: 'It is gone.', schema: S.Deleted } },
  problems: ['QueueNotFound', 'GroupNotFound', 'MessageLeased', 'MessageNotClaimed', 'ClaimNotFound'],
  async run({ engine, account, principal, path: { queue, id }, query: { leased = 'refuse', ...query } }) {
    requireScope(principal, scopesToDelete(query.claim), queue)
    const [result] = await engine.deleteMessages({ account, queue, ids: [id], leased, ...query })
    if (result && !result.ok) throw result.refusal
    return jsonAnswer(200, { deleted: result?.value.changed ?? false } satisfies S.Deleted)
  },
})

export const deleteMessages = operation({
  method: 'POST',
  path: '/queues/:queue/messages/delete',
  summary: 'Delete messages by their ids',
  description: 'Each id is answered on its own. Needs the scope manage, or, with a claim, receive.',
  access: { to: 'some-queues', scopes: ['manage', 'receive'] },
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.DeleteMessagesRequest },
  answers: { 200: { description: 'What became of each id.', schema: S.EntryResults } },
  problems: ['QueueNotFound', 'GroupNotFound', 'ClaimNotFound'],
  async run({ engine, account, principal, path, body: { leased = 'refuse', ...body } }) {
    requireScope(principal, scopesToDelete(body.claim), path.queue)
    return jsonAnswer(200, resultsOf(await engine.deleteMessages({ account, ...path, leased, ...body })))
  },
})

/** Who holds a claim settles its messages so. */
const scopesToDelete = (claim: string | undefined) =>
  claim === undefined ? (['manage'] as const) : (['receive', 'manage'] as const)

const resultsOf = (results: readonly EntryResult[]): S.EntryResults => ({ results: results.map(resultOf) })

const resultOf = (result: EntryResult): S.EntryResult => {
  if (result.ok) return { ok: true, ...result.value }
  const { code, message, data } = result.refusal
  return { ok: false, code, detail: message, data: { ...data } }
}
