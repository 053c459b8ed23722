import type { Millis } from '../../../core/clock.ts'
import type { RetentionMark } from '../../../core/store.ts'
import type { RangeNeed } from '../needs.ts'
import { rangeOf } from '../rows.ts'
import { lockQueue } from './locks.ts'
import type { OverlayState } from './state.ts'

export const retentionMark = (state: OverlayState, queueId: number): RetentionMark | undefined => {
  if (!state.marks.isKnown(queueId)) {
    const mark = state.ahead.has(queueId) ? state.known.markOf(queueId) : undefined
    if (mark) {
      state.assumedMarks.add(queueId)
      return mark
    }
    state.needs.marks.add(queueId)
    state.miss()
  }
  return state.marks.get(queueId)
}

export const dueRetentionMarks = (state: OverlayState, now: Millis, limit: number): RetentionMark[] => {
  const need: RangeNeed = { of: 'due-marks', now, limit }
  const range = state.range<number>(need)
  const query = {
    limit,
    matches: ({ checkAt }: RetentionMark) => checkAt <= now,
    compare: (a: RetentionMark, b: RetentionMark) => a.checkAt - b.checkAt || a.queueId - b.queueId,
  }
  const found = state.within(need, rangeOf(state.marks, range, query))
  state.sawDue(now, found.length === limit)
  return found
}

export const putRetentionMark = (state: OverlayState, mark: RetentionMark): void => {
  state.marks.put(mark.queueId, mark)
}

export const removeRetentionMark = (state: OverlayState, queueId: number): void => {
  // Whoever sends meanwhile relies on it.
  lockQueue(state, queueId)
  state.marks.remove(queueId)
}
