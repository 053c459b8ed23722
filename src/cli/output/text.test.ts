import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fit, printable, printableLines, widthOf } from './text.ts'

test('escape sequences from messages do not reach the terminal', () => {
  assert.equal(printable('\u001b[31mred\u001b[0m\n\tx'), '\\u001b[31mred\\u001b[0m\\n\\tx')
  assert.equal(printable('a\u202eb'), 'a\\u202eb')
  assert.equal(printableLines('one\r\ntwo\u0007'), 'one\ntwo\\u0007')
})

test('width counts columns, not code units', () => {
  assert.equal(widthOf('abc'), 3)
  assert.equal(widthOf('e\u0301'), 1)
  assert.equal(widthOf('日本'), 4)
  assert.equal(widthOf('👩‍🚀!'), 3)
})

test('a long text is cut to its room', () => {
  assert.equal(fit('short', 5), 'short')
  assert.equal(fit('too long', 5), 'too …')
  assert.equal(fit('日本語です', 5), '日本…')
  assert.equal(widthOf(fit('x'.repeat(100_000), 20)), 20)
})
