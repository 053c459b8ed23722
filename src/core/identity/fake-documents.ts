import type { Documents } from '../engine-api.ts'
import type { StoredDocument } from '../store.ts'
import type { IdentityEngine } from './documents.ts'

/** As much of an engine as the identity model uses, for its tests. */
export interface FakeDocuments {
  readonly engine: IdentityEngine
  /** Queues that every account has. */
  hasQueues: boolean
  reads(): number
  writes(): number
  /** All that is stored and does not go by itself. */
  text(): string
}

export const fakeDocuments = (): FakeDocuments => {
  const documents = new Map<string, StoredDocument>()
  const place = (collection: string, key: string) => `${collection}\u0000${key}`
  let reads = 0
  let writes = 0

  const within: Documents = {
    get: (collection, key) => structuredClone(documents.get(place(collection, key))),
    put(document) {
      writes++
      documents.set(place(document.collection, document.key), structuredClone(document))
    },
    remove(collection, key) {
      writes++
      documents.delete(place(collection, key))
    },
  }
  const engine: IdentityEngine = {
    async getDocument(collection, key) {
      reads++
      return within.get(collection, key)
    },
    async listDocuments({ collection, prefix = '', after, limit }) {
      reads++
      return documents
        .values()
        .filter((document) => document.collection === collection && document.key.startsWith(prefix))
        .filter((document) => after === undefined || document.key > after)
        .toArray()
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, limit)
    },
    async putDocument(document, { ifAbsent = false } = {}) {
      if (ifAbsent && within.get(document.collection, document.key)) return false
      within.put(document)
      return true
    },
    async removeDocument(collection, key) {
      within.remove(collection, key)
    },
    async changeDocuments(change) {
      return change(within)
    },
    async listQueues() {
      return { queues: fake.hasQueues ? [{ name: 'orders' }] : [], next: null }
    },
  }
  const fake: FakeDocuments = {
    engine,
    hasQueues: false,
    reads: () => reads,
    writes: () => writes,
    text: () => JSON.stringify([...documents.values()].filter(({ expiresAt }) => expiresAt === null)),
  }
  return fake
}
