import type { Documents } from '../engine-api.ts'
import type { Step } from '../step.ts'
import type { StoredDocument } from '../store.ts'

export const documentsOf = (step: Step): Documents => ({
  get: (collection, key) => unexpired(step, step.tx.document(collection, key)),
  put(document) {
    step.writes++
    step.tx.putDocument(document)
  },
  remove(collection, key) {
    step.writes++
    step.tx.removeDocument(collection, key)
  },
})

export const unexpired = (step: Step, document: StoredDocument | undefined): StoredDocument | undefined =>
  document && (document.expiresAt === null || document.expiresAt > step.now) ? document : undefined
