import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOf, copyOf, strictTextOf, textOf } from './bytes.ts'

test('text comes back from its bytes', () => {
  for (const text of ['', 'ascii', 'ünïcode €', '\u{1F600}', '\ufeffmark']) {
    const bytes = bytesOf(text)
    assert.deepEqual(new Uint8Array(bytes), new TextEncoder().encode(text))
    for (const same of [bytes, new Uint8Array(bytes)]) {
      assert.equal(textOf(same), text)
      assert.equal(strictTextOf(same), text)
    }
  }
  assert.equal(strictTextOf(new Uint8Array([0xff, 0x41])), undefined)
  assert.equal(textOf(new Uint8Array([0xff, 0x41])), '\ufffdA')
})

test('a copy is a copy', () => {
  const bytes = new Uint8Array([1, 2, 3])
  const copy = copyOf(bytes)
  bytes[0] = 9
  assert.deepEqual([...copy], [1, 2, 3])
})
