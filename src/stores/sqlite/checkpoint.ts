import type { DatabaseSync, StatementSync } from 'node:sqlite'

const pageBytes = 4096
/** Pages to write at a time; between these bounds it follows what the disk can do in `aimMs`. */
const fewest = 256
const most = 4096
const aimMs = 15

/**
 * Moves what the log (WAL) holds into the database file, in slices between commits, so that neither does the log grow
 * without end nor does a request wait for long. A slice is everything since the last one; how much that may be is
 * learned from how long it took.
 */
export class Checkpointer {
  readonly #status: StatementSync
  readonly #passive: StatementSync
  #slicePages = 1024
  #longestMs = 0
  #count = 0
  #failures = 0

  constructor(database: DatabaseSync) {
    this.#status = database.prepare('PRAGMA wal_checkpoint(NOOP)')
    this.#passive = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')
    this.#status.setReturnArrays(true)
    this.#passive.setReturnArrays(true)
  }

  /** Committed pages in the log. */
  get logPages(): number {
    return this.#pages().log
  }

  /** Those that are not in the database file yet. */
  get pending(): number {
    const { log, done } = this.#pages()
    return log - done
  }

  get gauges(): Record<string, number> {
    return {
      wal_pending_bytes: this.pending * pageBytes,
      checkpoints: this.#count,
      checkpoint_failures: this.#failures,
      checkpoint_slice_bytes: this.#slicePages * pageBytes,
      longest_checkpoint_ms: this.#longestMs,
    }
  }

  /** When enough has come together. `before` is called first. */
  run(before?: () => void): void {
    if (this.pending < this.#slicePages) return
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
    if (ms > aimMs) this.#slicePages = Math.max(fewest, this.#slicePages >> 1)
    else if (ms < aimMs / 2) this.#slicePages = Math.min(most, this.#slicePages + (this.#slicePages >> 2))
  }
}
