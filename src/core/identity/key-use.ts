import type { Clock, Millis } from '../clock.ts'
import type { Documents } from '../engine-api.ts'
import { held, type IdentityEngine } from './documents.ts'
import { collections } from './model.ts'

const writeAfterMs = 300_000

/** When keys were last used, to within some minutes: kept in memory, and written now and then. */
export class KeyUse {
  readonly #engine: IdentityEngine
  readonly #clock: Clock
  readonly #unwritten = new Map<string, Millis>()
  #cancelTimer: (() => void) | undefined

  constructor(engine: IdentityEngine, clock: Clock) {
    this.#engine = engine
    this.#clock = clock
  }

  note(keyId: string, now: Millis): void {
    this.#unwritten.set(keyId, now)
    // A use that could not be written will be with the next that is noted.
    this.#cancelTimer ??= this.#clock.callAt(now + writeAfterMs, () => void this.write().catch(() => {}))
  }

  async lastUse(keyId: string): Promise<Millis | null> {
    const unwritten = this.#unwritten.get(keyId)
    if (unwritten !== undefined) return unwritten
    const document = await this.#engine.getDocument(collections.keyUse, keyId)
    return document ? (document.value as Millis) : null
  }

  /** When the key is removed; `forget` once that is done. */
  remove(documents: Documents, keyId: string): void {
    documents.remove(collections.keyUse, keyId)
  }

  forget(keyId: string): void {
    this.#unwritten.delete(keyId)
  }

  /** When the key gets another end. */
  keepUntil(documents: Documents, keyId: string, expiresAt: Millis | null): void {
    const lastUse = documents.get(collections.keyUse, keyId)
    if (lastUse) documents.put({ ...lastUse, expiresAt })
  }

  async write(): Promise<void> {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const written = Array.from(this.#unwritten, async ([keyId, usedAt]) => {
      await this.#put(keyId, usedAt)
      if (this.#unwritten.get(keyId) === usedAt) this.#unwritten.delete(keyId)
    })
    await Promise.all(written)
  }

  #put(keyId: string, usedAt: Millis): Promise<void> {
    return this.#engine.changeDocuments((documents) => {
      const key = held(documents, collections.keys, keyId)
      if (!key) return
      documents.put({ collection: collections.keyUse, key: keyId, value: usedAt, expiresAt: key.expiresAt })
    })
  }
}
