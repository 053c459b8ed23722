/** What the caller's own part of a verb threw. It is for that caller alone, like a refusal: others of its commit go on. */
export class Declined extends Error {
  override readonly cause: Error

  constructor(cause: Error) {
    super(cause.message)
    this.cause = cause
  }
}

/** Asks a caller for its part, which sees records, but neither reads nor writes any. */
export const ask = <Asked, Result>(part: (asked: Asked) => Result, asked: Asked): Result => {
  try {
    return part(asked)
  } catch (error) {
    throw error instanceof Error ? new Declined(error) : error
  }
}
