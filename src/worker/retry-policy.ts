/** What went wrong, and what `onError` says is to be done. */
export interface ErrorArgs {
  readonly exception: unknown
  /** Tries made for this message before this one; 0 at first. */
  readonly totalRetries: number
  /** Set it, and the message is tried again; it becomes errored otherwise. */
  shouldRetry: boolean
  /** How long to wait before the next try, in milliseconds; 5 s unless set. */
  sleepTime: number
}

/** An `onError` that retries up to `max` times, after as long as `sleep` says: `sleep(0)` before the first retry. */
export const retryPolicy =
  ({ max, sleep }: { readonly max: number; readonly sleep: (totalRetries: number) => number }) =>
  (_context: unknown, args: ErrorArgs): void => {
    args.shouldRetry = args.totalRetries < max
    args.sleepTime = sleep(args.totalRetries)
  }
