import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textPattern } from './text-pattern.ts'

test('a text contains the pieces between the stars, in their order and in whatever case', () => {
  const expected: readonly (readonly [string, string, boolean])[] = [
    ['lab', 'The LAB answered', true],
    ['lab*500', 'lab answered 500', true],
    ['500*lab', 'lab answered 500', false],
    ['aa*a', 'aa', false],
    ['aa*a', 'aaa', true],
    ['*', '', true],
    ['**x**', 'box', true],
    ['x', '', false],
    ['%_', 'anything', false],
    ['(a+', 'f(a+b)', true],
    ['ärger', 'Viel ÄRGER', true],
  ]
  for (const [pattern, text, matches] of expected)
    assert.equal(textPattern(pattern)(text), matches, `${pattern} in ${text}`)
})
