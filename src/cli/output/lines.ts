import type { Writable } from 'node:stream'

/** The reader of our output has gone (`millrace export orders | head`): no failure, but the end of the work. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}

export interface LineWriter {
  /** Resolves when the line has been handed to the reader, so that a message can be deleted after it. */
  write(line: string): Promise<void>
}

export const lineWriter = (stream: Writable): LineWriter => {
  let closed = false
  stream.on('error', () => {
    closed = true
  })
  return {
    write: (line) =>
      new Promise((resolve, reject) => {
        if (closed || stream.destroyed) return reject(new OutputClosed())
        stream.write(`${line}\n`, (error) => {
          if (!error) return resolve()
          closed = true
          reject(isClosedPipe(error) ? new OutputClosed() : error)
        })
      }),
  }
}

export const isClosedPipe = (error: Error): boolean =>
  'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || error.code === 'ECONNRESET')
