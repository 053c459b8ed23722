import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { batches } from './given-changes.ts'

const rows = (...ofPlaces: readonly number[]) =>
  ofPlaces.flatMap((count, place) => Array.from({ length: count }, (_, key) => ({ place, key })))
const isSamePlace = (a: { place: number }, b: { place: number }) => a.place === b.place

const shape = (scans: boolean, ...ofPlaces: readonly number[]) =>
  batches(rows(...ofPlaces), isSamePlace, scans).map(({ items, isScanned }) => [items.length, isScanned])

describe('rows that change', () => {
  test('are scanned for where they are many of one place, and joined otherwise', () => {
    assert.deepEqual(shape(true), [])
    assert.deepEqual(shape(true, 3), [[3, false]])
    assert.deepEqual(shape(true, 20), [[20, true]])
    // A statement for each would cost more than the scans save.
    assert.deepEqual(shape(true, 20, 20, 20), [[60, false]])
    const many = [
      [3, false],
      [100, true],
      [200, true],
      [45, false],
    ]
    assert.deepEqual(shape(true, 1, 2, 100, 200, 5, 40), many)
    assert.deepEqual(shape(false, 1, 2, 100, 200, 5, 40), [[348, false]])
  })

  test('keep their order, in which transactions wait for each other', () => {
    const all = rows(1, 100, 2, 100, 3)
    assert.deepEqual(
      batches(all, isSamePlace, true).flatMap(({ items }) => items),
      all,
    )
  })
})
