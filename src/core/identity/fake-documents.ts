import type { StoredDocument } from '../store.ts'
import type { IdentityEngine } from './documents.ts'

/** As much of an engine as the identity model uses, for its tests. */
export interface FakeDocuments {
  readonly engine: IdentityEngine
  /** Queues that every account has. */
  hasQueues: boolean
  reads(): number
  writes(): number
  /** All that is stored. */
  text(): string
}

export const fakeDocuments = (): FakeDocuments => {
  const documents = new Map<string, StoredDocument>()
  const place = (collection: string, key: string) => `${collection}\u0000${key}`
  let reads = 0
  let writes = 0

  const engine: IdentityEngine = {
    async getDocument(collection, key) {
      reads++
      return structuredClone(documents.get(place(collection, key)))
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
      const at = place(document.collection, document.key)
      if (ifAbsent && documents.has(at)) return false
      writes++
      documents.set(at, structuredClone(document))
      return true
    },
    async removeDocument(collection, key) {
      writes++
      documents.delete(place(collection, key))
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
    text: () => JSON.stringify([...documents.values()]),
  }
  return fake
}
