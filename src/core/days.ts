import type { Millis } from './clock.ts'

/** The day that a moment falls on, as days since 1970-01-01. */
export type DayOf = (at: Millis) => number

const dayMs = 86_400_000
/** Midnights of all time zones fall on multiples of this. */
const stepMs = 900_000

/** Days that begin at midnight in a time zone (an IANA name). Throws a `RangeError` when there is no such zone. */
export const daysIn = (timeZone: string): DayOf => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  })
  let knownStep = Number.NaN
  let knownDay = 0
  return (at) => {
    const step = Math.floor(at / stepMs)
    if (step === knownStep) return knownDay
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    knownStep = step
    knownDay = Math.floor(Date.UTC(parts.year ?? 1970, (parts.month ?? 1) - 1, parts.day ?? 1) / dayMs)
    return knownDay
  }
}

export const daysInUtc: DayOf = (at) => Math.floor(at / dayMs)
