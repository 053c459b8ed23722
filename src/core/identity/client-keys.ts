import type { Millis } from '../clock.ts'
import type { IdentityEngine } from './documents.ts'
import { FreshCache } from './fresh-cache.ts'
import { collections, type KeyRecord } from './model.ts'
import { digestOf } from './token.ts'

/** Which key a client key belongs to: their texts are chosen by people and name no key, so there is an index of their digests. */
export class ClientKeys {
  readonly #engine: IdentityEngine
  readonly #keyOf: (id: string) => Promise<KeyRecord | undefined>
  readonly #cache: FreshCache<{ readonly id: string }>

  constructor(engine: IdentityEngine, keyOf: (id: string) => Promise<KeyRecord | undefined>) {
    this.#engine = engine
    this.#keyOf = keyOf
    this.#cache = new FreshCache((digest) => this.#load(digest))
  }

  /** Synchronous while it is in the cache. That the key has this text still is for the caller to check. */
  idOf(text: string, now: Millis): { readonly id: string } | undefined | Promise<{ readonly id: string } | undefined> {
    return this.#cache.get(digestOf(text), now)
  }

  /** Whether another key has this text. */
  async isTaken(text: string, ownId: string): Promise<boolean> {
    const digest = digestOf(text)
    const noted = await this.#load(digest)
    if (!noted || noted.id === ownId) return false
    // A note may be left of a key that was never written, or is gone.
    return (await this.#keyOf(noted.id))?.digest === digest
  }

  async note({ id, digest }: KeyRecord, expiresAt: Millis | null): Promise<void> {
    await this.#engine.putDocument({ collection: collections.clientKeys, key: digest, value: id, expiresAt })
    this.#cache.forget(digest)
  }

  async forget({ digest }: KeyRecord): Promise<void> {
    await this.#engine.removeDocument(collections.clientKeys, digest)
    this.#cache.forget(digest)
  }

  async #load(digest: string): Promise<{ readonly id: string } | undefined> {
    const document = await this.#engine.getDocument(collections.clientKeys, digest)
    return document && { id: document.value as string }
  }
}
