import { isRefusal } from '../../core/errors.ts'
import type { HandleRule, SettleAction } from '../../core/requests.ts'
import { badRequest } from './answer.ts'
import type { Call } from './operation.ts'

interface Handles {
  readonly ReceiptHandles?: readonly string[]
  readonly ReceiptHandle?: string
}

const most = 10

/** Does something to all messages whose handles still count; that others match nothing is no mistake. */
export const settleAll = async (
  { engine, account, queue, fields }: Call<Handles>,
  action: SettleAction,
  handles: HandleRule,
): Promise<void> => {
  const { ReceiptHandles = [], ReceiptHandle } = fields
  const all = ReceiptHandle === undefined ? ReceiptHandles : [...ReceiptHandles, ReceiptHandle]
  if (all.length === 0) throw badRequest('missing required field: ReceiptHandles')
  if (all.length > most) throw badRequest('ReceiptHandles must be an array of 1 to 10 UUIDs')
  const entries = all.map((handle) => ({ receiptHandle: handle.toLowerCase(), action }))
  try {
    await engine.settle({ account, queue, entries, handles })
  } catch (error) {
    if (!isRefusal(error, 'QueueNotFound')) throw error
  }
}
