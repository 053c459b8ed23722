import { int4s, int8s, texts } from '../binary.ts'
import { escapeNul } from '../code-points.ts'
import type { Statement } from '../flight.ts'
import type { DocumentRow } from '../overlay/state.ts'
import type { Changes } from '../rows.ts'
import { exactly, type Writing } from './writing.ts'

export const documentWrites = (
  { schema, overlay, stamp }: Writing,
  { inserts, updates, deletes, puts }: Changes<string, DocumentRow>,
): Statement[] => {
  const statements: Statement[] = []
  if (deletes.length > 0) {
    const statement = `DELETE FROM ${schema}.document o USING unnest($1::text[], $2::text[], $3::int4[]) AS k (c, k, s)
      WHERE o.collection = k.c COLLATE "C" AND o.key = k.k COLLATE "C" AND o.stamp = k.s`
    deletes.sort((a, b) => (a.key < b.key ? -1 : 1))
    statements.push({
      text: exactly(deletes.length, statement),
      values: [
        texts(deletes.map(({ value }) => value.collection)),
        texts(deletes.map(({ value }) => escapeNul(value.key))),
        int4s(deletes.map(({ stamp: read }) => read)),
      ],
    })
  }
  const unread = [...overlay.documentsRemovedUnread()]
  if (unread.length > 0) {
    statements.push({
      text: `DELETE FROM ${schema}.document o USING unnest($1::text[], $2::text[]) AS k (c, k)
        WHERE o.collection = k.c COLLATE "C" AND o.key = k.k COLLATE "C"`,
      values: [texts(unread.map(({ collection }) => collection)), texts(unread.map(({ key }) => escapeNul(key)))],
    })
  }
  if (updates.length > 0) {
    updates.sort((a, b) => (documentOrder(a.value) < documentOrder(b.value) ? -1 : 1))
    const statement = `UPDATE ${schema}.document o SET value = k.v, expires_at = k.e, stamp = $6::int4
      FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[], $5::int4[]) AS k (c, k, v, e, s)
      WHERE o.collection = k.c COLLATE "C" AND o.key = k.k COLLATE "C" AND o.stamp = k.s`
    statements.push({
      text: exactly(updates.length, statement),
      values: [
        ...documentValues(updates.map(({ value }) => value)),
        int4s(updates.map(({ stamp: read }) => read)),
        stamp,
      ],
    })
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
    statements.push({
      text: `INSERT INTO ${schema}.document (collection, key, value, expires_at, stamp)
        SELECT *, $5::int4 FROM unnest($1::text[], $2::text[], $3::text[], $4::int8[]) ${conflict}`,
      values: [...documentValues(documents), stamp],
    })
  }
  return statements
}

const documentOrder = ({ collection, key }: DocumentRow): string => `${collection}\n${key}`

const documentValues = (documents: readonly DocumentRow[]) => [
  texts(documents.map(({ collection }) => collection)),
  texts(documents.map(({ key }) => escapeNul(key))),
  texts(documents.map(({ json }) => json)),
  int8s(documents.map(({ expiresAt }) => expiresAt)),
]
