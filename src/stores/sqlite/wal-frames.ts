import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const headerBytes = 32
const frameHeaderBytes = 24
const framesARead = 256

/**
 * Reads the pages that commits appended to the log, in order, from where the last reading ended. The format is SQLite's
 * own and documented (sqlite.org/fileformat2.html#walformat).
 */
export class WalFrames {
  readonly #descriptor: number
  readonly #pageBytes: number
  readonly #buffer: Buffer
  /** Names the log's present round: it starts over from its beginning once all of it is in the database file. */
  #salt = ''
  #read = 0

  constructor(walFile: string, pageBytes: number) {
    this.#descriptor = openSync(walFile, 'r')
    this.#pageBytes = pageBytes
    this.#buffer = Buffer.allocUnsafe(framesARead * (frameHeaderBytes + pageBytes))
  }

  /** To read the present round from its beginning. */
  rewind(): void {
    this.#read = 0
  }

  /** `frames`: how many of the log are committed. Pages are views of a buffer that the next ones overwrite. */
  forEach(frames: number, visit: (page: number, content: Buffer) => void): void {
    const salt = this.#readSalt()
    if (salt === undefined) return
    if (salt !== this.#salt) this.#read = 0
    this.#salt = salt
    const frameBytes = frameHeaderBytes + this.#pageBytes
    while (this.#read < frames) {
      const count = Math.min(framesARead, frames - this.#read)
      const bytes = count * frameBytes
      const got = readSync(this.#descriptor, this.#buffer, 0, bytes, headerBytes + this.#read * frameBytes)
      if (got < bytes) throw new Error('the log is shorter than SQLite says')
      for (let offset = 0; offset < bytes; offset += frameBytes) {
        if (this.#buffer.toString('latin1', offset + 8, offset + 16) !== salt) {
          throw new Error('the log holds a page of another round')
        }
        const start = offset + frameHeaderBytes
        visit(this.#buffer.readUInt32BE(offset), this.#buffer.subarray(start, start + this.#pageBytes))
      }
      this.#read += count
    }
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #readSalt(): string | undefined {
    if (fstatSync(this.#descriptor).size < headerBytes) return undefined
    const header = Buffer.allocUnsafe(headerBytes)
    readSync(this.#descriptor, header, 0, headerBytes, 0)
    return header.toString('latin1', 16, 24)
  }
}
