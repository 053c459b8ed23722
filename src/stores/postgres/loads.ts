import type { Statement } from './flight.ts'
import { countsOfDays, countsOfGroups } from './loads/counts.ts'
import { deduplicationsByKey } from './loads/deduplications.ts'
import { documentsByKey } from './loads/documents.ts'
import { historyBySerial, stepsOfMessages } from './loads/history.ts'
import { itemsByPlace, messagesBySerial } from './loads/items.ts'
import type { Loading } from './loads/loading.ts'
import { numberBlock, positionLoads } from './loads/numbers.ts'
import { groupsById, lockQueues, queuesById, queuesByName, verifyQueues } from './loads/queues.ts'
import { rangeLoad } from './loads/ranges.ts'
import { itemsOfMessageGroups, readyItems } from './loads/ready.ts'
import { marksOfQueues } from './loads/retention-marks.ts'

/** Turns what units need into few statements, and puts what they give under an overlay. */
export const loadStatements = (loading: Loading): Statement[] => {
  const { overlay, blocks } = loading
  const { needs } = overlay
  const statements: Statement[] = []
  const locks = overlay.locksPending ? [...overlay.locks] : []
  if (locks.length > 0) statements.push(lockQueues(loading, locks), verifyQueues(loading, locks))
  statements.push(...positionLoads(loading))
  if (needs.numbers > 0) {
    statements.push(numberBlock(loading, 'position_block', (first) => blocks.numbers.refill(first)))
  }
  if (needs.groupIds > 0) statements.push(numberBlock(loading, 'group_block', (first) => blocks.groupIds.refill(first)))
  if (needs.queueNames.size > 0) statements.push(queuesByName(loading, [...needs.queueNames.values()]))
  if (needs.queueIds.size > 0) statements.push(queuesById(loading, [...needs.queueIds]))
  const unverified = [...needs.unverified].filter((id) => !locks.includes(id))
  if (unverified.length > 0) statements.push(verifyQueues(loading, unverified))
  if (needs.groups.size > 0) statements.push(groupsById(loading, [...needs.groups]))
  statements.push(...itemsByPlace(loading))
  if (needs.messages.size > 0) statements.push(messagesBySerial(loading, [...needs.messages]))
  statements.push(...countsOfGroups(loading, locks))
  if (needs.days.size > 0) statements.push(countsOfDays(loading, [...needs.days.values()]))
  for (const [groupId, limit] of needs.ready) {
    const queueId = overlay.placeOf(groupId)
    if (queueId !== undefined) statements.push(...readyItems(loading, queueId, groupId, limit))
  }
  if (needs.messageGroups.size > 0) statements.push(itemsOfMessageGroups(loading, [...needs.messageGroups.values()]))
  statements.push(...deduplicationsByKey(loading))
  const marks = [...new Set([...needs.marks, ...locks])]
  if (marks.length > 0) statements.push(marksOfQueues(loading, marks))
  if (needs.history.size > 0) statements.push(historyBySerial(loading, [...needs.history]))
  if (needs.steps.size > 0) statements.push(stepsOfMessages(loading, [...needs.steps.values()]))
  if (needs.documents.size > 0) statements.push(documentsByKey(loading, [...needs.documents.values()]))
  for (const need of needs.ranges.values()) statements.push(rangeLoad(loading, need))
  return statements
}
