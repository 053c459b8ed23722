/**
 * Virtual queues exist while they have messages. Their record stays for a while after the last one has gone, so that
 * duplicate windows hold and a queue in steady use is not made anew for each message; nobody sees it meanwhile.
 */
import type { QueueRecord } from '../queue.ts'
import { ownerGroup } from '../queue.ts'
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import { discardGroups } from './discard.ts'

export const idleQueues = 'idle-queue'

/** Longer than any duplicate window. */
const idleMs = 8 * 86_400_000

export const noteIdleQueue = (step: Step, queue: QueueRecord): void => {
  if (queue.explicit || step.storedMessages(queue) > 0 || step.tx.document(idleQueues, String(queue.id))) return
  putNote(step, queue)
}

const putNote = (step: Step, queue: QueueRecord): void => {
  step.writes++
  step.tx.putDocument({
    collection: idleQueues,
    key: String(queue.id),
    value: { done: step.tx.counts(ownerGroup(queue).id).done },
    expiresAt: step.now + idleMs,
  })
}

/** The time is up: unless it was in use meanwhile, the queue's record goes. */
export const forgetIdleQueue = (step: Step, note: StoredDocument): void => {
  const queue = step.tx.queueById(Number(note.key))
  if (!queue || queue.explicit || step.storedMessages(queue) > 0) return
  const { done } = note.value as { done: number }
  if (step.tx.counts(ownerGroup(queue).id).done !== done) putNote(step, queue)
  else discardGroups(step, queue)
}
