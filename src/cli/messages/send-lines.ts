import type { Queue, RequestOptions, SendOptions, SentMessage } from '../../client/index.ts'
import { Failure } from '../exit.ts'
import { eagerBatches } from '../input/batches.ts'
import type { InputLine } from '../input/lines.ts'
import { count } from '../output/format.ts'
import { describe } from '../report.ts'
import { bytesOf, type Outgoing, outgoingBody, outgoingFrom, parseLine } from './parse.ts'

/** What a line of the input is: a message with its options, a text, or a body in JSON. */
export type LineKind = 'message' | 'text' | 'json'

const batchLimits = { maxCount: 1000, maxBytes: 4 * 1024 * 1024 }

/** Sends what the lines describe, in their order, as they come; gives the answers a batch at a time. */
export async function* sendLines(
  queue: Queue<unknown>,
  lines: AsyncIterable<InputLine>,
  kind: LineKind,
  defaults: SendOptions,
  options: RequestOptions,
): AsyncGenerator<readonly SentMessage[]> {
  let sentSoFar = 0
  try {
    for await (const batch of eagerBatches(parsed(lines, kind, defaults), batchLimits)) {
      const messages = batch.map(({ message }) => message)
      const sent = await queue.sendMany(messages, options)
      sentSoFar += sent.length
      yield sent
    }
  } catch (error) {
    if (sentSoFar === 0) throw error
    const { exitCode, message } = describe(error)
    const done = `${count(sentSoFar, 'message')} ${sentSoFar === 1 ? 'was' : 'were'} sent before`
    throw new Failure(exitCode, `${message} (${done})`, { cause: error })
  }
}

async function* parsed(lines: AsyncIterable<InputLine>, kind: LineKind, defaults: SendOptions) {
  for await (const line of lines) {
    if (kind !== 'text' && line.text.trim() === '') continue
    const message = parse(line, kind, defaults)
    yield { message, bytes: bytesOf(message) }
  }
}

const parse = (line: InputLine, kind: LineKind, defaults: SendOptions): Outgoing => {
  if (kind === 'message') return outgoingFrom(parseLine(line), defaults, 'refuse')
  if (kind === 'text') return { ...defaults, body: line.text }
  return outgoingBody(line.text, { ...defaults, contentType: defaults.contentType ?? 'application/json' })
}
