import type { ServerResponse } from 'node:http'
import { isGone } from '../http/connection.ts'
import { utf8AsLatin1 } from '../http/latin1.ts'
import { headers as headerNames, type Problem, problemContentType } from './schemas/index.ts'

/** What an operation answers. */
export interface Answer {
  readonly status: number
  /** Absent when there is no content. */
  readonly contentType?: string
  /** Bytes, or a string with one character for each byte: node writes a string and the header at once. */
  readonly content?: string | Uint8Array | readonly string[]
  /** More headers, names and values one after the other. */
  readonly headers?: readonly string[]
  /** Called instead, when the client has gone. */
  readonly ifGone?: () => Promise<unknown>
  /**
   * Writes the content line by line as it comes to be. May reject before the first line. Who writes much waits for each write,
   * so as not to be faster than the client; false: it has gone.
   */
  readonly stream?: (write: (line: string) => Promise<boolean>) => Promise<void>
}

const json = 'application/json'

export const jsonAnswer = (status: number, value: unknown): Answer => ({
  status,
  contentType: json,
  content: utf8AsLatin1(JSON.stringify(value)),
})

/** JSON that is text already, one character for each byte. */
export const textAnswer = (status: number, content: string | readonly string[]): Answer => ({
  status,
  contentType: json,
  content,
})

export const problemAnswer = (problem: Problem, headers: readonly string[]): Answer => ({
  status: problem.status,
  contentType: problemContentType,
  content: utf8AsLatin1(JSON.stringify(problem)),
  headers,
})

export const noContent: Answer = { status: 204 }

export const writeAnswer = (response: ServerResponse, answer: Answer, requestId: string): void => {
  const { content = '', contentType, headers } = answer
  const fields = [headerNames.requestId, requestId]
  if (contentType !== undefined) fields.push('Content-Type', contentType, 'Content-Length', String(lengthOf(content)))
  if (headers) fields.push(...headers)
  response.writeHead(answer.status, fields)
  if (typeof content === 'string') response.end(content, 'latin1')
  else if (content instanceof Uint8Array) response.end(content)
  else writePieces(response, content)
}

/** The header goes out with the first line, so that what fails before it can still be a problem document. */
export const streamAnswer = async (response: ServerResponse, answer: Answer, requestId: string): Promise<void> => {
  const { status, contentType = json, stream, headers = [] } = answer
  const writeHead = () => {
    if (!response.headersSent) {
      response.writeHead(status, [headerNames.requestId, requestId, 'Content-Type', contentType, ...headers])
    }
  }
  await stream?.(async (line) => {
    writeHead()
    if (!isGone(response) && !response.write(`${line}\n`)) await drained(response)
    return !isGone(response)
  })
  writeHead()
  response.end()
}

const drained = async (response: ServerResponse): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  response.once('drain', resolve).once('close', resolve)
  await promise
  response.off('drain', resolve).off('close', resolve)
}

const writePieces = (response: ServerResponse, pieces: readonly string[]): void => {
  for (const piece of pieces) response.write(piece, 'latin1')
  response.end()
}

const lengthOf = (content: string | Uint8Array | readonly string[]): number => {
  if (typeof content === 'string' || content instanceof Uint8Array) return content.length
  let length = 0
  for (const piece of content) length += piece.length
  return length
}
