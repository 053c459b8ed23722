import type {
  ActAnswer,
  CountAnswer,
  MessageFilter,
  OperatorAction,
  QueueWorkers,
} from '../../protocols/native/schemas/operate.ts'
import type { Task } from '../../protocols/native/schemas/tasks.ts'
import type { CallOptions, StoredMessage } from './message.ts'

export type QueueWorker = QueueWorkers['workers'][number]
export type MessageCount = Pick<CountAnswer, 'count' | 'types'>

export interface SearchOptions extends CallOptions {
  /** What messages are looked for by; default: every message. */
  readonly filter?: MessageFilter | undefined
  /** Default true. */
  readonly newestFirst?: boolean | undefined
  /** 1 to 1,000; default 100. */
  readonly limit?: number | undefined
  /** The `next` or `previous` of an earlier page, for the same filter and order. */
  readonly page?: string | undefined
}

export interface FoundPage<T> {
  readonly messages: readonly StoredMessage<T>[]
  /** Where to search on: a page may hold fewer messages than asked for, since the work of a request is bounded. Null: nothing is behind. */
  readonly next: string | null
  readonly previous: string | null
  readonly examined: number
  /** Where the queue ended as the search began, as a `marker` for browsing what came later; null on all pages but the first. */
  readonly end: string | null
}

/** What operators do with the messages of a queue, in whatever state they are. Needs the scope `manage`. */
export interface Operate<T> {
  search(options?: SearchOptions): Promise<FoundPage<T>>
  /** Exact, by type too; looks at as many messages as it has to. */
  count(filter?: MessageFilter, options?: CallOptions): Promise<MessageCount>
  /** Reprocess now, move, copy or delete up to 1,000 messages by their ids. */
  act(ids: readonly string[], action: OperatorAction, options?: CallOptions): Promise<ActAnswer>
  /** The same on all that match, in the background; see `tasks`. */
  actOnAll(action: OperatorAction, filter?: MessageFilter, options?: CallOptions): Promise<Task>
  /** Who receives from the queue, as far as the server that answers has seen. */
  workers(options?: CallOptions): Promise<readonly QueueWorker[]>
}
