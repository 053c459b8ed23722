import type { KnownQueues } from '../known-queues.ts'
import type { NumberBlocks } from '../number-blocks.ts'
import type { Overlay } from '../overlay.ts'
import type { QueueEnds } from '../queue-ends.ts'
import type { RecentItems } from '../recent-items.ts'

/** What the statements that load are made from, and where what they give is put. */
export interface Loading {
  readonly schema: string
  readonly known: KnownQueues
  readonly blocks: NumberBlocks
  readonly ends: QueueEnds
  readonly recent: RecentItems
  readonly overlay: Overlay
  /** Rows that are read are locked until the transaction ends, where it has lost them to others before. */
  readonly hold: boolean
  /** The transaction sees one moment and takes nothing, so it locks nothing and passes over nothing. */
  readonly snapshot: boolean
}
