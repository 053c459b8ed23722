import { locale } from './locale.ts'

/** How numbers, times and spans are written. */

const whole = new Intl.NumberFormat(locale)
const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 })

export const count = (value: number): string => whole.format(value)

/** Not longer than five characters. */
export const shortCount = (value: number): string => (value < 10_000 ? whole.format(value) : short.format(value))

export const rate = (perSecond: number): string => {
  if (perSecond === 0) return '0'
  if (perSecond < 0.1) return '<0.1'
  return perSecond < 10 ? perSecond.toFixed(1) : shortCount(Math.round(perSecond))
}

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

const units: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
]

/** The two largest units: `3 h 12 min`, `1.4 s`, `38 ms`. */
export const span = (ms: number): string => {
  if (ms < 0) return `−${span(-ms)}`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${Math.floor(ms / 100) / 10} s`
  for (const [index, [unit, name]] of units.entries()) {
    if (ms < unit) continue
    const first = Math.floor(ms / unit)
    const smaller = units[index + 1]
    const rest = smaller ? Math.floor((ms - first * unit) / smaller[0]) : 0
    return `${first} ${name}${smaller && rest > 0 ? ` ${rest} ${smaller[1]}` : ''}`
  }
  return `${Math.round(ms)} ms`
}

const two = (value: number): string => String(value).padStart(2, '0')

/** In the time of whoever looks, to the second: `2026-03-01 08:20:00`. */
export const dateTime = (at: number): string => {
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockTime(at)}`
}

export const clockTime = (at: number): string => {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** With milliseconds, in UTC. */
export const utc = (at: number): string => new Date(at).toISOString().replace('T', ' ').replace('Z', ' UTC')

/** `04:31` or `1:02:09`: what is left, counting down. */
export const left = (ms: number): string => {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`
}

export const bytes = (value: number): string => {
  if (value < 1024) return `${value} B`
  if (value < 1024 ** 2) return `${(value / 1024).toFixed(1)} KiB`
  return value < 1024 ** 3 ? `${(value / 1024 ** 2).toFixed(1)} MiB` : `${(value / 1024 ** 3).toFixed(2)} GiB`
}
