import { createHash } from 'node:crypto'
import type { SendOptions } from '../../client/index.ts'
import { usageError } from '../exit.ts'
import { fixedBatches } from '../input/batches.ts'
import type { InputLine } from '../input/lines.ts'
import { bytesOf, type Outgoing, outgoingFrom, type ParsedLine, parseLine } from './parse.ts'

export interface ImportOptions {
  /** Messages live as long as they had left when they were exported, instead of what the queue says. */
  readonly keepRetention: boolean
  readonly withoutDeduplication: boolean
  /** Also those that were finished. */
  readonly finished: boolean
  /** Tells one import of the same messages from another. */
  readonly run: string
}

export interface ImportBatch {
  readonly messages: readonly Outgoing[]
  /** Of this batch in this place of this input: sent again, it stores nothing. */
  readonly key: string
  readonly lastLine: number
}

const limits = { maxCount: 500, maxBytes: 4 * 1024 * 1024 }

/** Batches that are the same whenever the same lines are imported, however often that is interrupted. */
export async function* importBatches(
  lines: AsyncIterable<InputLine>,
  queue: string,
  options: ImportOptions,
): AsyncGenerator<ImportBatch> {
  let index = 0
  for await (const batch of fixedBatches(importable(lines, options), limits)) {
    const hash = createHash('sha256').update(JSON.stringify([queue, options, index]))
    for (const { text } of batch) hash.update('\n').update(text)
    yield {
      messages: batch.map(({ message }) => message),
      key: `import-${hash.digest('hex')}`,
      lastLine: batch.at(-1)?.number ?? 0,
    }
    index += 1
  }
}

async function* importable(lines: AsyncIterable<InputLine>, options: ImportOptions) {
  for await (const line of lines) {
    if (line.text.trim() === '') continue
    const parsed = parseLine(line)
    if (parsed.value.state === 'finished' && !options.finished) continue
    const message = outgoingFrom(parsed, {}, 'ignore')
    const kept: Outgoing = { ...message, ...timesLeft(parsed, options) }
    const { deduplicationId: _, ...fresh } = kept
    const chosen = options.withoutDeduplication ? fresh : kept
    yield { message: chosen, text: line.text, number: line.number, bytes: bytesOf(chosen) }
  }
}

/** Told from the moment of the export, as an import that is run again has to send the very same. */
const timesLeft = (line: ParsedLine, { keepRetention }: ImportOptions): SendOptions => {
  const exportedAt = timeIn(line, 'exportedAt')
  if (exportedAt === undefined) return {}
  const visibleAt = line.value.state === 'delayed' ? timeIn(line, 'visibleAt') : undefined
  const expiresAt = keepRetention ? timeIn(line, 'expiresAt') : undefined
  return {
    delayMs: visibleAt === undefined ? 0 : Math.max(0, visibleAt - exportedAt),
    ...(expiresAt === undefined ? {} : { retentionMs: Math.max(1, expiresAt - exportedAt) }),
  }
}

const timeIn = ({ value, number }: ParsedLine, name: string): number | undefined => {
  const time = value[name]
  if (time === undefined || time === null) return undefined
  if (typeof time !== 'number' || !Number.isSafeInteger(time))
    throw usageError(`line ${number}: '${name}' must be a time`)
  return time
}
