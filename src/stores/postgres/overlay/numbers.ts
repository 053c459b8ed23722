import type { OverlayState } from './state.ts'

export const takeNumbers = (state: OverlayState, count: number): number => {
  return take(state, 'numbers', count)
}

export const takeGroupId = (state: OverlayState): number => {
  return take(state, 'groupIds', 1)
}

/** A run that begins anew takes the same ones again. */
const take = (state: OverlayState, kind: 'numbers' | 'groupIds', count: number): number => {
  const before = state.takenNumbers[state.takenNumbersAt]
  if (before?.kind === kind && before.count === count) {
    state.takenNumbersAt++
    return before.first
  }
  state.takenNumbers.length = state.takenNumbersAt
  const first = state.blocks[kind].take(count)
  if (first === undefined) {
    state.needs[kind] = Math.max(state.needs[kind], count)
    return state.miss()
  }
  state.takenNumbers.push({ kind, count, first })
  state.takenNumbersAt++
  return first
}
