import { Refusal } from './errors.ts'
import { isMailto, mailboxIn } from './mailto.ts'

/** A service, or a mailbox, that is called for every message: where, how, and how fast. */
export interface PushTarget {
  /** http or https, without credentials; or `mailto:` one address, where the server sends mail. */
  readonly url: string
  /** Calls under way at once, on each node. 1 to 1,000. */
  readonly concurrency: number
  /** From the start of a call to the end of its answer. */
  readonly timeoutMs: number
  /** Calls a second on each node; null: as many as can be. */
  readonly maxPerSecond: number | null
  /** Null: a message that fails once has failed. */
  readonly retries: PushRetries | null
  /** Sent with every call. Values are kept, and shown, sealed, and open for the origin of `url` only. */
  readonly headers: Readonly<Record<string, string>>
  /** How a message becomes a request: `json-body` sends the body as it is; doors may bring forms of their own. */
  readonly form: string
  /** What the form needs to know. */
  readonly formOptions: Readonly<Record<string, unknown>>
  /**
   * Calls are signed with each of these (Standard Webhooks), so that a receiver that knows either accepts them while one replaces the
   * other. Given as `whsec_…`; kept, and shown, sealed.
   */
  readonly signingSecrets: readonly string[]
}

/** How often and when a call is repeated. Waits grow from `minDelayMs` by a factor of two up to `maxDelayMs`, each drawn at random from 0 to that. */
export interface PushRetries {
  readonly max: number
  readonly minDelayMs: number
  readonly maxDelayMs: number
  /** Waits to take instead, one after the other and the last for all that follow. */
  readonly delaysMs: readonly number[] | null
}

/** What has to be said of a target: the rest has defaults. */
export type PushTargetInput = Pick<PushTarget, 'url'> &
  Partial<Omit<PushTarget, 'url' | 'retries'>> & {
    readonly retries?: (Pick<PushRetries, 'max'> & Partial<PushRetries>) | null
  }

const day = 86_400_000
const defaults = {
  concurrency: 8,
  timeoutMs: 60_000,
  maxPerSecond: null,
  retries: null,
  headers: {},
  form: 'json-body',
  formOptions: {},
  signingSecrets: [],
} as const
const retryDefaults = { minDelayMs: 1_000, maxDelayMs: 300_000, delaysMs: null } as const

/** A target with all its members, checked; the `Refusal` names the faulty one, below `setting`. */
export const completePushTarget = (given: PushTargetInput, setting: string): PushTarget => {
  requireObject(setting, given)
  refuseUnknown(setting, given, ['url', ...Object.keys(defaults)])
  const retries = given.retries ? completeRetries(given.retries, `${setting}.retries`) : null
  const target = { ...defaults, ...withoutUndefined(given), retries }
  checkUrl(`${setting}.url`, target.url)
  checkWhole(`${setting}.concurrency`, target.concurrency, 1, 1_000)
  checkWhole(`${setting}.timeoutMs`, target.timeoutMs, 1, 3_600_000)
  const rate: unknown = target.maxPerSecond
  if (rate !== null && !(typeof rate === 'number' && rate >= 0.001 && rate <= 1_000_000)) {
    throw invalid(`${setting}.maxPerSecond`, 'must be a number from 0.001 to 1000000, or null')
  }
  checkHeaders(`${setting}.headers`, target.headers)
  if (typeof target.form !== 'string' || target.form === '') throw invalid(`${setting}.form`, 'must be a name')
  requireObject(`${setting}.formOptions`, target.formOptions)
  checkSecrets(`${setting}.signingSecrets`, target.signingSecrets)
  return target
}

const completeRetries = (given: NonNullable<PushTargetInput['retries']>, setting: string): PushRetries => {
  requireObject(setting, given)
  refuseUnknown(setting, given, ['max', ...Object.keys(retryDefaults)])
  const retries = { ...retryDefaults, ...withoutUndefined(given) }
  checkWhole(`${setting}.max`, retries.max, 0, 1_000_000)
  checkWhole(`${setting}.minDelayMs`, retries.minDelayMs, 0, 30 * day)
  checkWhole(`${setting}.maxDelayMs`, retries.maxDelayMs, retries.minDelayMs, 30 * day)
  if (retries.delaysMs !== null) {
    if (!Array.isArray(retries.delaysMs) || retries.delaysMs.length < 1 || retries.delaysMs.length > 100) {
      throw invalid(`${setting}.delaysMs`, 'must be a list of 1 to 100 durations, or null')
    }
    for (const delay of retries.delaysMs) checkWhole(`${setting}.delaysMs`, delay, 0, 30 * day)
  }
  return retries
}

const invalid = (setting: string, reason: string): Refusal => new Refusal('SettingInvalid', { setting, reason })

const withoutUndefined = <Value extends object>(value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value

const requireObject = (setting: string, value: unknown): void => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(setting, 'must be an object')
}

const refuseUnknown = (setting: string, value: object, known: readonly string[]): void => {
  const unknown = Object.keys(value).find((name) => !known.includes(name))
  if (unknown !== undefined) throw invalid(`${setting}.${unknown}`, 'is not a setting')
}

const checkWhole = (setting: string, value: unknown, min: number, max: number): void => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return
  throw invalid(setting, `must be a whole number from ${min} to ${max}`)
}

const checkUrl = (setting: string, value: unknown): void => {
  if (typeof value === 'string' && isMailto(value)) {
    if (value.length <= 2048 && mailboxIn(value)) return
    throw invalid(setting, 'must have one address, and nothing but perhaps a subject')
  }
  const url = typeof value === 'string' && value.length <= 2048 ? URL.parse(value) : null
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw invalid(setting, 'must be an http, https or mailto URL of at most 2048 characters')
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(setting, 'must not hold credentials; give them as a header')
  }
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/
/** No line breaks and nothing else that would end a header. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]{0,8192}$/
/** Belong to the connection, or to what every call says by itself. */
const reservedHeaders =
  /^(host|connection|keep-alive|transfer-encoding|content-length|te|trailer|upgrade|expect|proxy-.*|webhook-.*|x-message-id|x-queue-id|x-queue-name|x-submitted-at|x-attempt)$/i

const checkHeaders = (setting: string, headers: unknown): void => {
  requireObject(setting, headers)
  const entries = Object.entries(headers as Record<string, unknown>)
  if (entries.length > 50) throw invalid(setting, 'must be at most 50')
  for (const [name, value] of entries) {
    if (!headerName.test(name)) throw invalid(setting, `cannot have the name ${JSON.stringify(name)}`)
    if (reservedHeaders.test(name)) throw invalid(`${setting}.${name}`, 'is set by the call itself')
    if (typeof value !== 'string' || !(value.startsWith(sealedPrefix) || headerValue.test(value))) {
      throw invalid(`${setting}.${name}`, 'must be text of a single line, at most 8192 characters')
    }
  }
}

/** One in use, and one that replaces it. */
const maxSecrets = 2

const checkSecrets = (setting: string, secrets: unknown): void => {
  if (!Array.isArray(secrets) || secrets.length > maxSecrets) {
    throw invalid(setting, `must be a list of at most ${maxSecrets}`)
  }
  for (const secret of secrets) {
    const isSealed = typeof secret === 'string' && secret.startsWith(sealedPrefix)
    if (!isSealed && !isSigningSecret(secret)) {
      throw invalid(setting, 'must be whsec_ and 24 to 64 bytes in base64 each')
    }
  }
}

/** What marks a header's value or a secret that is sealed under the server's key. */
export const sealedPrefix = 'sealed:'

const isSigningSecret = (secret: unknown): boolean => {
  if (typeof secret !== 'string' || !/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret)) return false
  const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64').length
  return bytes >= 24 && bytes <= 64
}
