import type { Item } from '../delivery.ts'
import type { Cause } from '../history.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'

/** A delivery and where it is. */
export interface Placed extends Item {
  readonly queue: QueueRecord
  readonly group: GroupRecord
  /** On whose account it is about to change; absent: nobody's, it happens by itself. */
  readonly cause?: Cause
}
