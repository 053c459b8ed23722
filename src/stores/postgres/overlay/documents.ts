import type { Millis } from '../../../core/clock.ts'
import type { StoredDocument } from '../../../core/store.ts'
import { codePointOrder } from '../code-points.ts'
import type { RangeNeed } from '../needs.ts'
import { rangeOf } from '../rows.ts'
import { documentKey } from './keys.ts'
import type { DocumentRow, OverlayState } from './state.ts'

export const document = (state: OverlayState, collection: string, key: string): StoredDocument | undefined => {
  const place = documentKey(collection, key)
  if (!state.documentRows.isKnown(place)) {
    state.needs.documents.set(place, { collection, key })
    state.miss()
  }
  const row = state.documentRows.get(place)
  return row && asDocument(row)
}

export const documents = (
  state: OverlayState,
  query: { collection: string; prefix?: string; after?: string; limit: number },
): StoredDocument[] => {
  const { collection, prefix = '', after, limit } = query
  const need: RangeNeed = { of: 'documents', collection, prefix, after, limit }
  const range = state.range<string>(need)
  const found = rangeOf(state.documentRows, range, {
    limit,
    matches: (row) =>
      row.collection === collection &&
      row.key.startsWith(prefix) &&
      (after === undefined || codePointOrder(row.key, after) > 0),
    compare: (a, b) => codePointOrder(a.key, b.key),
  })
  return state.within(need, found).map(asDocument)
}

export const expiredDocuments = (state: OverlayState, now: Millis, limit: number): StoredDocument[] => {
  const need: RangeNeed = { of: 'expired-documents', now, limit }
  const range = state.range<string>(need)
  const found = rangeOf(state.documentRows, range, {
    limit,
    matches: ({ expiresAt }) => expiresAt !== null && expiresAt <= now,
    compare: (a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0),
  })
  const documents = state.within(need, found).map(asDocument)
  state.sawDue(now, documents.length === limit)
  return documents
}

export const putDocument = (state: OverlayState, { collection, key, value, expiresAt }: StoredDocument): void => {
  state.documentRows.put(documentKey(collection, key), { collection, key, json: JSON.stringify(value), expiresAt })
}

export const removeDocument = (state: OverlayState, collection: string, key: string): void => {
  const place = documentKey(collection, key)
  state.documentRows.remove(place)
  if (!state.documentRows.loaded.has(place)) state.removedUnread.set(place, { collection, key })
}

/** Documents that were removed without a look at them. */
export function* documentsRemovedUnread(
  state: OverlayState,
): Generator<{ readonly collection: string; readonly key: string }> {
  for (const [place, document] of state.removedUnread) {
    if (!state.documentRows.loaded.has(place) && state.documentRows.get(place) === undefined) yield document
  }
}

const asDocument = ({ collection, key, json, expiresAt }: DocumentRow): StoredDocument => ({
  collection,
  key,
  value: JSON.parse(json) as unknown,
  expiresAt,
})
