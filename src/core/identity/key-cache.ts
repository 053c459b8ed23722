import type { Millis } from '../clock.ts'
import type { Principal } from './identity.ts'
import type { KeyRecord } from './model.ts'

/** A key ready for use, so that checking a credential reads nothing and builds nothing. */
export interface CachedKey {
  readonly record: KeyRecord
  readonly principal: Principal
  readonly digest: Uint8Array
}

interface Entry {
  readonly key: CachedKey | undefined
  readonly loadedAt: Millis
}

/** How long another node of the same store may go on taking a key that was revoked here. */
const freshMs = 10_000
const maxEntries = 10_000

/** Keys by id; unknown ids too, so that guessing does not reach the store every time. The first loaded make room. */
export class KeyCache {
  readonly #entries = new Map<string, Entry>()
  readonly #loading = new Map<string, Promise<CachedKey | undefined>>()
  readonly #load: (keyId: string) => Promise<CachedKey | undefined>

  constructor(load: (keyId: string) => Promise<CachedKey | undefined>) {
    this.#load = load
  }

  get(keyId: string, now: Millis): CachedKey | undefined | Promise<CachedKey | undefined> {
    const entry = this.#entries.get(keyId)
    if (entry && now - entry.loadedAt < freshMs) return entry.key
    return this.#loading.get(keyId) ?? this.#start(keyId, now)
  }

  /** From now on it is read anew; what is being read already is not kept. */
  forget(keyId: string): void {
    this.#entries.delete(keyId)
    this.#loading.delete(keyId)
  }

  async #start(keyId: string, now: Millis): Promise<CachedKey | undefined> {
    const load = this.#load(keyId)
    this.#loading.set(keyId, load)
    const isCurrent = () => this.#loading.get(keyId) === load
    try {
      const key = await load
      if (isCurrent()) this.#keep(keyId, { key, loadedAt: now })
      return key
    } finally {
      if (isCurrent()) this.#loading.delete(keyId)
    }
  }

  #keep(keyId: string, entry: Entry): void {
    this.#entries.delete(keyId)
    this.#entries.set(keyId, entry)
    if (this.#entries.size <= maxEntries) return
    const first = this.#entries.keys().next()
    if (!first.done) this.#entries.delete(first.value)
  }
}
