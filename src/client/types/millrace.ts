import type { StandardSchemaV1 } from '@standard-schema/spec'
import type {
  Account,
  AccountPage,
  CreatedKey,
  CreateKeyRequest,
  Key,
  ServerInfo,
} from '../../protocols/native/schemas/admin.ts'
import type { MessageStatus } from '../../protocols/native/schemas/look.ts'
import type { PushHealth } from '../../protocols/native/schemas/push.ts'
import type {
  Group,
  Queue as QueueInfo,
  QueuePage,
  SubscriptionInput,
  TagRule,
} from '../../protocols/native/schemas/queues.ts'
import type { QueueSettingsPatch } from '../../protocols/native/schemas/settings.ts'
import type { Task } from '../../protocols/native/schemas/tasks.ts'
import type { CallOptions } from './message.ts'
import type { Operator } from './operator.ts'
import type { BodyCheck, CheckedQueueOptions, Queue, QueueOptions } from './queue.ts'

/** A whole Millrace, over HTTP or in this process. */
export interface Millrace extends AsyncDisposable {
  /** Costs nothing and asks nobody: a queue comes into being with its first message, or by `queues.create`. */
  queue<T = unknown>(name: string, options?: QueueOptions): Queue<T>
  queue<Schema extends StandardSchemaV1>(
    name: string,
    options: CheckedQueueOptions<Schema, 'send'> & { readonly check: 'send' },
  ): Queue<StandardSchemaV1.InferInput<Schema>>
  queue<Schema extends StandardSchemaV1>(
    name: string,
    options: CheckedQueueOptions<Schema, BodyCheck>,
  ): Queue<StandardSchemaV1.InferOutput<Schema>, StandardSchemaV1.InferInput<Schema>>

  readonly queues: Queues
  readonly groups: Groups
  readonly tasks: Tasks
  readonly admin: Admin
  /** What became of a message, for seven days from its send; null when nothing is known. */
  status(id: string, options?: CallOptions): Promise<MessageStatus | null>
  /** Sends what is waiting to be sent, ends waiting receives, hands back what is only held ready. */
  close(): Promise<void>
}

export interface ListQueuesOptions extends CallOptions {
  readonly prefix?: string | undefined
  /** The `next` of the page before. */
  readonly after?: string | undefined
  /** 1 to 1,000; default 100. */
  readonly limit?: number | undefined
  /** Also virtual queues that hold no message any more. */
  readonly includeEmptyVirtual?: boolean | undefined
}

export interface CreateQueueOptions extends CallOptions {
  /** Settings that go together, unless those given say otherwise. `worker`: finished messages are kept, with every step of their history. */
  readonly preset?: 'worker' | undefined
  /** When it is there already: keep it (default), refuse if a setting given differs, or always refuse. */
  readonly ifExists?: 'keep' | 'match' | 'refuse' | undefined
}

export interface Queues {
  list(options?: ListQueuesOptions): Promise<QueuePage>
  create(name: string, settings?: QueueSettingsPatch, options?: CreateQueueOptions): Promise<CreatedQueue>
  get(name: string, options?: CallOptions & { readonly span?: boolean | undefined }): Promise<QueueInfo>
  update(name: string, settings: QueueSettingsPatch, options?: CallOptions): Promise<QueueInfo>
  /** False when there was none. */
  delete(name: string, options?: CallOptions): Promise<boolean>
  /** How the services fare that are called for messages; of one queue, or of all. */
  pushTargets(options?: CallOptions & { readonly queue?: string | undefined }): Promise<readonly PushHealth[]>
  /** Ends the pause of a service that could not be reached; `group`: a subscriber’s, else the queue’s own. */
  resumePush(name: string, options?: CallOptions & { readonly group?: string | undefined }): Promise<PushHealth>
}

export interface CreatedQueue {
  readonly queue: QueueInfo
  /** False when it was there already. */
  readonly created: boolean
}

export interface CreatedGroup {
  readonly group: Group
  readonly created: boolean
}

export interface CreateGroupOptions extends CallOptions {
  readonly ifExists?: 'keep' | 'refuse' | undefined
  /** What the group is given, for good; default: every message. */
  readonly tagRule?: TagRule | null | undefined
  /** Makes a subscriber, which any queue may have: it sees what is sent from now on. */
  readonly subscription?: SubscriptionInput | undefined
}

/** Consumer groups of queues that were created with `consumerGroups: true`, and subscribers of any queue. */
export interface Groups {
  list(queue: string, options?: CallOptions): Promise<readonly Group[]>
  create(queue: string, group: string, options?: CreateGroupOptions): Promise<CreatedGroup>
  /** Of a subscriber; what is not given stays as it is. */
  update(queue: string, group: string, subscription: SubscriptionInput, options?: CallOptions): Promise<Group>
  /** False when there was none. */
  delete(queue: string, group: string, options?: CallOptions): Promise<boolean>
}

export interface Tasks {
  list(options?: CallOptions & { readonly queue?: string | undefined }): Promise<readonly Task[]>
  get(id: string, options?: CallOptions): Promise<Task>
  cancel(id: string, options?: CallOptions): Promise<Task>
}

export interface Admin {
  readonly accounts: Accounts
  readonly keys: Keys
  /** Copies everything into a new file on the server's machine, while work goes on. */
  backup(file: string, options?: BackupOptions): Promise<BackedUp>
  info(options?: CallOptions): Promise<ServerInfo>
  /** What operators do with stored messages. In process without `watch` and `series`: those are a server's. */
  readonly operator: Operator
}

export interface Accounts {
  list(
    options?: CallOptions & { readonly after?: string | undefined; readonly limit?: number | undefined },
  ): Promise<AccountPage>
  /** Or changes what people see of it. */
  create(name: string, options?: CallOptions & { readonly displayName?: string | undefined }): Promise<Account>
  /** False when there was none. */
  delete(name: string, options?: CallOptions): Promise<boolean>
}

export interface Keys {
  list(account: string, options?: CallOptions): Promise<readonly Key[]>
  /** The secret is in this answer, and never shown again. */
  create(account: string, key?: CreateKeyRequest, options?: CallOptions): Promise<CreatedKey>
  /** Void from now on. False when there was none. */
  delete(account: string, keyId: string, options?: CallOptions): Promise<boolean>
}

export interface BackupOptions extends CallOptions {
  /** Called now and then; `total` may grow while it runs. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined
}

export interface BackedUp {
  readonly file: string
  readonly sizeBytes: number
}
