import type { Address } from './address.ts'
import { connectToPrimary } from './connections.ts'

/**
 * Dead rows at the front of a queue's index are what makes receiving slow, and autovacuum comes by once a minute at best. So a node
 * that has left many behind vacuums the hot tables itself, on a connection of its own.
 */
export class Upkeep {
  readonly #address: Address
  readonly #afterRows: number
  #deadRows = 0
  #running: Promise<void> | undefined
  #closed = false
  vacuums = 0

  constructor(address: Address, options: { afterRows: number }) {
    this.#address = address
    this.#afterRows = options.afterRows
  }

  /** So many rows were changed or removed. */
  left(rows: number): void {
    this.#deadRows += rows
    if (this.#deadRows < this.#afterRows || this.#running || this.#closed) return
    this.#deadRows = 0
    this.#running = this.#vacuum().finally(() => {
      this.#running = undefined
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #vacuum(): Promise<void> {
    const { schema } = this.#address
    try {
      const client = await connectToPrimary(this.#address)
      try {
        for (const table of ['delivery', 'message', 'group_count']) {
          if (this.#closed) break
          // One node at a time is enough, and nobody waits for it. Statistics are left to autovacuum: no plan here goes by them, and gathering them takes
          // several times as long as clearing what is dead.
          await client.query(`VACUUM (SKIP_LOCKED, INDEX_CLEANUP ON, TRUNCATE OFF) ${schema}.${table}`)
        }
        this.vacuums++
      } finally {
        await client.end()
      }
    } catch {
      // Autovacuum does it later.
    }
  }
}
