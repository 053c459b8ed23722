/** Limits of the whole engine; every one has a clear refusal. */
export interface EngineLimits {
  /** Messages in one send, receive or batch of settlements. */
  readonly maxBatch: number
  /** Bytes of body and attributes of a message to a queue that has no settings of its own yet. */
  readonly maxVirtualMessageBytes: number
  /** Receives that may wait at once. */
  readonly maxWaiting: number
  readonly maxWaitMs: number
  /** Bytes of UTF-8 in a queue's name. */
  readonly maxQueueNameBytes: number
  /** How long the fate of a message stays readable, from its send. */
  readonly historyMs: number
  readonly idempotencyMs: number
}

export const defaultLimits: EngineLimits = {
  maxBatch: 1000,
  maxVirtualMessageBytes: 1_048_576,
  maxWaiting: 100_000,
  maxWaitMs: 600_000,
  maxQueueNameBytes: 1024,
  historyMs: 7 * 86_400_000,
  idempotencyMs: 86_400_000,
}
