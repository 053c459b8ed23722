import type { LiveQueue, Reading } from '../../data/live-store.ts'

/** Messages a second between one reading and the next. */
export const stepsOf = (trail: readonly Reading[], of: 'entered' | 'done'): number[] =>
  trail.slice(1).map((reading, at) => {
    const before = trail[at] as Reading
    const ms = reading.at - before.at
    return ms > 0 ? (Math.max(0, reading[of] - before[of]) * 1000) / ms : 0
  })

/** Of all queues together, second by second. */
export const ratesOf = (queues: readonly LiveQueue[]): { in: number[]; out: number[] } => ({
  in: together(queues.filter(hasMoved).map(({ trail }) => stepsOf(trail, 'entered'))),
  out: together(queues.filter(hasMoved).map(({ trail }) => stepsOf(trail, 'done'))),
})

const hasMoved = ({ trail }: LiveQueue): boolean =>
  trail[0]?.entered !== trail.at(-1)?.entered || trail[0]?.done !== trail.at(-1)?.done

/** The ends are of the same moment; some began later. */
const together = (lists: readonly number[][]): number[] => {
  const length = Math.max(0, ...lists.map((list) => list.length))
  const sums = new Array<number>(length).fill(0)
  for (const list of lists) {
    const offset = length - list.length
    for (const [at, value] of list.entries()) sums[offset + at] = (sums[offset + at] as number) + value
  }
  return sums
}
