import { escapeNul } from '../code-points.ts'
import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
import type { DocumentRow } from '../overlay/state.ts'
import type { Changes } from '../rows.ts'
import { exactly, type Writing } from './writing.ts'

export const documentWrites = (
  { schema, overlay, stamp }: Writing,
  { inserts, updates, deletes, puts }: Changes<string, DocumentRow>,
): Statement[] => {
  const statements: Statement[] = []
  if (deletes.length > 0) {
    deletes.sort((a, b) => (a.key < b.key ? -1 : 1))
    const { from, values } = givenRows(deletes, {
      c: ['text', ({ value }) => value.collection],
      k: ['text', ({ value }) => escapeNul(value.key)],
      s: ['int4', ({ stamp: read }) => read],
    })
    const statement = `DELETE FROM ${schema}.document o USING ${from}
      WHERE o.collection = k.c COLLATE "C" AND o.key = k.k COLLATE "C" AND o.stamp = k.s`
    statements.push({ text: exactly(deletes.length, statement), values })
  }
  const unread = [...overlay.documentsRemovedUnread()]
  if (unread.length > 0) {
    const { from, values } = givenRows(unread, {
      c: ['text', ({ collection }) => collection],
      k: ['text', ({ key }) => escapeNul(key)],
    })
    statements.push({
      text: `DELETE FROM ${schema}.document o USING ${from} WHERE o.collection = k.c COLLATE "C" AND o.key = k.k COLLATE "C"`,
      values,
    })
  }
  if (updates.length > 0) {
    updates.sort((a, b) => (documentOrder(a.value) < documentOrder(b.value) ? -1 : 1))
    const { from, values } = givenRows(updates, {
      c: ['text', ({ value }) => value.collection],
      k: ['text', ({ value }) => escapeNul(value.key)],
      v: ['text', ({ value }) => value.json],
      e: ['int8', ({ value }) => value.expiresAt],
      n: ['int4', () => stamp],
      s: ['int4', ({ stamp: read }) => read],
    })
    const statement = `UPDATE ${schema}.document o SET value = k.v, expires_at = k.e, stamp = k.n FROM ${from}
      WHERE o.collection = k.c COLLATE "C" AND o.key = k.k COLLATE "C" AND o.stamp = k.s`
    statements.push({ text: exactly(updates.length, statement), values })
  }
  for (const [documents, conflict] of [
    [inserts, ''],
    [
      puts,
      `ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at,
        stamp = excluded.stamp`,
    ],
  ] as const) {
    if (documents.length === 0) continue
    documents.sort((a, b) => (documentOrder(a) < documentOrder(b) ? -1 : 1))
    const { from, values } = givenRows(documents, {
      c: ['text', ({ collection }) => collection],
      k: ['text', ({ key }) => escapeNul(key)],
      v: ['text', ({ json }) => json],
      e: ['int8', ({ expiresAt }) => expiresAt],
      s: ['int4', () => stamp],
    })
    statements.push({
      text: `INSERT INTO ${schema}.document (collection, key, value, expires_at, stamp) SELECT * FROM ${from} ${conflict}`,
      values,
    })
  }
  return statements
}

const documentOrder = ({ collection, key }: DocumentRow): string => `${collection}\n${key}`
