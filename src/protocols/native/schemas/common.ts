import { type Static, type TSchema, type TSchemaOptions, Type } from 'typebox'

/** Where the API is served. */
export const apiPath = '/api/v1'

/** Headers that mean something to this API, beyond those of HTTP itself. */
export const headers = {
  account: 'X-Millrace-Account',
  attributes: 'X-Millrace-Attributes',
  idempotencyKey: 'Idempotency-Key',
  requestId: 'X-Request-Id',
  traceparent: 'traceparent',
} as const

export const problemContentType = 'application/problem+json'

export const day = 86_400_000
const tenYearsMs = 3652 * day

/** An object in which every member is known: any other is an error. */
export const strict = { additionalProperties: false } as const

export const nullable = <Schema extends TSchema>(schema: Schema, annotations: TSchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], annotations)

/** A span of time in milliseconds; `max` defaults to ten years. */
export const spanMs = (description: string, range: { min?: number; max?: number; default?: number | null } = {}) =>
  Type.Integer({
    minimum: range.min ?? 0,
    maximum: range.max ?? tenYearsMs,
    description: `${description} In milliseconds.`,
    ...('default' in range ? { default: range.default } : {}),
  })

const timeUnit = 'Milliseconds since 1970-01-01T00:00:00Z'

export const timestamp = (description: string) => Type.Integer({ description: `${description} ${timeUnit}.` })

/** `none`: what it means that there is no such time. */
export const timestampOrNull = (description: string, none?: string) =>
  nullable(Type.Integer(), { description: `${description} ${timeUnit}${none === undefined ? '' : `; null: ${none}`}.` })

export const textOrNull = (description: string) => nullable(Type.String(), { description })

export const QueueName = Type.String({
  minLength: 1,
  description:
    'The name of a queue: any text of 1 to 1,024 bytes of UTF-8; percent-encoded where it is part of a path.',
  examples: ['orders'],
})

export const Tag = Type.String({ pattern: '^[^,]{1,128}$', description: 'Any text without commas.' })

export const GroupName = Type.String({
  minLength: 1,
  description: 'The name of a consumer group; `default` in queues without consumer groups.',
  examples: ['default'],
})

/** Whose deliveries of the messages; absent: the queue's own. */
export const groupChoice = {
  group: Type.Optional(GroupName),
  deadLetters: Type.Optional(
    Type.Boolean({ default: false, description: 'The dead letters that the group keeps apart instead.' }),
  ),
}

export const MessageId = Type.String({
  description: 'The id of a message: 24 hex digits, or the same id in its UUID form. Derive nothing from it.',
  examples: ['01b8a3d5c4000000000004d2'],
})

export const ReceiptHandle = Type.String({
  description: 'Names one lease of one message; void once the message is handed out again.',
  examples: ['00000000-04d2-4a1b-8000-0007c0ffee00'],
})

export const DeliveryType = Type.Enum(['Q', 'D', 'P', 'E', 'F', 'S'], {
  title: 'DeliveryType',
  description:
    'What the message is to its consumer group: Queued (waiting or in work), Delayed by its worker for reprocessing, ' +
    'Processed, Errored, Filtered or Shelved. Only Q is handed out.',
})
export type DeliveryType = Static<typeof DeliveryType>

export const DeliveryState = Type.Enum(['ready', 'behind', 'delayed', 'leased', 'finished'], {
  title: 'DeliveryState',
  description:
    '`ready`: may be handed out now. `behind`: an older message of its message group comes first. `delayed`: not visible ' +
    'before `visibleAt`. `leased`: handed out, until `visibleAt`. `finished`: processed, errored, filtered or shelved.',
})
export type DeliveryState = Static<typeof DeliveryState>

const count = (description: string) => Type.Integer({ minimum: 0, description })

export const receiveCount = count('How often it was handed out.')
export const reprocessCount = count('How often a worker put it aside for later.')

export const Counts = Type.Object(
  {
    ready: count('May be handed out now.'),
    behind: count('Wait for an older message of their message group.'),
    delayed: count('Delayed by their sender, or for a retry.'),
    leased: count('Handed out, and not settled yet.'),
    reprocessing: count('Put aside by a worker for later (type D).'),
    processed: count('Kept as processed (type P).'),
    errored: count('Kept as errored (type E).'),
    filtered: count('Kept as filtered (type F).'),
    shelved: count('Kept as shelved (type S).'),
    done: count('All that ever finished or were deleted, expired or dead lettered here.'),
  },
  { title: 'Counts', description: 'How many messages are in each state.' },
)
export type Counts = Static<typeof Counts>

const finishedTypes = { P: count('Processed ones.'), E: count('Errored ones.'), F: count('Filtered ones.') }

export const CountByType = Type.Object(
  { Q: count('Queued ones.'), D: count('Delayed ones.'), ...finishedTypes, S: count('Shelved ones.') },
  { title: 'CountByType' },
)

export const CountsToday = Type.Object(finishedTypes, {
  title: 'CountsToday',
  description: 'Since midnight in the time zone of the server.',
})

export const Deleted = Type.Object(
  { deleted: Type.Boolean({ description: 'False when there was nothing to delete.' }) },
  { title: 'Deleted' },
)
export type Deleted = Static<typeof Deleted>
