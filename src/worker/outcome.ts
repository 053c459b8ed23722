import { isMillraceError, type Settled, type WorkMessage } from '../client/index.ts'
import type { Marks } from './message-context.ts'

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Records what became of a message whose handler returned: one of its marks, in this order, or else success. */
export const settleMarked = async <T>(message: WorkMessage<T>, marks: Marks, ordered: boolean): Promise<Settled> => {
  const { filtered, reprocessMs, cancelled, outbound } = marks
  if (filtered) {
    return await message.finish(filtered.as === 'error' ? 'errored' : 'filtered', { reason: filtered.reason, outbound })
  }
  if (reprocessMs !== undefined) return await reprocess(message, reprocessMs)
  if (cancelled) return await message.release({ failed: false, to: ordered ? 'place' : 'back' })
  return await message.finish('processed', { outbound })
}

/** The queue may have become an ordered one meanwhile: that is a failure of the handler then. */
const reprocess = async <T>(message: WorkMessage<T>, delayMs: number): Promise<Settled> => {
  try {
    return await message.reprocess(delayMs)
  } catch (error) {
    if (isMillraceError(error, 'OrderedQueue')) return await settleFailed(message, error, undefined)
    throw error
  }
}

/** Records that a handler threw: it is tried again after so long, or errored. */
export const settleFailed = <T>(
  message: WorkMessage<T>,
  error: unknown,
  retryAfterMs: number | undefined,
): Promise<Settled> => {
  const reason = textOf(error)
  if (retryAfterMs === undefined) return message.finish('errored', { reason })
  return message.release({ delayMs: retryAfterMs, reason })
}
