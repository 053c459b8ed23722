import { isOwn } from './locks.ts'
import type { OverlayState } from './state.ts'

export const takePositions = (state: OverlayState, queueId: number, count: number): number => {
  const ahead = takeAhead(state, queueId, count)
  if (ahead !== undefined) return ahead
  // Whoever has the queue takes its next positions, and nobody commits later ones before.
  if (!state.locks.has(queueId) && !isOwn(state, queueId)) {
    state.needs.locks.add(queueId)
    if (state.allotted.length === 0) state.needs.positions.push(count)
    return state.miss()
  }
  for (; state.allottedAt < state.allotted.length; state.allottedAt++, state.allottedUsed = 0) {
    const range = state.allotted[state.allottedAt] as { first: number; count: number }
    if (state.allottedUsed + count > range.count) continue
    const first = range.first + state.allottedUsed
    state.allottedUsed += count
    noteTaken(state, queueId, first, count)
    return first
  }
  state.needs.positions.push(count)
  return state.miss()
}

/** Without having the queue: only where the same flight takes the queue's end, checks it and writes. */
const takeAhead = (state: OverlayState, queueId: number, count: number): number | undefined => {
  if (!state.trusting || state.hasFlown || state.locks.size > 0 || state.needs.locks.size > 0 || isOwn(state, queueId))
    return undefined
  if (!state.ends.isOurs(queueId) || !state.queueBase.get(queueId)?.record) return undefined
  const { positions } = state.blocks
  // It was others' for a while, and has come further than what is at hand.
  if (positions.next <= state.ends.lastOf(queueId)) positions.clear()
  const first = positions.take(count)
  if (first === undefined) return undefined
  state.takenAhead.push({ first, count })
  state.ahead.add(queueId)
  noteTaken(state, queueId, first, count)
  return first
}

const noteTaken = (state: OverlayState, queueId: number, first: number, count: number): void => {
  const before = state.taken.get(queueId)
  state.taken.set(queueId, { first: before?.first ?? first, last: first + count - 1 })
}
