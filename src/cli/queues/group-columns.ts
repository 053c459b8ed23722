import type { Group } from '../../client/index.ts'
import { formatCount } from '../output/format.ts'

/** How many messages wait for a group, or for a subscriber, and how many are in work. */
export const stateColumns = [
  {
    header: 'READY',
    value: ({ counts, pending }: Group) => formatCount(counts.ready + counts.behind + pending),
    align: 'right' as const,
  },
  {
    header: 'DELAYED',
    value: ({ counts }: Group) => formatCount(counts.delayed + counts.reprocessing),
    align: 'right' as const,
  },
  { header: 'LEASED', value: ({ counts }: Group) => formatCount(counts.leased), align: 'right' as const },
]
