/** `millrace/client`: a typed client for Node.js, Deno, Bun and browsers. */
export type {
  Account,
  AccountPage,
  CreatedKey,
  CreateKeyRequest,
  Key,
  Scope,
  ServerInfo,
} from '../protocols/native/schemas/admin.ts'
export type { Counts, DeliveryState, DeliveryType } from '../protocols/native/schemas/common.ts'
export type { DeliveryStatus, MessageStatus } from '../protocols/native/schemas/look.ts'
export type {
  ActAnswer,
  CountAnswer,
  FoundMessage,
  MessageDetails,
  MessageFilter,
  OperatorAction,
  SearchPage,
  SearchRequest,
} from '../protocols/native/schemas/operate.ts'
export type { PushHealth } from '../protocols/native/schemas/push.ts'
export type { Group, Queue as QueueInfo, QueuePage } from '../protocols/native/schemas/queues.ts'
export type { QueueSettings, QueueSettingsPatch } from '../protocols/native/schemas/settings.ts'
export type { Task } from '../protocols/native/schemas/tasks.ts'
export type {
  Series,
  SeriesQuery,
  WatchEvent,
  WatchedMessage,
  WatchedQueue,
  WatchRequest,
} from '../protocols/native/schemas/watch.ts'
export { type ClientOptions, type CoalesceOptions, createClient } from './create-client.ts'
export { type ClientErrorCode, type ErrorCode, isMillraceError, isTransient, MillraceError } from './error.ts'
export type { RetryPolicy } from './http/retry.ts'
export type * from './types/message.ts'
export type * from './types/millrace.ts'
export type * from './types/operate.ts'
export type * from './types/operator.ts'
export type * from './types/queue.ts'
export type * from './types/work.ts'
