import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ring } from './ring.ts'

const ring = () => new Ring({ stepMs: 10, size: 4, width: 2 })

test('the latest steps are kept, and gaps stay empty', () => {
  const values = ring()
  values.put(10, [1, 100])
  values.put(12, [3, 300])
  assert.deepEqual(values.column(0, 12), [null, 1, null, 3])
  values.put(13, [4, 400])
  values.put(14, [5, 500])
  assert.deepEqual(values.column(1, 14), [null, 300, 400, 500])
  assert.deepEqual(values.column(0, 16), [4, 5, null, null])
  values.put(100, [9, 900])
  assert.deepEqual(values.column(0, 100), [null, null, null, 9])
  values.put(14, [7, 7])
  assert.deepEqual(values.column(0, 100), [null, null, null, 9], 'a step that is over is left alone')
})

test('what was saved is there again, unless there is something newer or the shape is another', () => {
  const values = ring()
  values.put(5, [1.5, 2.5])
  const copy = ring()
  copy.load(values.save())
  assert.deepEqual(copy.column(1, 5), [null, null, null, 2.5])
  copy.put(6, [3, 4])
  copy.load(values.save())
  assert.deepEqual(copy.column(0, 6), [null, null, 1.5, 3])
  const other = new Ring({ stepMs: 10, size: 8, width: 2 })
  other.load(values.save())
  assert.equal(other.last, -1)
})
