import { int8s } from '../binary.ts'
import type { Statement } from '../flight.ts'
import type { Loading } from './loading.ts'

export const numberBlock = ({ schema }: Loading, sequence: string, refill: (first: number) => void): Statement => ({
  text: `SELECT nextval('${schema}.${sequence}')`,
  rows: ([row]) => refill(Number(row?.[0])),
})

/** Goes on with the numbers at hand unless later positions were taken in one of the queues. */
export const positionLoads = ({ schema, blocks, overlay }: Loading): Statement[] => {
  const total = overlay.needs.positions.reduce((sum, count) => sum + count, 0)
  if (total === 0) return []
  const { positions, latest } = blocks
  const wanted = Math.max(total, overlay.allotted.length > 0 ? 64 : 0)
  const allot = (first: number | undefined, count: number) => {
    if (first !== undefined) overlay.allotted.push({ first, count })
    return first
  }
  if (wanted <= positions.size) {
    // Those that were taken before in this transaction are the queue's end, too.
    const taken = Math.max(0, ...overlay.allotted.map(({ first, count }) => first + count - 1))
    const next = positions.left >= wanted && taken < positions.next ? positions.next : 0
    const nextLatest = latest.left >= wanted && taken < latest.next ? latest.next : 0
    return [
      {
        text: `SELECT CASE WHEN coalesce(taken, 0) < $1::int8 THEN 'at hand' WHEN coalesce(taken, 0) < $2::int8 THEN 'latest'
          ELSE nextval('${schema}.position_block')::text END
        FROM (SELECT max(position) AS taken FROM ${schema}.queue_end WHERE queue_id = ANY($3::int8[])) e`,
        values: [next, nextLatest, int8s([...overlay.locks])],
        rows: ([row]) => {
          if (row?.[0] === 'at hand') allot(positions.take(wanted), wanted)
          else {
            if (row?.[0] !== 'latest') latest.refill(Number(row?.[0]))
            allot(latest.take(wanted), wanted)
          }
        },
      },
    ]
  }
  return [
    {
      text: `SELECT nextval('${schema}.position_block') FROM generate_series(1, $1::int4)`,
      values: [blocksFor(overlay.needs.positions, positions.size)],
      rows: (rows) => {
        for (const row of rows) overlay.allotted.push({ first: Number(row[0]), count: positions.size })
      },
    },
  ]
}

/** How many blocks it takes when each count has to come from one. */
const blocksFor = (counts: readonly number[], size: number): number => {
  let blocks = 1
  let left = size
  for (const count of counts) {
    if (count > left) {
      blocks++
      left = size
    }
    left -= count
  }
  return blocks
}
