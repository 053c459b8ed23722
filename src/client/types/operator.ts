import type {
  CountAnswer,
  CountRequest,
  ExportRequest,
  MessageDetails,
  SearchPage,
  SearchRequest,
} from '../../protocols/native/schemas/operate.ts'
import type { Series, SeriesQuery, WatchEvent, WatchRequest } from '../../protocols/native/schemas/watch.ts'
import type { CallOptions } from './message.ts'

/** What a screen for operators asks of a server: page by page, and over time; see `operate` of a queue for the rest. Needs a key with the scope `manage`. */
export interface Operator {
  /** A page of messages that match. */
  search(queue: string, request?: SearchRequest, options?: CallOptions): Promise<SearchPage>
  /** How many match; with `next`, so far. */
  count(queue: string, request?: CountRequest, options?: CallOptions): Promise<CountAnswer>
  /** One JSON text a message, each of which can be sent again as it is. */
  export(queue: string, request?: ExportRequest, options?: CallOptions): AsyncIterable<string>
  /** All that is known of a message, by its id in any form or by a receipt handle; null when nothing is. */
  details(id: string, options?: CallOptions): Promise<MessageDetails | null>
  /** What changes, once a second, until the loop is left or the connection breaks. */
  watch(request?: WatchRequest, options?: CallOptions): AsyncIterable<WatchEvent>
  /** The last hour or day of one queue, or of all queues of the account. */
  series(query?: SeriesQuery, options?: CallOptions): Promise<Series>
}
