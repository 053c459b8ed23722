import { isMillraceError, type Queue, type StoredMessage } from '../../client/index.ts'
import { pause } from '../interrupt.ts'
import { allStates } from '../options/states.ts'

export interface FollowPlan {
  /** How many of the messages that are there already. */
  readonly last: number
  readonly intervalMs: number
  readonly signal: AbortSignal
}

const pageSize = 100

/** The last messages of a queue, oldest first, then each one that comes, until the signal is aborted. */
export async function* follow(queue: Queue<unknown>, plan: FollowPlan): AsyncGenerator<StoredMessage<unknown>> {
  const { last, intervalMs, signal } = plan
  const browse = (options: { marker?: string | undefined; limit: number; newestFirst?: boolean }) =>
    queue.browse({ ...options, states: allStates, signal }).catch((error: unknown) => {
      if (isMillraceError(error, 'QueueNotFound')) return { messages: [], marker: null }
      throw error
    })

  const latest = await browse({ limit: Math.max(1, last), newestFirst: true })
  // Of an empty queue everything is new.
  let position = latest.messages[0]?.position ?? Number.NEGATIVE_INFINITY
  let marker = latest.messages[0]?.id
  yield* latest.messages.slice(0, last).reverse()

  while (!signal.aborted) {
    const page = await browse({ marker, limit: pageSize })
    if (page.marker === null) {
      // The place is not known any more (the queue was purged or made anew): look at the newest ones instead.
      marker = undefined
      const newest = await browse({ limit: pageSize, newestFirst: true })
      for (const message of newest.messages.toReversed()) {
        if (message.position <= position) continue
        position = message.position
        yield message
      }
      marker = newest.messages[0]?.id
    } else {
      marker = page.marker
      for (const message of page.messages) {
        if (message.position <= position) continue
        position = message.position
        yield message
      }
    }
    if (page.messages.length < pageSize) await pause(intervalMs, signal)
  }
}
