import type { Operation } from './operation.ts'
import { createKey, listAccounts, listKeys, putAccount, removeAccount, removeKey } from './operations/accounts.ts'
import { claimMessages, getClaim, releaseClaim, renewClaim } from './operations/claims.ts'
import { browseMessages, getMessage, getMessageBody, getMessages, getStatus } from './operations/look.ts'
import {
  actOnAll,
  actOnMessages,
  countMessages,
  exportMessages,
  getMessageDetails,
  listWorkers,
  searchMessages,
} from './operations/operate.ts'
import { listPushTargets, resumePushTarget } from './operations/push.ts'
import {
  createGroup,
  createQueue,
  deleteGroup,
  deleteQueue,
  getQueue,
  listGroups,
  listQueues,
  purgeQueue,
  updateGroup,
  updateQueue,
} from './operations/queues.ts'
import { popMessages, receiveMessages } from './operations/receive.ts'
import { sendBatch, sendMessage } from './operations/send.ts'
import { backup, getInfo, getOpenApi, getReference } from './operations/server.ts'
import { deleteMessage, deleteMessages, deleteReceipt, settleMessages } from './operations/settle.ts'
import { cancelTask, getTask, listTasks, startRedrive } from './operations/tasks.ts'
import { getSeries, watchQueues } from './operations/watch.ts'

/** The whole API, in the order of its reference page. Routes, checks, OpenAPI and the reference are made of this table. */
export const operations = {
  Queues: { listQueues, createQueue, getQueue, updateQueue, deleteQueue, purgeQueue },
  'Consumer groups': { listGroups, createGroup, updateGroup, deleteGroup },
  'Push targets': { listPushTargets, resumePushTarget },
  Send: { sendMessage, sendBatch },
  Receive: { receiveMessages, popMessages },
  Settle: { settleMessages, deleteReceipt },
  Claims: { claimMessages, getClaim, renewClaim, releaseClaim },
  'Look at messages': { browseMessages, getMessage, getMessageBody, getMessages, getStatus },
  'Delete by id': { deleteMessage, deleteMessages },
  Operate: {
    searchMessages,
    countMessages,
    getMessageDetails,
    actOnMessages,
    actOnAll,
    exportMessages,
    listWorkers,
  },
  'Redrive and tasks': { startRedrive, listTasks, getTask, cancelTask },
  'Watch over time': { watchQueues, getSeries },
  'Accounts and keys': { listAccounts, putAccount, removeAccount, listKeys, createKey, removeKey },
  Server: { getInfo, backup, getOpenApi, getReference },
} satisfies Record<string, Record<string, Operation>>

export interface ListedOperation {
  readonly id: string
  readonly section: string
  readonly operation: Operation
}

export const allOperations: readonly ListedOperation[] = Object.entries(operations).flatMap(([section, its]) =>
  Object.entries(its).map(([id, operation]) => ({ id, section, operation })),
)
