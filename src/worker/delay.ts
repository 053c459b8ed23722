/** A span of time: milliseconds, or so many of each unit. */
export type Delay =
  | number
  | {
      readonly days?: number
      readonly hours?: number
      readonly minutes?: number
      readonly seconds?: number
      readonly milliseconds?: number
    }

export const milliseconds = (count: number): number => count
export const seconds = (count: number): number => count * 1000
export const minutes = (count: number): number => count * 60_000
export const hours = (count: number): number => count * 3_600_000
export const days = (count: number): number => count * 86_400_000

const longest = days(3652)

/** In whole milliseconds; a `RangeError` for what no message can wait. */
export const delayMs = (delay: Delay): number => {
  const ms =
    typeof delay === 'number'
      ? delay
      : days(delay.days ?? 0) +
        hours(delay.hours ?? 0) +
        minutes(delay.minutes ?? 0) +
        seconds(delay.seconds ?? 0) +
        (delay.milliseconds ?? 0)
  if (!(ms >= 0 && ms <= longest)) throw new RangeError(`A delay must be from 0 to 10 years, not ${ms} ms.`)
  return Math.round(ms)
}
