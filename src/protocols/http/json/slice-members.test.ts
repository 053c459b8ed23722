import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JsonSyntaxError } from './slice-batch.ts'
import { sliceMembers } from './slice-members.ts'

const slice = (text: string) => {
  const members = sliceMembers(Buffer.from(text))
  return members && Object.fromEntries(Array.from(members, ([name, bytes]) => [name, bytes.toString()]))
}

test('members have their text as it was sent', () => {
  assert.deepEqual(slice(' {"a" : {"x": 1.50 , "y":[1e2]},"b":"\\u00e9 é", "\\u0063":12345678901234567890 } '), {
    a: '{"x": 1.50 , "y":[1e2]}',
    b: '"\\u00e9 é"',
    c: '12345678901234567890',
  })
  assert.deepEqual(slice('{}'), {})
  assert.deepEqual(slice('{"a":1,"a":2}'), { a: '2' })
  assert.equal(sliceMembers(Buffer.from('{"__proto__":1}'))?.get('__proto__')?.toString(), '1')
})

test('what is JSON, but no object, is null', () => {
  for (const text of ['[]', '"x"', '7', 'null', ' true ']) assert.equal(slice(text), null)
})

test('what is not JSON is an error', () => {
  for (const text of ['', '{', '{"a"}', '{"a":1}x', '{a:1}', '[object Object]', '{"a":01}']) {
    assert.throws(() => slice(text), JsonSyntaxError, text)
  }
})
