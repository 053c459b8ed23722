import { type Static, Type } from 'typebox'
import type { PushTarget as Target, PushTargetInput as TargetInput } from '../../../core/push-target.ts'
import { GroupName, nullable, QueueName, spanMs, strict, timestamp, timestampOrNull } from './common.ts'

const retries = {
  max: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'How often a call is repeated at most.' }),
  minDelayMs: spanMs(
    'The longest wait before the first repeat; it doubles with each, and is drawn at random below that.',
    {
      default: 1_000,
    },
  ),
  maxDelayMs: spanMs('The longest wait of all.', { default: 300_000 }),
  delaysMs: nullable(Type.Array(Type.Integer({ minimum: 0 }), { minItems: 1, maxItems: 100 }), {
    default: null,
    description: 'Waits in milliseconds to take instead, one after the other, the last for all that follow.',
  }),
}

const target = {
  url: Type.String({
    description:
      'Where calls go: an http or https URL without credentials, or `mailto:` one address where the server has a mail server to send through.',
  }),
  concurrency: Type.Integer({
    minimum: 1,
    maximum: 1_000,
    default: 8,
    description: 'Calls under way at once, on each node.',
  }),
  timeoutMs: spanMs('From the start of a call to the end of its answer.', { min: 1, max: 3_600_000, default: 60_000 }),
  maxPerSecond: nullable(Type.Number({ minimum: 0.001, maximum: 1_000_000 }), {
    default: null,
    description: 'Calls a second on each node; null: as many as can be.',
  }),
  headers: Type.Record(Type.String(), Type.String(), {
    default: {},
    description:
      'Sent with every call. Values are shown sealed, and taken back so while the scheme, host and port of `url` stay the same.',
  }),
  form: Type.String({
    default: 'json-body',
    description: 'How a message becomes a request: `json-body` sends its body as it is, with its content type.',
  }),
  formOptions: Type.Record(Type.String(), Type.Unknown(), { default: {}, description: 'What the form needs to know.' }),
  signingSecrets: Type.Array(Type.String(), {
    default: [],
    maxItems: 2,
    description:
      'Calls are signed with each of these, as Standard Webhooks has it; two while one replaces the other. Given as ' +
      '`whsec_` and 24 to 64 bytes in base64; shown sealed, and taken back so.',
  }),
}

const again = (schema: ReturnType<typeof Type.Object>) =>
  nullable(schema, { default: null, description: 'Null: a message that fails once has failed.' })

const PushRetries = Type.Object(retries, {
  title: 'PushRetries',
  description: 'How often and when a call is repeated.',
})
const PushRetriesInput = Type.Object(
  { ...Type.Partial(Type.Object(retries)).properties, max: retries.max },
  {
    ...strict,
    title: 'PushRetriesInput',
    description: 'How often and when a call is repeated; the rest has defaults.',
  },
)

export const PushTarget = Type.Unsafe<Target>(
  Type.Object(
    { ...target, retries: again(PushRetries) },
    { title: 'PushTarget', description: 'A service that is called for every message.' },
  ),
)

export const PushTargetInput = Type.Unsafe<TargetInput>(
  Type.Object(
    {
      ...Type.Partial(Type.Object(target)).properties,
      url: target.url,
      retries: Type.Optional(again(PushRetriesInput)),
    },
    {
      ...strict,
      title: 'PushTargetInput',
      description: 'A service that is called for every message: what is left out gets its default.',
      examples: [{ url: 'https://shop.example/welcome', concurrency: 4, retries: { max: 5 } }],
    },
  ),
)
export type PushTarget = Static<typeof PushTarget>
export type PushTargetInput = Static<typeof PushTargetInput>

const number = (description: string) => Type.Integer({ minimum: 0, description })

export const PushHealth = Type.Object(
  {
    account: Type.String({ description: 'Whose queue it is.' }),
    queue: QueueName,
    group: Type.String({ description: '`default`: the queue’s own target; else the subscriber’s name.' }),
    url: Type.String({ description: 'Where calls go.' }),
    state: Type.Enum(['healthy', 'failing', 'paused'], {
      description:
        '`healthy`: the last call went well, or there was none yet. `failing`: the last calls did not. `paused`: it could not be ' +
        'reached so often that messages wait, and one is tried now and then.',
    }),
    pausedUntil: timestampOrNull('While it is paused: when the next message is tried.'),
    inFlight: number('Calls under way.'),
    calls: number('Calls that are over.'),
    failures: number('Those of them that failed.'),
    consecutiveFailures: number('Calls that failed since the last one that went well.'),
    lastCallAt: timestampOrNull('When the last call began.'),
    lastError: nullable(
      Type.Object({ at: timestamp('When.'), reason: Type.String({ description: 'What was wrong.' }) }),
      { description: 'What a call last failed with.' },
    ),
    latencyMs: nullable(Type.Integer({ minimum: 0 }), { description: 'How long calls take of late, in milliseconds.' }),
  },
  { title: 'PushHealth', description: 'How a service that is called for messages fares.' },
)
export type PushHealth = Static<typeof PushHealth>

export const PushTargets = Type.Object(
  { targets: Type.Array(PushHealth, { description: 'In no particular order.' }) },
  { title: 'PushTargets' },
)
export type PushTargets = Static<typeof PushTargets>

export const PushTargetsQuery = Type.Object(
  { queue: Type.Optional(QueueName) },
  { ...strict, title: 'PushTargetsQuery' },
)

export const ResumePushQuery = Type.Object({ group: Type.Optional(GroupName) }, { ...strict, title: 'ResumePushQuery' })
