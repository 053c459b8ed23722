import type { StepsRecord } from '../../../core/history.ts'
import type { RangeNeed } from '../needs.ts'
import { rangeOf } from '../rows.ts'
import { stepKey } from './keys.ts'
import type { OverlayState } from './state.ts'

export const steps = (state: OverlayState, queueId: number, serial: number): StepsRecord | undefined => {
  const key = stepKey(queueId, serial)
  if (!state.stepRows.isKnown(key)) {
    state.needs.steps.set(key, { queueId, serial })
    state.miss()
  }
  return state.stepRows.get(key)
}

export const putSteps = (state: OverlayState, record: StepsRecord): void => {
  state.stepRows.put(stepKey(record.queueId, record.serial), record)
}

export const removeSteps = (state: OverlayState, queueId: number, serial: number): void => {
  if (steps(state, queueId, serial)) state.stepRows.remove(stepKey(queueId, serial))
}

export const removeStepsOf = (state: OverlayState, queueId: number, limit: number): number => {
  const need: RangeNeed = { of: 'queue-steps', queueId, limit }
  const range = state.range<string>(need)
  const query = {
    limit,
    matches: (record: StepsRecord) => record.queueId === queueId,
    compare: (a: StepsRecord, b: StepsRecord) => a.serial - b.serial,
  }
  const found = state.within(need, rangeOf(state.stepRows, range, query))
  for (const { serial } of found) state.stepRows.remove(stepKey(queueId, serial))
  return found.length
}
