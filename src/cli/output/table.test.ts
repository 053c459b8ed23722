import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Column, propertyLines, tableLines } from './table.ts'

interface Row {
  readonly name: string
  readonly count: number
  readonly text: string
}

const columns: readonly Column<Row>[] = [
  { header: 'NAME', value: (row) => row.name },
  { header: 'COUNT', value: (row) => String(row.count), align: 'right' },
  { header: 'TEXT', value: (row) => row.text, flexible: true },
]
const rows: readonly Row[] = [
  { name: 'orders', count: 5, text: 'a somewhat longer text' },
  { name: 'é日', count: 12_345, text: 'b' },
]

test('columns are as wide as what is in them', () => {
  assert.deepEqual(tableLines(rows, columns), [
    'NAME    COUNT  TEXT',
    'orders      5  a somewhat longer text',
    'é日     12345  b',
  ])
})

test('the flexible column is cut to the terminal', () => {
  assert.deepEqual(tableLines(rows, columns, 30), [
    'NAME    COUNT  TEXT',
    'orders      5  a somewhat lon…',
    'é日     12345  b',
  ])
})

test('a terminal that is too narrow for anything still gets some of it', () => {
  assert.equal(tableLines(rows, columns, 5)[1], 'orders      5  a somew…')
})

test('properties are aligned, further lines of a value below its first', () => {
  assert.deepEqual(
    propertyLines([
      ['id', 'x'],
      ['body', 'one\ntwo'],
    ]),
    ['id    x', 'body  one\n      two'],
  )
})
