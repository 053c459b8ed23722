import type { QueueEngine } from '../engine-api.ts'
import type { ListQueues } from '../requests.ts'
import type { StoredDocument } from '../store.ts'

/** What accounts and keys need of an engine. */
export interface IdentityEngine
  extends Pick<QueueEngine, 'getDocument' | 'listDocuments' | 'putDocument' | 'removeDocument' | 'changeDocuments'> {
  listQueues(request: ListQueues): Promise<{ queues: readonly { name: string }[]; next: string | null }>
}

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
