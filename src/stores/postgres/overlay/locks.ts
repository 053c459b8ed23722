import type { OverlayState } from './state.ts'

/** Has the queue for this transaction alone, unless it made it. */
export const lockQueue = (state: OverlayState, queueId: number): void => {
  if (state.locks.has(queueId) || isOwn(state, queueId)) return
  state.needs.locks.add(queueId)
  state.miss()
}

/** This transaction gave the queue its id, so nobody else can know it. */
export const isOwn = (state: OverlayState, queueId: number): boolean => {
  return state.takenNumbers.some(({ kind, first }) => kind === 'numbers' && first === queueId)
}
