import assert from 'node:assert/strict'
import { test } from 'node:test'
import { all, nothingChosen, only, ranged, stepped, toggled } from './selection.ts'

const rows = ['a', 'b', 'c', 'd', 'e']
const chosen = (selection: { chosen: ReadonlySet<string> }) => [...selection.chosen].sort().join('')

test('clicks choose, add and take ranges', () => {
  const one = only('b')
  assert.equal(chosen(one), 'b')
  assert.equal(chosen(toggled(one, 'd')), 'bd')
  assert.equal(chosen(toggled(toggled(one, 'd'), 'b')), 'd')
  assert.equal(chosen(ranged(one, rows, 'd')), 'bcd')
  assert.equal(chosen(ranged(only('d'), rows, 'b')), 'bcd')
  assert.equal(chosen(ranged(ranged(one, rows, 'e'), rows, 'a')), 'ab', 'the range turns round its anchor')
  assert.equal(chosen(ranged(only('gone'), rows, 'c')), 'c')
})

test('keys step, and take the range along', () => {
  assert.equal(stepped(nothingChosen, rows, 1, false).active, 'a')
  assert.equal(stepped(only('a'), rows, -1, false).active, 'a')
  assert.equal(stepped(only('a'), rows, 'last', false).active, 'e')
  assert.equal(chosen(stepped(stepped(only('b'), rows, 1, true), rows, 1, true)), 'bcd')
  assert.equal(chosen(all(only('c'), rows)), 'abcde')
  assert.equal(all(only('c'), rows).active, 'c')
  assert.deepEqual(stepped(only('a'), [], 1, false), nothingChosen)
})
