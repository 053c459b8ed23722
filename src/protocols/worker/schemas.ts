import { Type } from 'typebox'

const strict = { additionalProperties: false } as const

/** Longest that a message may be held without being renewed: a week, in seconds. */
const holdSeconds = Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800, default: 60 }))

export const DequeueBody = Type.Object(
  {
    max: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1 })),
    waitSeconds: Type.Optional(Type.Number({ minimum: 0, maximum: 600, default: 0 })),
    holdSeconds,
    /** Shown to people as the holder of the messages. */
    worker: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    /** The consumer group, in a queue that has them. */
    group: Type.Optional(Type.String({ minLength: 1 })),
  },
  strict,
)

export const SettleBody = Type.Object(
  {
    lock: Type.String(),
    outcome: Type.Enum(['processed', 'filtered', 'errored', 'cancelled', 'retry', 'reprocess']),
    delayMs: Type.Optional(Type.Number()),
    reason: Type.Optional(Type.String({ maxLength: 100_000 })),
    events: Type.Optional(
      Type.Array(
        Type.Object(
          { severity: Type.Enum(['info', 'warning', 'error']), text: Type.String({ maxLength: 100_000 }) },
          strict,
        ),
        { maxItems: 1000 },
      ),
    ),
    outbound: Type.Optional(Type.String({ maxLength: 1_000_000 })),
  },
  strict,
)

export const RenewBody = Type.Object({ lock: Type.String(), holdSeconds }, strict)

export const SendBody = Type.Object(
  {
    /** In base64. */
    body: Type.String(),
    contentType: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
    metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  strict,
)
