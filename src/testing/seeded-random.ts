import type { Random } from '../core/clock.ts'

/** Randomness that repeats itself: the same seed gives the same numbers, on every machine. */
export interface SeededRandom extends Random {
  /** A whole number from 0 to `bound - 1`; `bound` is at most 2^32. */
  below(bound: number): number
  /** True in `of` cases out of `outOf`. */
  chance(of: number, outOf: number): boolean
  pick<Value>(values: readonly Value[]): Value
}

export const seededRandom = (seed: number): SeededRandom => {
  let state = seed | 0

  /** SplitMix32: 32 random bits. */
  const next = (): number => {
    state = (state + 0x9e3779b9) | 0
    let bits = state
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
    return (bits ^ (bits >>> 16)) >>> 0
  }
  const below = (bound: number): number => Math.floor((next() / 2 ** 32) * bound)

  return {
    nonce: () => (next() % 2 ** 12) * 2 ** 32 + next(),
    below,
    chance: (of, outOf) => below(outOf) < of,
    pick(values) {
      if (values.length === 0) throw new Error('nothing to pick from')
      return values[below(values.length)] as (typeof values)[number]
    },
  }
}
