const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

/** A span of time for people: `250 ms`, `1.5 s`, `2 min 5 s`, `14 d`. */
export const formatDuration = (milliseconds: number): string => {
  if (milliseconds < 0) return `-${formatDuration(-milliseconds)}`
  if (milliseconds < 1000) return `${Number(milliseconds.toPrecision(3))} ms`
  if (milliseconds < 60_000) return `${Number((milliseconds / 1000).toFixed(1))} s`
  const parts: string[] = []
  let rest = milliseconds
  for (const [unit, length] of units) {
    const count = Math.floor(rest / length)
    rest -= count * length
    if (count > 0) parts.push(`${count} ${unit}`)
    else if (parts.length > 0) break
    if (parts.length === 2) break
  }
  return parts.join(' ')
}

export const formatBytes = (bytes: number): string => {
  if (bytes < 1024) return `${bytes} B`
  let value = bytes
  let unit = 'B'
  for (const next of ['KiB', 'MiB', 'GiB', 'TiB']) {
    if (value < 1024) break
    value /= 1024
    unit = next
  }
  return `${Number(value.toPrecision(3))} ${unit}`
}

export const formatCount = (count: number): string => count.toLocaleString('en-US')

/** A moment in the machine's own time zone: `2026-03-01 14:05:09`. */
export const formatTime = (time: number): string => {
  const date = new Date(time)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** A moment as seen from now: `12 s ago`, `in 5 min`. */
export const formatRelative = (time: number, now: number): string => {
  const difference = Math.trunc((time - now) / 1000) * 1000
  if (difference === 0) return 'now'
  return difference < 0 ? `${formatDuration(-difference)} ago` : `in ${formatDuration(difference)}`
}

/** `1 message`, `2,000 messages`. */
export const count = (number: number, noun: string): string =>
  `${formatCount(number)} ${number === 1 ? noun : `${noun}s`}`
