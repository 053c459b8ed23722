import type { Readable } from 'node:stream'
import { usageError } from '../exit.ts'

export interface InputLine {
  readonly text: string
  /** From 1, for error messages. */
  readonly number: number
}

/** JavaScript holds no text much longer than this; a longer line is some other file. */
const longestLine = 384 * 1024 * 1024

/** The lines of a stream as they arrive, in memory one chunk at a time, empty ones too. Ends when the signal is aborted. */
export async function* readLines(input: Readable, signal?: AbortSignal): AsyncGenerator<InputLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let number = 0
  let parts: string[] = []
  let partsLength = 0
  const decode = (chunk: Uint8Array | undefined): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      throw usageError(`line ${number + 1} of the input is not UTF-8 text`)
    }
  }
  const take = (rest: string): InputLine => {
    const line = parts.join('') + rest
    parts = []
    partsLength = 0
    number += 1
    return { text: line.endsWith('\r') ? line.slice(0, -1) : line, number }
  }
  for await (const chunk of chunks(input, signal)) {
    const text = decode(chunk)
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      yield take(text.slice(start, end))
      start = end + 1
    }
    if (start < text.length) {
      parts.push(text.slice(start))
      partsLength += text.length - start
      if (partsLength > longestLine) throw usageError(`line ${number + 1} of the input is too long`)
    }
  }
  const last = decode(undefined)
  if (partsLength + last.length > 0) yield take(last)
}

async function* chunks(input: Readable, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const stop = () => input.destroy()
  signal?.addEventListener('abort', stop)
  try {
    yield* input as AsyncIterable<Uint8Array>
  } catch (error) {
    if (!signal?.aborted) throw error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
