import type { Statement } from './flight.ts'
import { countWrites, dayWrites } from './writes/counts.ts'
import { deduplicationWrites } from './writes/deduplications.ts'
import { deliveryInserts, deliveryWrites } from './writes/deliveries.ts'
import { documentWrites } from './writes/documents.ts'
import { endWrites, proofs } from './writes/granted.ts'
import { historyWrites, stepWrites } from './writes/history.ts'
import { messageInserts, messageWrites } from './writes/messages.ts'
import { groupWrites, queueWrites } from './writes/queues.ts'
import { markWrites } from './writes/retention-marks.ts'
import type { Writing } from './writes/writing.ts'

/**
 * All that a transaction wrote, in few set-based statements. What it relied on having read is compared by its stamp: when it is
 * another one by now, the statement fails (division by zero) and nothing is written.
 */
export const writeStatements = (writing: Writing): { inserts: Statement[]; statements: Statement[] } => {
  const { overlay } = writing
  const deliveries = overlay.deliveries.changes()
  const messages = overlay.messages.changes()
  const statements = [
    ...endWrites(writing),
    ...proofs(writing),
    ...groupWrites(writing),
    ...queueWrites(writing),
    // In the order in which they are read, or a schema that is being changed would wait for us, and we for it.
    ...deliveryWrites(writing, deliveries),
    ...messageWrites(writing, messages),
    ...countWrites(writing),
    ...dayWrites(writing),
    ...deduplicationWrites(writing, overlay.deduplications.changes()),
    ...markWrites(writing, overlay.marks.changes()),
    ...historyWrites(writing, overlay.histories.changes()),
    ...stepWrites(writing, overlay.stepRows.changes()),
    ...documentWrites(writing, overlay.documentRows.changes()),
  ]
  return { inserts: [...deliveryInserts(writing, deliveries), ...messageInserts(writing, messages)], statements }
}
