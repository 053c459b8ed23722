import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exactJson } from './exact-json.ts'

test('numbers keep their digits', () => {
  const text = '{"a":[12345678901234567890,1.0,1e2,5],"b":"1.0","c":null}'
  assert.equal(JSON.stringify(exactJson(text)), text)
  assert.deepEqual(exactJson('{"a":5}'), { a: 5 })
})
