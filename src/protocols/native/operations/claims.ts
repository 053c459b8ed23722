import type { ClaimView } from '../../../core/requests.ts'
import { type Answer, jsonAnswer, noContent, textAnswer } from '../answer.ts'
import { encodeStored, messageList } from '../messages/encode.ts'
import { operation } from '../operation.ts'
import * as S from '../schemas/index.ts'

const receive = { to: 'queue', scopes: ['receive'] } as const

export const claimMessages = operation({
  method: 'POST',
  path: '/queues/:queue/claims',
  summary: 'Claim messages',
  description:
    'Takes several messages under one lease. Delete each by its id and the claim; release the claim for the rest.',
  access: receive,
  parameters: S.QueuePath,
  body: { kind: 'json', schema: S.ClaimRequest },
  answers: {
    201: { description: 'The claim with its messages.', schema: S.Claim },
    204: { description: 'There was no message to claim.' },
  },
  problems: ['QueueNotFound', 'GroupNotFound', 'TooManyLeased'],
  async run({ engine, account, limits, path: { queue }, body: { maxMessages = 10, graceMs = 0, ...terms } }) {
    const maxBytes = Math.min(terms.maxBytes ?? limits.maxAnswerBytes, limits.maxAnswerBytes)
    const claim = await engine.claim({ account, queue, maxMessages, graceMs, ...terms, maxBytes })
    if (!claim) return noContent
    return { ...answer(201, claim), ifGone: () => engine.releaseClaim({ account, queue, claim: claim.id }) }
  },
})

export const getClaim = operation({
  method: 'GET',
  path: '/queues/:queue/claims/:claim',
  summary: 'Look at a claim',
  access: receive,
  parameters: S.ClaimPath,
  answers: { 200: { description: 'The claim with the messages that are still under it.', schema: S.Claim } },
  problems: ['QueueNotFound', 'ClaimNotFound'],
  async run({ engine, account, path }) {
    return answer(200, await engine.getClaim({ account, ...path }))
  },
})

export const renewClaim = operation({
  method: 'PATCH',
  path: '/queues/:queue/claims/:claim',
  summary: 'Renew a claim',
  description: 'It lasts `ttlMs` from now.',
  access: receive,
  parameters: S.ClaimPath,
  body: { kind: 'json', schema: S.RenewClaimRequest },
  answers: { 200: { description: 'The claim with the messages that are still under it.', schema: S.Claim } },
  problems: ['QueueNotFound', 'ClaimNotFound'],
  async run({ engine, account, path, body: { ttlMs, graceMs = 0 } }) {
    return answer(200, await engine.renewClaim({ account, ...path, ttlMs, graceMs }))
  },
})

export const releaseClaim = operation({
  method: 'DELETE',
  path: '/queues/:queue/claims/:claim',
  summary: 'Release a claim',
  description: 'The messages that are still under it are visible again at once.',
  access: receive,
  parameters: S.ClaimPath,
  answers: { 200: { description: 'It is gone.', schema: S.Released } },
  problems: ['QueueNotFound'],
  async run({ engine, account, path }) {
    return jsonAnswer(200, await engine.releaseClaim({ account, ...path }))
  },
})

const answer = (status: number, { messages, ...claim }: ClaimView): Answer =>
  textAnswer(status, messageList(messages, encodeStored, `,${JSON.stringify(claim).slice(1, -1)}`))
