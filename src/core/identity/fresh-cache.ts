import type { Millis } from '../clock.ts'

interface Entry<Value> {
  readonly value: Value | undefined
  readonly loadedAt: Millis
}

/** How long another node of the same store may go on taking a credential that was revoked here. */
const freshMs = 10_000
const maxEntries = 10_000

/**
 * Credentials ready for use, so that checking one reads nothing and builds nothing; unknown ones too, so that guessing does not
 * reach the store every time. The first loaded make room.
 */
export class FreshCache<Value extends object> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #loading = new Map<string, Promise<Value | undefined>>()
  readonly #load: (id: string) => Promise<Value | undefined>

  constructor(load: (id: string) => Promise<Value | undefined>) {
    this.#load = load
  }

  get(id: string, now: Millis): Value | undefined | Promise<Value | undefined> {
    const entry = this.#entries.get(id)
    if (entry && now - entry.loadedAt < freshMs) return entry.value
    return this.#loading.get(id) ?? this.#start(id, now)
  }

  /** From now on it is read anew; what is being read already is not kept. */
  forget(id: string): void {
    this.#entries.delete(id)
    this.#loading.delete(id)
  }

  async #start(id: string, now: Millis): Promise<Value | undefined> {
    const load = this.#load(id)
    this.#loading.set(id, load)
    const isCurrent = () => this.#loading.get(id) === load
    try {
      const value = await load
      if (isCurrent()) this.#keep(id, { value, loadedAt: now })
      return value
    } finally {
      if (isCurrent()) this.#loading.delete(id)
    }
  }

  #keep(id: string, entry: Entry<Value>): void {
    this.#entries.delete(id)
    this.#entries.set(id, entry)
    if (this.#entries.size <= maxEntries) return
    const first = this.#entries.keys().next()
    if (!first.done) this.#entries.delete(first.value)
  }
}
