import { styleText } from 'node:util'
import { lineWriter } from './lines.ts'
import { noProgress, type Progress, progressBar } from './progress.ts'
import { type Column, propertyLines, tableLines } from './table.ts'

export type OutputOptions = {
  /** True: JSON, false: for people; absent: for people on a terminal, else JSON. */
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
}

/** What a command says: results on standard output, everything about them on standard error. */
export interface Output {
  readonly json: boolean
  readonly quiet: boolean
  /** Columns of the terminal; undefined when nothing must be cut. */
  readonly width: number | undefined
  line(text: string): Promise<void>
  /** One value as a line of JSON. */
  record(value: unknown): Promise<void>
  /** Several values: lines of JSON, or a table. `empty` is what people read when there are none. */
  list<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): Promise<void>
  /** One value with its properties. */
  properties(value: unknown, properties: readonly (readonly [string, string])[]): Promise<void>
  /** What a change led to: a line of JSON, or a sentence; nothing when quiet. */
  result(value: unknown, sentence: string): Promise<void>
  /** A remark for people, on standard error; not when quiet. */
  note(text: string): void
  /** Something that went wrong along the way, on standard error, always. */
  warn(text: string): void
  progress(label: string): Progress
  bold(text: string): string
  dim(text: string): string
  colored(color: 'green' | 'yellow' | 'red', text: string): string
}

export const createOutput = (options: OutputOptions): Output => {
  const { stdout, stderr } = process
  const writer = lineWriter(stdout)
  const json = options.json ?? !stdout.isTTY
  const quiet = options.quiet ?? false
  // A terminal that does not tell its width says 0.
  const width = (stdout.isTTY && stdout.columns) || undefined
  const drawable = stderr.isTTY && !quiet && process.env.TERM !== 'dumb'

  const line = (text: string) => writer.write(text)
  const record = (value: unknown) => line(JSON.stringify(value))
  const styled = (format: Parameters<typeof styleText>[0], text: string) => styleText(format, text, { stream: stdout })

  return {
    json,
    quiet,
    width,
    line,
    record,
    async list(rows, columns, empty) {
      if (json) for (const row of rows) await record(row)
      else if (rows.length === 0) stderr.write(quiet ? '' : `${empty}\n`)
      else {
        const [head = '', ...rest] = tableLines(rows, columns, width)
        for (const each of [styled('bold', head), ...rest]) await line(each)
      }
    },
    async properties(value, properties) {
      if (json) await record(value)
      else for (const each of propertyLines(properties)) await line(each)
    },
    async result(value, sentence) {
      if (quiet) return
      await (json ? record(value) : line(sentence))
    },
    note: (text) => {
      if (!quiet) stderr.write(`${text}\n`)
    },
    warn: (text) => {
      stderr.write(`${text}\n`)
    },
    progress: (label) => (drawable ? progressBar(stderr, label) : noProgress),
    bold: (text) => styled('bold', text),
    dim: (text) => styled('dim', text),
    colored: (color, text) => styled(color, text),
  }
}
