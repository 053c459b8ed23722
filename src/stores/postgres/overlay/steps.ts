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

export const serialsOfSteps = (
  state: OverlayState,
  queueId: number,
  { after, limit }: { after: number; limit: number },
): number[] => {
  const need: RangeNeed = { of: 'queue-steps', queueId, after, limit }
  const range = state.range<string>(need)
  const found = rangeOf(state.stepRows, range, {
    limit,
    matches: (record) => record.queueId === queueId && record.serial > after,
    compare: (a, b) => a.serial - b.serial,
  })
  return state.within(need, found).map(({ serial }) => serial)
}

export const putSteps = (state: OverlayState, record: StepsRecord): void => {
  state.stepRows.put(stepKey(record.queueId, record.serial), record)
}

export const removeSteps = (state: OverlayState, queueId: number, serial: number): void => {
  if (steps(state, queueId, serial)) state.stepRows.remove(stepKey(queueId, serial))
}
