import type { Operation } from './operation.ts'
import { accountCreate } from './operations/account-create.ts'
import { authTokenGet } from './operations/auth-token-get.ts'
import { messageChangeVisibility } from './operations/message-change-visibility.ts'
import { messageDelete } from './operations/message-delete.ts'
import { messageReceive } from './operations/message-receive.ts'
import { messageSend } from './operations/message-send.ts'
import { queueClear } from './operations/queue-clear.ts'
import { queuesList } from './operations/queues-list.ts'

/** The whole API. Routes, checks and the table in docs/protocols/starqueue.md are made of it. */
export const operations: readonly Operation[] = [
  accountCreate,
  authTokenGet,
  messageSend,
  messageReceive,
  messageDelete,
  messageChangeVisibility,
  queueClear,
  queuesList,
]

const byName = new Map(operations.map((operation) => [operation.name, operation]))

/** In lower case. */
export const operationNamed = (name: string): Operation | undefined => byName.get(name)
