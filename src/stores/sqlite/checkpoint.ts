import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { pragma } from './open.ts'

/** Bytes to write at a time; between these bounds it follows what the disk can do in `aimMs`. */
const fewest = 2 ** 20
const most = 2 ** 24
const aimMs = 15

/**
 * Moves what the log (WAL) holds into the database file, in slices between commits, so that neither does the log grow
 * without end nor does a request wait for long. A slice is everything since the last one; how much that may be is
 * learned from how long it took.
 */
export class Checkpointer {
  readonly #status: StatementSync
  readonly #passive: StatementSync
  readonly #pageBytes: number
  #slice = 2 ** 22
  #longestMs = 0
  #count = 0
  #failures = 0

  constructor(database: DatabaseSync) {
    this.#pageBytes = pragma(database, 'page_size')
    this.#status = database.prepare('PRAGMA wal_checkpoint(NOOP)')
    this.#passive = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')
    this.#status.setReturnArrays(true)
    this.#passive.setReturnArrays(true)
  }

  /** Committed pages in the log. */
  get logPages(): number {
    return this.#pages().log
  }

  /** Of those, the bytes that are not in the database file yet. */
  get #pendingBytes(): number {
    const { log, done } = this.#pages()
    return (log - done) * this.#pageBytes
  }

  get gauges(): Record<string, number> {
    return {
      wal_pending_bytes: this.#pendingBytes,
      checkpoints: this.#count,
      checkpoint_failures: this.#failures,
      checkpoint_slice_bytes: this.#slice,
      longest_checkpoint_ms: this.#longestMs,
    }
  }

  /** When enough has come together. `before` is called first. */
  run(before?: () => void): void {
    if (this.#pendingBytes < this.#slice) return
    before?.()
    const start = performance.now()
    try {
      this.#passive.get()
      this.#count++
      this.#learn(performance.now() - start)
    } catch {
      // A full disk, most likely: commits will say so. The log keeps everything until a later checkpoint succeeds.
      this.#failures++
    }
  }

  #pages(): { log: number; done: number } {
    const [, log, done] = this.#status.get() as unknown as [number, number, number]
    return { log, done }
  }

  #learn(ms: number): void {
    this.#longestMs = Math.max(this.#longestMs, ms)
    if (ms > aimMs) this.#slice = Math.max(fewest, this.#slice >> 1)
    else if (ms < aimMs / 2) this.#slice = Math.min(most, Math.round(this.#slice * 1.25))
  }
}
