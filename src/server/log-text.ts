import type { DestinationStream } from 'pino'

/** Turns pino's lines into lines for people. */
export const textLines = (lines: DestinationStream): DestinationStream => ({
  write: (line) => lines.write(asText(line)),
})

const asText = (line: string): string => {
  const { level, time, msg, err, ...rest } = JSON.parse(line) as LogLine
  const members = Object.entries(rest).map(([name, value]) => ` ${name}=${shown(value)}`)
  const stack = err ? `\n    ${(err.stack ?? err.message ?? '').replaceAll('\n', '\n    ')}` : ''
  return `${new Date(time).toISOString().slice(11, 23)} ${levelNames[level] ?? level} ${msg ?? ''}${members.join('')}${stack}\n`
}

interface LogLine {
  readonly level: number
  readonly time: number
  readonly msg?: string
  readonly err?: { readonly stack?: string; readonly message?: string }
  readonly [name: string]: unknown
}

const levelNames: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO ',
  40: 'WARN ',
  50: 'ERROR',
  60: 'FATAL',
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
