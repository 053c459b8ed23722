import type { QueueSettings, QueueSettingsPatch } from '../../../core/queue.ts'
import { badValue } from '../answer.ts'
import type { Fields } from '../documents.ts'
import { isFields } from '../documents.ts'
import { messageDelay, messageTtl } from '../limits.ts'
import type { CloudQueuesSettings } from '../options.ts'

/** What this door keeps with a queue. */
export interface Kept {
  /** The metadata's text, where reading and writing it would change it. */
  readonly metadata?: string
  /** Reserved keys that a client has set. */
  readonly reserved?: Readonly<Record<string, unknown>>
}

export const keptWith = ({ door }: QueueSettings): Kept => {
  const kept = door.cloudQueues
  return isFields(kept) ? kept : {}
}

/** A key of the metadata that means something: it stands for a setting of the queue, so that it holds through every door. */
interface Reserved {
  /** Throws unless the value may be set. */
  check(value: unknown, settings: CloudQueuesSettings): void
  /** What it is now, whoever set it. */
  read(settings: QueueSettings, own: unknown, door: CloudQueuesSettings): unknown
}

const outside = (key: string, min: number, max: number, what = 'be an integer') =>
  badValue(`The value of "${key}" must ${what} and from ${min} to ${max}.`)

const integerIn = (key: string, min: number, max: number) => (value: unknown) => {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) throw outside(key, min, max)
}

const orNull = (check: (value: unknown) => void) => (value: unknown) => {
  if (value !== null) check(value)
}

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / 1000))

const postSize = '_max_messages_post_size'
const ttl = '_default_message_ttl'
const delay = '_default_message_delay'
const deadLetters = '_dead_letter_queue'
const deadLetterTtl = '_dead_letter_queue_messages_ttl'
const claimCount = '_max_claim_count'
const encryption = '_enable_encrypt_messages'
const retryPolicy = '_retry_policy'

/** In the order in which they are shown; those without a value are left out. */
export const reserved: ReadonlyMap<string, Reserved> = new Map<string, Reserved>([
  [
    postSize,
    {
      check: (value, { maxPostBytes }) => integerIn(postSize, 1, maxPostBytes)(value),
      read: (_settings, own, { maxPostBytes }) => own ?? maxPostBytes,
    },
  ],
  [
    ttl,
    {
      check: integerIn(ttl, messageTtl.min, messageTtl.max),
      read: ({ retentionMs }) => seconds(retentionMs) ?? messageTtl.max,
    },
  ],
  [delay, { check: integerIn(delay, messageDelay.min, messageDelay.max), read: ({ delayMs }) => seconds(delayMs) }],
  [
    deadLetters,
    {
      check: orNull((value) => {
        if (typeof value !== 'string' || !queueName.test(value)) throw badValue(`"${deadLetters}" must name a queue.`)
      }),
      read: ({ deadLetterQueue }) => deadLetterQueue,
    },
  ],
  [
    deadLetterTtl,
    {
      check: orNull(integerIn(deadLetterTtl, messageTtl.min, messageTtl.max)),
      read: ({ deadLetterRetentionMs }) => seconds(deadLetterRetentionMs),
    },
  ],
  [
    claimCount,
    {
      check: orNull(integerIn(claimCount, 0, 1_000_000)),
      read: ({ receiveLimit }, own) => receiveLimit ?? own ?? null,
    },
  ],
  [
    encryption,
    {
      check(value) {
        if (typeof value !== 'boolean') throw badValue(`The value of "${encryption}" must be a boolean.`)
        if (value) throw badValue('This server does not encrypt messages one by one; encrypt the disk instead.')
      },
      read: () => false,
    },
  ],
  [
    retryPolicy,
    {
      check(value) {
        if (!JSON.stringify(value).startsWith('{')) throw badValue(`The value of "${retryPolicy}" must be an object.`)
      },
      read: (_settings, own) => own,
    },
  ],
])

export const queueName = /^[\w.-]{1,64}$/

/** Checks the reserved keys among what a client says, and takes them apart from its own ones. */
export const takeReserved = (
  metadata: Fields,
  settings: CloudQueuesSettings,
): { readonly own: Fields; readonly said: Fields } => {
  const own: [string, unknown][] = []
  const said: [string, unknown][] = []
  for (const [key, value] of Object.entries(metadata)) {
    const known = reserved.get(key)
    known?.check(value, settings)
    ;(known ? said : own).push([key, value])
  }
  return { own: Object.fromEntries(own), said: Object.fromEntries(said) }
}

/** The settings that the reserved keys stand for. */
export const settingsOf = (said: Fields): QueueSettingsPatch => {
  const ms = (key: string): number | null => (typeof said[key] === 'number' ? said[key] * 1000 : null)
  const queue = said[deadLetters]
  const count = said[claimCount]
  // A limit without a place for what exceeds it would drop messages.
  const limits = typeof queue === 'string' && typeof count === 'number' && count > 0
  return {
    retentionMs: ms(ttl) ?? messageTtl.standard * 1000,
    delayMs: ms(delay) ?? 0,
    deadLetterQueue: typeof queue === 'string' ? queue : null,
    deadLetterRetentionMs: ms(deadLetterTtl),
    receiveLimit: limits ? count : null,
    deadLetterAt: 'receive',
  }
}

/** Which settings a reserved key stands for, so that a change of one leaves the others as they are. */
export const settingNames: Readonly<Record<string, readonly (keyof QueueSettings)[]>> = {
  [ttl]: ['retentionMs'],
  [delay]: ['delayMs'],
  [deadLetters]: ['deadLetterQueue', 'receiveLimit', 'deadLetterAt'],
  [deadLetterTtl]: ['deadLetterRetentionMs'],
  [claimCount]: ['receiveLimit', 'deadLetterAt'],
}

export const maxPostBytesOf = (settings: QueueSettings, door: CloudQueuesSettings): number => {
  const own = keptWith(settings).reserved?.[postSize]
  return typeof own === 'number' ? own : door.maxPostBytes
}
