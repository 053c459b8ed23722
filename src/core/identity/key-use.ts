import type { Clock, Millis } from '../clock.ts'
import type { IdentityEngine } from './documents.ts'
import { collections } from './model.ts'

const writeAfterMs = 300_000

/** When keys were last used, to within some minutes: kept in memory, and written now and then. */
export class KeyUse {
  readonly #engine: IdentityEngine
  readonly #clock: Clock
  #unwritten = new Map<string, Millis>()
  #cancelTimer: (() => void) | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(engine: IdentityEngine, clock: Clock) {
    this.#engine = engine
    this.#clock = clock
  }

  note(keyId: string, now: Millis): void {
    this.#unwritten.set(keyId, now)
    // A use that could not be written will be with the next one.
    this.#cancelTimer ??= this.#clock.callAt(now + writeAfterMs, () => void this.write().catch(() => {}))
  }

  async lastUse(keyId: string): Promise<Millis | null> {
    const unwritten = this.#unwritten.get(keyId)
    if (unwritten !== undefined) return unwritten
    const document = await this.#engine.getDocument(collections.keyUse, keyId)
    return document ? (document.value as Millis) : null
  }

  async forget(keyId: string): Promise<void> {
    this.#unwritten.delete(keyId)
    await this.#writing.catch(() => {})
    await this.#engine.removeDocument(collections.keyUse, keyId)
  }

  write(): Promise<void> {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const uses = this.#unwritten
    this.#unwritten = new Map()
    this.#writing = this.#put(uses)
    return this.#writing
  }

  async #put(uses: ReadonlyMap<string, Millis>): Promise<void> {
    const { keyUse } = collections
    await Promise.all(
      Array.from(uses, ([key, value]) => this.#engine.putDocument({ collection: keyUse, key, value, expiresAt: null })),
    )
  }
}
