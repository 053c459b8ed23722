import type { Series, WatchEvent, WatchRequest } from './schemas/index.ts'

/** What the server tells of its queues over time. */
export interface WatchApi {
  /**
   * Calls `tell` while there is something to tell, until the signal is aborted or the server stops; then it
   * resolves. `isBusy`: the listener has not taken in yet what it was told, so nothing more is said before it has.
   */
  watch(request: Watching): Promise<void>
  /** Without a queue: of the whole account. Undefined: nothing is known of that queue. */
  series(query: { account: string; queue?: string; span: 'hour' | 'day' }): Series | undefined
}

export interface Watching {
  readonly account: string
  readonly everyAccount: boolean
  /** Of the queues, those that whoever watches may see. */
  readonly mayWatch: (queue: string) => boolean
  readonly messages: WatchRequest['messages']
  /** The cursor of an event that was told before, over another connection. */
  readonly since: WatchRequest['since']
  readonly signal: AbortSignal
  readonly tell: (event: WatchEvent) => void
  readonly isBusy: () => boolean
}
