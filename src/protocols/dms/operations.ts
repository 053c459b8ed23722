import type { Operation } from './operation.ts'
import { acknowledge, acknowledgeDeadLetters } from './operations/acknowledge.ts'
import { consume, consumeDeadLetters } from './operations/consume.ts'
import { createGroups, deleteGroup, listGroups } from './operations/groups.ts'
import {
  addQueueTag,
  changeQueueTags,
  listProjectTags,
  listQueueTags,
  removeQueueTag,
} from './operations/queue-tags.ts'
import { createQueue, deleteQueue, listQueues, showQueue } from './operations/queues.ts'
import { showQuotas } from './operations/quotas.ts'
import { searchQueues } from './operations/search-queues.ts'
import { sendMessages } from './operations/send.ts'

/** The whole API, under `/v1.0/{project_id}` and `/v2/{project_id}`. Routes and the table in docs/protocols/dms.md are made of it. */
export const operations: readonly Operation[] = [
  createQueue,
  listQueues,
  showQueue,
  deleteQueue,
  createGroups,
  listGroups,
  deleteGroup,
  sendMessages,
  consume,
  acknowledge,
  consumeDeadLetters,
  acknowledgeDeadLetters,
  addQueueTag,
  changeQueueTags,
  listQueueTags,
  removeQueueTag,
  listProjectTags,
  searchQueues,
  showQuotas,
]
