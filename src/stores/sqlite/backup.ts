import { ftruncateSync, writeSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreFailure } from '../../core/store.ts'
import { WalFrames } from './wal-frames.ts'

export interface BackupProgress {
  readonly copiedBytes: number
  readonly totalBytes: number
}

export interface BackupOptions {
  readonly onProgress?: (progress: BackupProgress) => void
  readonly signal?: AbortSignal
}

/** What is being copied, as its owner knows it. */
export interface BackupSource {
  readonly file: string
  /** The database file, open for reading. Not closed here: that would give up the lock that SQLite has on it. */
  readonly descriptor: FileHandle
  readonly pageBytes: number
  /** Committed pages in the log. */
  logPages(): number
  /** Pages that the database has, those in the log included. */
  pageCount(): number
}

const chunkBytes = 2 ** 20
/** How much is written before it is synced, so that a commit's own sync never finds more than this in its way. */
const syncEveryBytes = 8 * 2 ** 20

/**
 * A copy of a database that is being written. The file is copied from front to back while it changes; and whenever the
 * log is about to be moved into it (`beforeCheckpoint`), the pages of the log are written to the copy too. So at the
 * end every page is there as of its last commit, and the copy is the database at that moment. Nothing is held up and
 * the log stays short, as neither would with a long read transaction.
 */
export class Backup {
  readonly #source: BackupSource
  readonly #target: string
  readonly #options: BackupOptions
  #log: WalFrames | undefined
  #copy: FileHandle | undefined
  /** The chunk that is being read and written; pages of the log within it must wait for it. */
  #chunk = { start: 0, end: 0 }
  #late: { page: number; content: Buffer }[] = []
  #failure: unknown

  constructor(source: BackupSource, target: string, options: BackupOptions) {
    this.#source = source
    this.#target = target
    this.#options = options
  }

  async run(): Promise<void> {
    const partial = `${this.#target}.partial`
    try {
      this.#copy = await open(partial, 'wx', 0o600)
      this.#log = new WalFrames(`${this.#source.file}-wal`, this.#source.pageBytes)
      await this.#copyFile()
      this.#finish()
      await this.#copy.sync()
      await this.#copy.close()
      this.#copy = undefined
      await rename(partial, this.#target)
      await syncDirectory(dirname(this.#target))
    } catch (error) {
      if (this.#copy) await rm(partial, { force: true })
      throw asBackupFailure(error, partial)
    } finally {
      this.#log?.close()
      this.#log = undefined
      await this.#copy?.close()
      this.#copy = undefined
    }
  }

  beforeCheckpoint(): void {
    try {
      this.#applyLog()
    } catch (error) {
      // The backup is lost, the checkpoint must go on.
      this.#failure ??= error
    }
  }

  /** Ends in a rejection of `run`. */
  abort(reason: Error): void {
    this.#failure ??= reason
  }

  /** The file as it was long at the start: what is added behind comes through the log. */
  async #copyFile(): Promise<void> {
    const copy = this.#copy!
    const { descriptor } = this.#source
    const { size: totalBytes } = await descriptor.stat()
    const buffer = Buffer.allocUnsafe(chunkBytes)
    let unsynced = 0
    for (let start = 0; start < totalBytes; start += chunkBytes) {
      this.#assertGoing()
      const end = Math.min(start + chunkBytes, totalBytes)
      this.#chunk = { start, end }
      const { bytesRead } = await descriptor.read(buffer, 0, end - start, start)
      await copy.write(buffer, 0, bytesRead, start)
      this.#chunk = { start: 0, end: 0 }
      this.#applyLate()
      unsynced += bytesRead
      if (unsynced >= syncEveryBytes) {
        unsynced = 0
        await copy.datasync()
      }
      this.#options.onProgress?.({ copiedBytes: end, totalBytes })
    }
    await copy.datasync()
  }

  /** In one go, between two commits: from here on the copy is the database at this moment. */
  #finish(): void {
    this.#assertGoing()
    this.#log!.rewind()
    this.#applyLog()
    ftruncateSync(this.#copy!.fd, this.#source.pageCount() * this.#source.pageBytes)
  }

  #applyLog(): void {
    const log = this.#log
    const copy = this.#copy
    if (!log || !copy) return
    const { pageBytes } = this.#source
    log.forEach(this.#source.logPages(), (page, content) => {
      const offset = (page - 1) * pageBytes
      const isInChunk = offset >= this.#chunk.start && offset < this.#chunk.end
      if (isInChunk) this.#late.push({ page, content: Buffer.from(content) })
      else writeSync(copy.fd, content, 0, pageBytes, offset)
    })
  }

  #applyLate(): void {
    const { pageBytes } = this.#source
    for (const { page, content } of this.#late) writeSync(this.#copy!.fd, content, 0, pageBytes, (page - 1) * pageBytes)
    this.#late = []
  }

  #assertGoing(): void {
    this.#options.signal?.throwIfAborted()
    if (this.#failure !== undefined) throw this.#failure
  }
}

const asBackupFailure = (error: unknown, partial: string): unknown => {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error
  const sentences: Readonly<Record<string, string>> = {
    EEXIST: `${partial} exists: another backup to the same place is under way, or one was cut short. Delete the file if none is.`,
    ENOSPC: 'The disk that the backup goes to is full.',
    ENOENT: `${partial} cannot be created: its directory does not exist.`,
    EACCES: `${partial} cannot be created: this user may not write there.`,
  }
  const sentence = sentences[error.code] ?? `The backup to ${partial} failed: ${error.message}`
  return new StoreFailure(sentence, { safeToRetry: true, cause: error })
}

/** Without it, a file that was renamed may be gone after a power cut. */
export const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
