import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'
import type { SliceResult, Work } from './background.ts'
import { addWork, removeWork } from './background.ts'

/** A queue keeps steps no longer: those of its messages go in slices. */
export const forgetSteps = (step: Step, queueId: number): void => addWork(step, { kind: 'forget-steps', queueId })

export const forgetStepsSlice = (
  step: Step,
  document: StoredDocument,
  work: Work & { kind: 'forget-steps' },
  sliceSize: number,
): SliceResult => {
  // Unless it has begun to keep them again.
  const kept = step.tx.queueById(work.queueId)?.settings.history === 'steps'
  if (!kept) {
    step.writes++
    if (step.tx.removeStepsOf(work.queueId, sliceSize) === sliceSize) return { done: false }
  }
  removeWork(step, document)
  return { done: true }
}
