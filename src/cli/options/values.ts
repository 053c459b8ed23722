import { InvalidArgumentError } from '@commander-js/extra-typings'

const lengths: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** `250ms`, `30s`, `1h30m`, `14d`; a bare number means seconds. In milliseconds. */
export const duration = (text: string): number => {
  const milliseconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : sumOfParts(text)
  if (milliseconds === undefined || !Number.isSafeInteger(Math.round(milliseconds))) {
    throw new InvalidArgumentError('Give a duration such as 250ms, 30s, 5m, 1h30m or 14d.')
  }
  return Math.round(milliseconds)
}

const sumOfParts = (text: string): number | undefined => {
  if (!/^(\d+(\.\d+)?(ms|s|min|m|h|d|w))+$/.test(text)) return undefined
  let sum = 0
  for (const [, value = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|min|m|h|d|w)/g)) {
    sum += Number(value) * (lengths[unit] ?? Number.NaN)
  }
  return sum
}

/** What `none` on the command line stands for, since Commander takes null for a value that is missing. */
export const none = Symbol('none')

const orNone =
  <Value>(parse: (text: string) => Value) =>
  (text: string): Value | typeof none =>
    text === 'none' ? none : parse(text)

export const durationOrNone = orNone(duration)

const sizes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1_048_576,
  gib: 1_073_741_824,
}

/** `512`, `64KB`, `1MiB`. In bytes. */
export const size = (text: string): number => {
  const [, value = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? []
  const bytes = Number(value || Number.NaN) * (sizes[unit.toLowerCase()] ?? Number.NaN)
  if (!Number.isSafeInteger(Math.round(bytes))) throw new InvalidArgumentError('Give a size such as 512, 64KB or 1MiB.')
  return Math.round(bytes)
}

/** A whole number from `min` to `max`. */
export const whole =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} up` : `from ${min} to ${max}`
    throw new InvalidArgumentError(`Give a whole number ${range}.`)
  }

export const wholeOrNone = (min: number) => orNone(whole(min))

export const textOrNone = orNone(String)

export const onOff = (text: string): boolean => {
  if (text === 'on' || text === 'true' || text === 'yes') return true
  if (text === 'off' || text === 'false' || text === 'no') return false
  throw new InvalidArgumentError('Give on or off.')
}

/** Collects `NAME=VALUE` given any number of times. */
export const pair = (text: string, before: Readonly<Record<string, string>> | undefined): Record<string, string> => {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('Give NAME=VALUE.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

/** A JSON object, as it is. */
export const jsonObject = (text: string): Record<string, unknown> => {
  const value = parseJson(text)
  if (isObject(value)) return value
  throw new InvalidArgumentError('Give a JSON object, such as \'{"team":"billing"}\'.')
}

export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Collects what is given any number of times. */
export const collect = (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), text]

/** A moment: `2026-12-31`, `2026-12-31T23:59:59Z`, or a duration from now. In milliseconds since 1970. */
export const moment = (text: string): number => {
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : Date.now() + duration(text)
  if (Number.isNaN(time))
    throw new InvalidArgumentError('Give a date, a time such as 2026-12-31T12:00Z, or a duration.')
  return time
}
