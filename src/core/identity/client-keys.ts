import type { Millis } from '../clock.ts'
import type { Documents } from '../engine-api.ts'
import type { IdentityEngine } from './documents.ts'
import { FreshCache } from './fresh-cache.ts'
import { collections, type KeyRecord } from './model.ts'
import { digestOf } from './token.ts'

/** Which key a client key belongs to: their texts are chosen by people and name no key, so there is an index of their digests. */
export class ClientKeys {
  readonly #engine: IdentityEngine
  readonly #cache: FreshCache<{ readonly id: string }>

  constructor(engine: IdentityEngine) {
    this.#engine = engine
    this.#cache = new FreshCache((digest) => this.#load(digest))
  }

  /** Synchronous while it is in the cache. That the key has this text still is for the caller to check. */
  idOf(text: string, now: Millis): { readonly id: string } | undefined | Promise<{ readonly id: string } | undefined> {
    return this.#cache.get(digestOf(text), now)
  }

  /** Whether another key has this text. */
  isTaken(documents: Documents, { id, digest }: KeyRecord): boolean {
    const noted = documents.get(collections.clientKeys, digest)?.value as string | undefined
    if (noted === undefined || noted === id) return false
    // A note may be left of a key that is gone.
    return (documents.get(collections.keys, noted)?.value as KeyRecord | undefined)?.digest === digest
  }

  put(documents: Documents, { id, digest }: KeyRecord, expiresAt: Millis | null): void {
    documents.put({ collection: collections.clientKeys, key: digest, value: id, expiresAt })
  }

  remove(documents: Documents, { id, digest }: KeyRecord): void {
    const noted = documents.get(collections.clientKeys, digest)
    if (noted?.value === id) documents.remove(collections.clientKeys, digest)
  }

  /** From now on it is read anew which key has this text. */
  forget({ digest }: KeyRecord): void {
    this.#cache.forget(digest)
  }

  async #load(digest: string): Promise<{ readonly id: string } | undefined> {
    const document = await this.#engine.getDocument(collections.clientKeys, digest)
    return document && { id: document.value as string }
  }
}
