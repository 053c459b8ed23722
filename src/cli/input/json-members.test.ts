import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonMembers } from './json-members.ts'

test('members keep their text to the letter', () => {
  const text =
    ' { "a" : 12345678901234567890 , "b":{"2":1, "1":[ "}" ]},"c":"\\"x\\\\", "\\u0064": null,"e":[],"a":1.0 } '
  assert.deepEqual(
    [...jsonMembers(text)],
    [
      ['a', '1.0'],
      ['b', '{"2":1, "1":[ "}" ]}'],
      ['c', '"\\"x\\\\"'],
      ['d', 'null'],
      ['e', '[]'],
    ],
  )
  assert.equal(jsonMembers('{}').size, 0)
})

test('whatever the object, each member is what JSON makes of it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 2), (object, indent) => {
      const members = jsonMembers(JSON.stringify(object, null, indent))
      assert.deepEqual(
        Object.fromEntries([...members].map(([name, value]) => [name, JSON.parse(value)])),
        JSON.parse(JSON.stringify(object)),
      )
    }),
  )
})
