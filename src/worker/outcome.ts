import { isMillraceError, type Settled, type StepEvent, type WorkMessage } from '../client/index.ts'
import type { Marks, Run } from './message-context.ts'
import { eventText } from './text.ts'

/**
 * Records what became of a message whose handler returned: one of its marks, in this order, or else success. What was
 * overruled is said in its history.
 */
export const settleMarked = async <T>({ message, marks }: Run<T>, ordered: boolean): Promise<Settled> => {
  const { filtered, reprocessMs, cancelled, outbound } = marks
  const error = marks.events.find(({ severity }) => severity === 'error')
  if (error) {
    const events = eventsOf(marks, 'the error event', ['filtered', 'reprocessMs', 'cancelled'])
    return await message.finish('errored', { reason: error.text, outbound, events })
  }
  if (filtered) {
    const events = eventsOf(marks, 'the filter', ['reprocessMs', 'cancelled'])
    const as = filtered.as === 'error' ? 'errored' : 'filtered'
    return await message.finish(as, { reason: filtered.reason, outbound, events })
  }
  if (reprocessMs !== undefined) return await reprocess(message, marks, reprocessMs)
  if (cancelled) return await putBack(message, marks, ordered)
  return await message.finish('processed', { outbound, events: marks.events })
}

/** As if it had not been handled: in an ordered queue to its place, else behind the ones that wait. */
export const putBack = <T>(message: WorkMessage<T>, { events }: Marks, ordered: boolean): Promise<Settled> =>
  message.release({ failed: false, to: ordered ? 'place' : 'back', events })

/** The queue may have become an ordered one meanwhile: that is a failure of the handler then. */
const reprocess = async <T>(message: WorkMessage<T>, marks: Marks, delayMs: number): Promise<Settled> => {
  try {
    return await message.reprocess(delayMs, { events: eventsOf(marks, 'the reprocess', ['cancelled']) })
  } catch (error) {
    if (isMillraceError(error, 'OrderedQueue')) return await settleFailed(message, marks, error, undefined)
    throw error
  }
}

/** Records that a handler threw: it is tried again after so long, or errored. */
export const settleFailed = <T>(
  message: WorkMessage<T>,
  marks: Marks,
  error: unknown,
  retryAfterMs: number | undefined,
): Promise<Settled> => {
  const reason = eventText(error)
  const events = eventsOf(marks, 'the exception', ['filtered', 'reprocessMs', 'cancelled'])
  if (retryAfterMs === undefined) return message.finish('errored', { reason, outbound: marks.outbound, events })
  return message.release({ delayMs: retryAfterMs, reason, events })
}

const words = {
  filtered: () => 'filter()',
  reprocessMs: ({ reprocessMs }: Marks) => `reprocess(${reprocessMs})`,
  cancelled: () => 'cancel()',
} as const

const eventsOf = (marks: Marks, by: string, lesser: readonly (keyof typeof words)[]): readonly StepEvent[] => {
  const overruled = lesser.filter((mark) => marks[mark] !== undefined && marks[mark] !== false)
  if (overruled.length === 0) return marks.events
  const text = `${overruled.map((mark) => words[mark](marks)).join(' and ')} overruled by ${by}`
  return [...marks.events, { severity: 'info', text }]
}
