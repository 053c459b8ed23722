import { Refusal } from './errors.ts'
import { completePushTarget } from './push-target.ts'
import type { QueueRecord, QueueSettings, QueueSettingsPatch } from './queue.ts'

const day = 86_400_000
export const tenYearsMs = 3652 * day

export const defaultSettings: QueueSettings = {
  ordering: 'unordered',
  newestFirst: false,
  consumerGroups: false,
  visibilityTimeoutMs: 30_000,
  delayMs: 0,
  retentionMs: 14 * day,
  maxMessageBytes: 1_048_576,
  maxMessages: null,
  maxLeased: null,
  receiveWaitMs: 0,
  receiveLimit: null,
  deadLetterQueue: null,
  deadLetters: 'delete',
  deadLetterRetentionMs: null,
  deadLetterAt: 'lease-end',
  deduplicationWindowMs: 300_000,
  deduplicationScope: 'queue',
  contentDeduplication: false,
  keepFinished: 'nothing',
  keepProcessedMs: 7 * day,
  keepFilteredMs: 7 * day,
  keepErroredMs: null,
  keepShelvedMs: 30 * day,
  history: 'end',
  input: null,
  push: null,
  paused: false,
  publicId: null,
  description: '',
  metadata: {},
  tags: {},
  door: {},
}

/**
 * Settings that go together. `worker`: for queues whose workers record what became of each message, and whose people look at it. Finished
 * messages are kept, each type for as long as its setting says, with every step of their history; what waits or is delayed never goes by age.
 */
export const presets = {
  worker: { keepFinished: 'message', retentionMs: null, history: 'steps', visibilityTimeoutMs: 60_000 },
} as const satisfies Record<string, QueueSettingsPatch>

export type Preset = keyof typeof presets

/**
 * What a queue has that nobody has created. Of equal priority the newest go first where the name ends in `_lifo`: queues of one API have no other
 * way to say so, and the name means the same through every door.
 */
export const virtualSettings = (name: string): QueueSettings =>
  name.endsWith('_lifo') ? { ...defaultSettings, newestFirst: true } : defaultSettings

/** Ranges of the numbers among the settings; the largest body is a limit of the server, see `EngineLimits`. */
export const settingRanges = {
  visibilityTimeoutMs: { min: 0, max: 7 * day, nullable: false },
  delayMs: { min: 0, max: tenYearsMs, nullable: false },
  retentionMs: { min: 1, max: tenYearsMs, nullable: true },
  maxMessageBytes: { min: 1, max: 1_073_741_824, nullable: false },
  maxMessages: { min: 1, max: Number.MAX_SAFE_INTEGER, nullable: true },
  maxLeased: { min: 1, max: Number.MAX_SAFE_INTEGER, nullable: true },
  receiveWaitMs: { min: 0, max: 600_000, nullable: false },
  receiveLimit: { min: 1, max: 1_000_000, nullable: true },
  deadLetterRetentionMs: { min: 1, max: tenYearsMs, nullable: true },
  deduplicationWindowMs: { min: 0, max: 7 * day, nullable: false },
  keepProcessedMs: { min: 0, max: tenYearsMs, nullable: true },
  keepFilteredMs: { min: 0, max: tenYearsMs, nullable: true },
  keepErroredMs: { min: 0, max: tenYearsMs, nullable: true },
  keepShelvedMs: { min: 0, max: tenYearsMs, nullable: true },
} as const satisfies { readonly [K in keyof QueueSettings]?: { min: number; max: number; nullable: boolean } }

/** The settings that result from a change, checked; a `Refusal` names the first one that cannot be. */
export const applySettings = (current: QueueSettings, patch: QueueSettingsPatch, queueName: string): QueueSettings => {
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(defaultSettings, name))
      throw new Refusal('SettingInvalid', { setting: name, reason: 'is not a setting' })
  }
  const settings: QueueSettings = { ...current, ...given, ...completed(patch) }
  for (const [name, range] of Object.entries(settingRanges)) {
    checkNumber(name, settings[name as keyof typeof settingRanges], range)
  }
  for (const name of Object.keys(given)) checkKind(name as keyof QueueSettings, settings)
  if (settings.newestFirst && settings.ordering !== 'unordered') {
    throw new Refusal('SettingInvalid', { setting: 'newestFirst', reason: 'needs ordering unordered' })
  }
  if (settings.push && settings.consumerGroups) {
    throw new Refusal('SettingInvalid', {
      setting: 'push',
      reason: 'needs a queue without consumer groups; create a subscriber with a push target of its own instead',
    })
  }
  if (settings.deadLetterQueue === queueName) {
    throw new Refusal('SettingInvalid', { setting: 'deadLetterQueue', reason: 'must be another queue' })
  }
  return settings
}

/** Settings that have settings of their own, with what was left out. */
const completed = ({ push }: QueueSettingsPatch): Partial<QueueSettings> =>
  push ? { push: completePushTarget(push, 'push') } : {}

/** What may not change in a queue's life, or not while it holds messages. */
export const checkSettingsChange = (
  queue: QueueRecord,
  next: QueueSettings,
  held: { messages: number; reprocessing: number },
): void => {
  const current = queue.settings
  if (next.consumerGroups !== current.consumerGroups) {
    throw new Refusal('SettingInvalid', { setting: 'consumerGroups', reason: 'is fixed when the queue is created' })
  }
  if (next.ordering !== current.ordering) {
    if (next.ordering !== 'unordered' && held.reprocessing > 0) {
      throw new Refusal('QueueNotEmpty', {
        queue: queue.name,
        reason: `${held.reprocessing} messages of '${queue.name}' are delayed for reprocessing, which an ordered queue cannot do; reprocess or move them first`,
      })
    }
    if (held.messages > 0) {
      throw new Refusal('QueueNotEmpty', {
        queue: queue.name,
        reason: `The ordering of '${queue.name}' can change only while it holds no messages; it holds ${held.messages}`,
      })
    }
  }
  if (next.newestFirst !== current.newestFirst && held.messages > 0) {
    throw new Refusal('QueueNotEmpty', {
      queue: queue.name,
      reason: `newestFirst of '${queue.name}' can change only while it holds no messages; it holds ${held.messages}`,
    })
  }
}

const choices: { readonly [K in keyof QueueSettings]?: readonly QueueSettings[K][] } = {
  ordering: ['unordered', 'grouped', 'ordered'],
  deadLetters: ['delete', 'group'],
  deadLetterAt: ['lease-end', 'receive'],
  deduplicationScope: ['queue', 'message-group'],
  keepFinished: ['nothing', 'message'],
  history: ['none', 'end', 'steps'],
}

/** Whoever calls from within the process, or writes a configuration, has no schema in front of them. */
const checkKind = (setting: keyof QueueSettings, settings: QueueSettings): void => {
  const value: unknown = settings[setting]
  const invalid = (reason: string) => new Refusal('SettingInvalid', { setting, reason })
  const allowed: readonly unknown[] | undefined = choices[setting]
  if (allowed && !allowed.includes(value)) throw invalid(`must be one of ${allowed.join(', ')}`)
  if (typeof defaultSettings[setting] === 'boolean' && typeof value !== 'boolean')
    throw invalid('must be true or false')
  if (setting === 'description' && typeof value !== 'string') throw invalid('must be text')
  if (setting === 'publicId' && value !== null && !(typeof value === 'string' && /^[0-9a-f]{24}$/.test(value))) {
    throw invalid('must be 24 lower-case hex digits, or null')
  }
  if (setting === 'deadLetterQueue' && value !== null && !isName(value)) throw invalid('must be a queue name, or null')
  if (setting === 'metadata' || setting === 'tags' || setting === 'door') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('must be an object')
    const isText = Object.values(value).every((entry) => typeof entry === 'string')
    if (setting === 'tags' && !isText) throw invalid('must have values of text')
  }
}

const isName = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.isWellFormed()

const checkNumber = (
  name: string,
  value: number | null,
  range: { min: number; max: number; nullable: boolean },
): void => {
  if (value === null && range.nullable) return
  if (typeof value !== 'number' || !Number.isInteger(value) || value < range.min || value > range.max) {
    const orNull = range.nullable ? ', or null' : ''
    throw new Refusal('SettingInvalid', {
      setting: name,
      reason: `must be a whole number from ${range.min} to ${range.max}${orNull}`,
    })
  }
}
