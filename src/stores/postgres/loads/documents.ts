import { escapeNul } from '../code-points.ts'
import type { Row } from '../columns.ts'
import type { Statement } from '../flight.ts'
import { givenRows } from '../given-rows.ts'
import { documentKey } from '../overlay/keys.ts'
import { Conflict } from '../overlay/state.ts'
import { documentColumns, readDocument } from '../records.ts'
import type { Loading } from './loading.ts'

export const documentsByKey = (loading: Loading, wanted: readonly { collection: string; key: string }[]): Statement => {
  const { schema, overlay, hold } = loading
  const sorted = [...wanted].sort((a, b) =>
    documentKey(a.collection, a.key) < documentKey(b.collection, b.key) ? -1 : 1,
  )
  const { from, values } = givenRows(sorted, {
    c: ['text', ({ collection }) => collection],
    k: ['text', ({ key }) => escapeNul(key)],
  })
  return {
    text: `SELECT ${documentColumns.replaceAll(/(\w+)/g, 'o.$1')} FROM ${from}
      JOIN ${schema}.document o ON o.collection = k.c COLLATE "C" AND o.key = k.k COLLATE "C"
      ${hold ? 'FOR UPDATE OF o' : ''}`,
    values,
    rows: (rows) => {
      const found = new Set(loadDocuments(loading, rows))
      for (const { collection, key } of wanted) {
        const place = documentKey(collection, key)
        if (!found.has(place) && !overlay.documentRows.load(place, undefined, 0)) throw new Conflict()
      }
    },
  }
}

export const loadDocuments = ({ overlay }: Loading, rows: readonly Row[]): string[] =>
  rows.map((row) => {
    const { row: document, stamp } = readDocument(row)
    const key = documentKey(document.collection, document.key)
    if (!overlay.documentRows.load(key, document, stamp)) throw new Conflict()
    return key
  })
