import type * as R from './requests.ts'
import type { StoredDocument } from './store.ts'

/**
 * The documents within a transaction. Between the reading and the writing (or removing) of a document nobody else changes it; what
 * is only read may have changed by the commit.
 */
export interface Documents {
  get(collection: string, key: string): StoredDocument | undefined
  put(document: StoredDocument): void
  remove(collection: string, key: string): void
}

/**
 * Every verb of core. Each resolves when what it says is durable, and rejects with a `Refusal` (nothing changed).
 * Doors, push and the in-process client all speak to this.
 */
export interface QueueEngine {
  createQueue(request: R.CreateQueue): Promise<{ queue: R.QueueView; created: boolean }>
  getQueue(request: R.GetQueue): Promise<R.QueueView>
  /** The queue of the account with this public id, else the one with this name; null when there is neither. */
  findQueue(request: { account: string; nameOrId: string }): Promise<R.QueueView | null>
  listQueues(request: R.ListQueues): Promise<R.QueuePage>
  updateQueue(request: R.UpdateQueue): Promise<R.QueueView>
  /** `deleted: false` when there was none. Messages, groups and duplicate windows go with it at once. */
  deleteQueue(request: R.QueueAddress): Promise<{ deleted: boolean }>
  /** Removes every message, in whatever state, and the duplicate windows, at once. */
  purgeQueue(request: R.QueueAddress): Promise<{ purged: number }>
  queueSpan(request: R.QueueAddress): Promise<R.QueueSpan>

  createGroup(request: R.CreateGroup): Promise<{ group: R.GroupView; created: boolean }>
  createGroups(request: R.CreateGroups): Promise<readonly R.GroupView[]>
  /** Changes a subscriber. */
  updateGroup(request: R.UpdateGroup): Promise<R.GroupView>
  deleteGroup(request: R.GroupAddress): Promise<{ deleted: boolean }>

  send(request: R.Send): Promise<readonly R.SentMessage[]>
  receive(request: R.Receive): Promise<readonly R.ReceivedMessage[]>
  pop(request: R.Pop): Promise<readonly R.ReceivedMessage[]>

  claim(request: R.Claim): Promise<R.ClaimView | null>
  getClaim(request: R.ClaimAddress): Promise<R.ClaimView>
  renewClaim(request: R.RenewClaim): Promise<R.ClaimView>
  /** `released: false` when there was no such claim. */
  releaseClaim(request: R.ClaimAddress): Promise<{ released: boolean }>

  settle(request: R.Settle): Promise<readonly R.EntryResult[]>
  acknowledge(request: R.Acknowledge): Promise<R.Acknowledged>
  deleteMessages(request: R.DeleteMessages): Promise<readonly R.EntryResult[]>

  getMessages(request: R.GetMessages): Promise<readonly R.StoredMessage[]>
  browse(request: R.Browse): Promise<R.BrowsePage>
  /** Null when the account never had it, or sent it more than seven days ago. */
  status(request: { account: string; id: string }): Promise<R.MessageStatus | null>

  /** Finds messages in any state, a page at a time; the work of one request is bounded, and pages can be gone through both ways. */
  searchMessages(request: R.SearchMessages): Promise<R.SearchPage>
  countMessages(request: R.CountMessages): Promise<R.CountPage>
  /** By the id of a message in any form, or a receipt handle. Null when it is unknown, or not the account's. */
  messageDetails(request: { account: string; id: string }): Promise<R.MessageDetails | null>
  actOnMessages(request: R.ActOnMessages): Promise<readonly R.ActResult[]>
  startAction(request: R.StartAction): Promise<R.TaskView>
  /** Who receives from the queue, as far as this process has seen. */
  queueWorkers(request: R.QueueAddress): Promise<readonly R.QueueWorker[]>

  startRedrive(request: R.StartRedrive): Promise<R.TaskView>
  getTask(request: { account: string; task: string }): Promise<R.TaskView>
  listTasks(request: { account: string; queue?: string }): Promise<readonly R.TaskView[]>
  cancelTask(request: { account: string; task: string }): Promise<R.TaskView>

  /** Cold records of doors and of the identity model; see `StoredDocument`. */
  getDocument(collection: string, key: string): Promise<StoredDocument | undefined>
  listDocuments(query: {
    collection: string
    prefix?: string
    after?: string
    limit: number
  }): Promise<readonly StoredDocument[]>
  /** With `ifAbsent`, resolves false and writes nothing when there is one already. */
  putDocument(document: StoredDocument, options?: { ifAbsent?: boolean }): Promise<boolean>
  removeDocument(collection: string, key: string): Promise<void>
  /** Runs `change` in one transaction, and again when another was quicker: it is to do nothing but to read and write documents. */
  changeDocuments<Result>(change: (documents: Documents) => Result): Promise<Result>

  /** Calls `changed` after services that are to be called for messages came, went or changed through this engine. Returns what ends that. */
  watchPushTargets(changed: () => void): () => void

  /** Answers waiting receives with nothing, finishes what is decided, refuses what comes after. Does not close the store. */
  stop(): Promise<void>
}
