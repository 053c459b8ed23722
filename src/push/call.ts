/** One request to a service. */
export interface PushCall {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Aborted when its time is up, or nobody wants the answer any more. */
  readonly signal: AbortSignal
}

export interface PushAnswer {
  readonly status: number
  /** The header Retry-After, as it came. */
  readonly retryAfter: string | undefined
  /** The beginning of the answer. */
  readonly text: string
}

export interface NoAnswer {
  readonly error: string
  /** False: nothing can have come to the service. */
  readonly reached: boolean
}

/** Makes calls: over HTTP, or for a test. Never rejects. */
export interface Caller {
  call(call: PushCall): Promise<PushAnswer | NoAnswer>
  close(): Promise<void>
}

/** What is kept of an answer. */
export const keptAnswerBytes = 4096
