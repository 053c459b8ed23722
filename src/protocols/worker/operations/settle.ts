import type { Static } from 'typebox'
import type { SettleAction } from '../../../core/requests.ts'
import { tenYearsMs } from '../../../core/settings.ts'
import { requireScope } from '../access.ts'
import { badRequest, lockLost } from '../errors.ts'
import { readLock } from '../lock.ts'
import { operation } from '../operation.ts'
import { SettleBody } from '../schemas.ts'

type Body = Static<typeof SettleBody>

/** What a message is after an outcome, where its queue keeps nothing that could say so. */
const letters = { processed: 'P', filtered: 'F', errored: 'E', cancelled: 'Q', retry: 'Q', reprocess: 'D' } as const

export const settle = operation({
  path: '/messages/:id/settle',
  body: SettleBody,
  async run({ engine, principal, account, path: { id = '' }, body }) {
    const { receiptHandle, queue } = readLock(body.lock, id)
    requireScope(principal, 'receive', queue)
    const { events, outcome } = body
    const entry = { receiptHandle, action: actionOf(body), ...(events && events.length > 0 ? { events } : {}) }
    // A message is its worker's until somebody else has it, also when the worker is a little late.
    const [result] = await engine.settle({ account, queue, entries: [entry], handles: 'latest' })
    if (!result) throw lockLost()
    if (!result.ok) throw result.refusal
    const { type, reprocessCount, visibleAt } = result.value
    return {
      status: 200,
      content: {
        type: type ?? letters[outcome],
        reprocessCount,
        reprocessAt: type === 'D' && visibleAt !== null ? new Date(visibleAt).toISOString() : null,
      },
    }
  },
})

const actionOf = (body: Body): SettleAction => {
  const { outcome, events = [], outbound } = body
  const reason = body.reason ?? events.findLast(({ severity }) => severity !== 'info')?.text
  const said = reason === undefined ? {} : { reason }
  switch (outcome) {
    case 'processed':
    case 'filtered':
    case 'errored':
      return { do: 'finish', as: letters[outcome], ...said, ...(outbound === undefined ? {} : { outbound }) }
    case 'cancelled':
      return { do: 'release', failed: false, to: 'back', ...said }
    case 'retry':
      return { do: 'release', delayMs: delayOf(body, defaultRetryMs), ...said }
    case 'reprocess':
      return { do: 'reprocess', delayMs: delayOf(body), ...said }
  }
}

const defaultRetryMs = 5000

const delayOf = ({ delayMs }: Body, standard?: number): number => {
  const value = delayMs ?? standard
  if (value !== undefined && Number.isInteger(value) && value >= 0 && value <= tenYearsMs) return value
  throw badRequest(`delayMs must be a whole number of milliseconds from 0 to ${tenYearsMs}.`)
}
