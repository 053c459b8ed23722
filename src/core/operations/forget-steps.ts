/**
 * Steps end with their messages, as long as their queue keeps them. Around a change of that, some may be left: of messages that stay, of those that end
 * while it keeps none, and of those that another node changes or ends meanwhile and has not heard of it. All of them are looked for once everybody has.
 */
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import type { SliceResult, Work } from './background.ts'
import { addWork, pendingWork, removeWork, replaceWork } from './background.ts'

/** Queues that have just begun or ceased to keep steps. */
export const changedHistories = 'changed-history'

/** Longer than a transaction takes that read the queue before the change, and may go by it. */
const settledAfterMs = 60_000

export const noteChangedHistory = (step: Step, queueId: number): void => {
  step.writes++
  const expiresAt = step.now + settledAfterMs
  step.tx.putDocument({ collection: changedHistories, key: String(queueId), value: {}, expiresAt })
}

export const forgetSteps = (step: Step, note: StoredDocument): void =>
  addWork(step, { kind: 'forget-steps', queueId: Number(note.key) })

export const forgetStepsSlice = (
  step: Step,
  document: StoredDocument,
  work: Work & { kind: 'forget-steps' },
  sliceSize: number,
): SliceResult => {
  const { queueId, after = 0 } = work
  if (isDiscarding(step, queueId)) return { done: false, continueAt: step.now + lookAgainMs }
  const serials = step.tx.serialsOfSteps(queueId, { after, limit: sliceSize })
  const isKept = step.tx.queueById(queueId)?.settings.history === 'steps'
  const gone = isKept ? withoutMessage(step, queueId, serials) : serials
  step.writes += gone.length
  for (const serial of gone) step.tx.removeSteps(queueId, serial)
  const last = serials.at(-1)
  if (last === undefined || serials.length < sliceSize) {
    removeWork(step, document)
    return { done: true }
  }
  replaceWork(step, document, { kind: 'forget-steps', queueId, after: last })
  return { done: false }
}

/** Messages that are removed behind the scenes go by what was set when they were purged, and take their steps themselves or leave them. */
const isDiscarding = (step: Step, queueId: number): boolean =>
  pendingWork(step).some(({ value }) => {
    const work = value as Work
    return work.kind === 'discard' && work.groups.some((group) => group.queueId === queueId)
  })

const lookAgainMs = 1000

const withoutMessage = (step: Step, queueId: number, serials: readonly number[]): number[] => {
  step.tx.expect?.(serials.map((serial) => ({ read: 'message', serial })))
  return serials.filter((serial) => step.tx.message(serial)?.queueId !== queueId)
}
