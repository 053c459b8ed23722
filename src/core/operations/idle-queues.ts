/**
 * Virtual queues exist while they have messages. Their record stays for a while after the last one has gone, so that
 * duplicate windows hold and a queue in steady use is not made anew for each message; nobody sees it meanwhile.
 */
import type { QueueRecord } from '../queue.ts'
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import { discardGroups } from './discard.ts'

export const idleQueues = 'idle-queue'

/** Longer than any duplicate window, with what `renewEveryMs` takes off. */
const idleMs = 8 * 86_400_000
/** A queue that is emptied all the time is noted once an hour. */
const renewEveryMs = 3_600_000

export const noteIdleQueue = (step: Step, queue: QueueRecord): void => {
  if (queue.explicit || step.storedMessages(queue) > 0) return
  const key = String(queue.id)
  const note = step.tx.document(idleQueues, key)
  const expiresAt = step.now + idleMs
  if (note?.expiresAt && note.expiresAt > expiresAt - renewEveryMs) return
  step.writes++
  step.tx.putDocument({ collection: idleQueues, key, value: {}, expiresAt })
}

/** The time is up: if it holds nothing still, the queue's record goes. */
export const forgetIdleQueue = (step: Step, note: StoredDocument): void => {
  const queue = step.tx.queueById(Number(note.key))
  if (queue && !queue.explicit && step.storedMessages(queue) === 0) discardGroups(step, queue)
}
