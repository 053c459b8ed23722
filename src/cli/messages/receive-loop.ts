import { type AnyMessage, isMillraceError, type Message, type Queue, type ReceiveOptions } from '../../client/index.ts'

export interface ReceivePlan {
  /** How many messages in all; null: until interrupted. */
  readonly count: number | null
  /** What becomes of a message once it is written: it stays leased, is deleted, or was deleted by being received. */
  readonly fate: 'keep' | 'delete' | 'pop'
  readonly options: ReceiveOptions
}

export interface Received {
  readonly count: number
  /** Why messages that were written could not be deleted: they come again. */
  readonly failures: readonly unknown[]
}

export type Source = Pick<Queue<unknown>, 'receive' | 'pop'>
type Write = (message: AnyMessage<unknown> | Message<unknown>) => Promise<void>

const perRequest = 100
const waitWithoutEndMs = 20_000

/**
 * Receives, hands each message to `write`, and deletes it once it is written, if asked to. However it ends, messages that
 * were not written are released; when it is interrupted, those that were written and not deleted are too.
 */
export const receiveLoop = async (
  queue: Source,
  plan: ReceivePlan,
  write: Write,
  interrupted: AbortSignal,
): Promise<Received> => {
  const unseen = new Set<Message<unknown>>()
  const shown = new Set<Message<unknown>>()
  const failures: unknown[] = []
  let deletions: Promise<unknown>[] = []
  let count = 0
  try {
    while (!interrupted.aborted && count < (plan.count ?? Number.POSITIVE_INFINITY)) {
      const messages = await receiveSome(queue, plan, count, interrupted)
      if (messages.length === 0 && plan.count !== null) break
      for (const message of messages) if (isLeased(message)) unseen.add(message)
      for (const message of messages) {
        // What was popped is in nobody's hands but ours.
        if (interrupted.aborted && isLeased(message)) break
        await write(message)
        count += 1
        if (!isLeased(message)) continue
        unseen.delete(message)
        if (plan.fate === 'delete') deletions.push(message.delete().catch((error: unknown) => failures.push(error)))
        else shown.add(message)
      }
      await Promise.all(deletions)
      deletions = []
      for (const message of shown) if (message.leasedUntil < Date.now()) shown.delete(message)
    }
  } catch (error) {
    if (!(interrupted.aborted && isMillraceError(error, 'Aborted'))) throw error
  } finally {
    await Promise.all(deletions)
    const held = interrupted.aborted ? [...unseen, ...shown] : [...unseen]
    await Promise.allSettled(held.map((message) => message.release({ failed: false })))
  }
  return { count, failures }
}

const receiveSome = (
  queue: Source,
  plan: ReceivePlan,
  before: number,
  signal: AbortSignal,
): Promise<readonly (AnyMessage<unknown> | Message<unknown>)[]> => {
  const maxMessages = Math.min(perRequest, (plan.count ?? perRequest) - (plan.count === null ? 0 : before))
  // Whoever asked for several and got some does not wait for the rest.
  const waitMs = plan.count === null ? waitWithoutEndMs : before > 0 ? 0 : plan.options.waitMs
  const options = { ...plan.options, maxMessages, waitMs, signal }
  return plan.fate === 'pop' ? queue.pop(options) : queue.receive(options)
}

const isLeased = (message: AnyMessage<unknown> | Message<unknown>): message is Message<unknown> =>
  'receiptHandle' in message
