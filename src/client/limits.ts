/** Messages a request, at most, as the native API has it. */
export const maxBatch = 1000

/** The longest that a receive may wait for a message. */
export const longestWaitMs = 600_000
