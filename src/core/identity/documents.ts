import type { Documents, QueueEngine } from '../engine-api.ts'
import type { ListQueues } from '../requests.ts'
import type { StoredDocument } from '../store.ts'

/** What accounts and keys need of an engine. */
export interface IdentityEngine
  extends Pick<QueueEngine, 'getDocument' | 'listDocuments' | 'putDocument' | 'removeDocument' | 'changeDocuments'> {
  listQueues(request: ListQueues): Promise<{ queues: readonly { name: string }[]; next: string | null }>
}

/** A document that nobody changes before the transaction is over. It is written again as it is, for one that is only read may have changed by then. */
export const held = (documents: Documents, collection: string, key: string): StoredDocument | undefined => {
  const document = documents.get(collection, key)
  if (document) documents.put(document)
  return document
}

/** Whether something may be removed still; asked in the transaction that would do it. */
export type MayRemove = (documents: Documents) => boolean

export const always: MayRemove = () => true

/** All documents of a collection, a page at a time. */
export async function* allDocuments(
  engine: Pick<IdentityEngine, 'listDocuments'>,
  query: { collection: string; prefix?: string },
): AsyncGenerator<StoredDocument> {
  const limit = 1000
  let page = await engine.listDocuments({ ...query, limit })
  while (true) {
    yield* page
    const last = page.at(-1)
    if (!last || page.length < limit) return
    page = await engine.listDocuments({ ...query, limit, after: last.key })
  }
}
