import type { Operation } from './operation.ts'
import { createClaim, getClaim, releaseClaim, renewClaim } from './operations/claims.ts'
import { deleteMessage } from './operations/delete-message.ts'
import { deleteMessages } from './operations/delete-messages.ts'
import { getMessage } from './operations/get-message.ts'
import { health, probes } from './operations/health.ts'
import { home } from './operations/home.ts'
import { listMessages } from './operations/list-messages.ts'
import { postMessages } from './operations/post-messages.ts'
import { purge } from './operations/purge.ts'
import {
  deleteQueue,
  getMetadata,
  getQueue,
  getQueueV1,
  headQueueV1,
  patchQueue,
  putMetadata,
  putQueue,
} from './operations/queue.ts'
import { listQueues } from './operations/queues.ts'
import { share } from './operations/share.ts'
import { stats } from './operations/stats.ts'
import {
  confirmSubscription,
  createSubscription,
  deleteSubscription,
  getSubscription,
  listSubscriptions,
  patchSubscription,
} from './operations/subscriptions.ts'

/** The whole API. Routes and the table in docs/protocols/cloud-queues.md are made of it. */
export const operations: readonly Operation[] = [
  home,
  ...probes,
  health,
  listQueues,
  putQueue,
  getQueueV1,
  headQueueV1,
  getQueue,
  patchQueue,
  deleteQueue,
  getMetadata,
  putMetadata,
  stats,
  postMessages,
  listMessages,
  getMessage,
  deleteMessage,
  deleteMessages,
  createClaim,
  getClaim,
  renewClaim,
  releaseClaim,
  purge,
  share,
  createSubscription,
  listSubscriptions,
  getSubscription,
  patchSubscription,
  confirmSubscription,
  deleteSubscription,
]
