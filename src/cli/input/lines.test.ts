import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { type InputLine, readLines } from './lines.ts'

const read = async (...chunks: Uint8Array[]): Promise<InputLine[]> => {
  const lines: InputLine[] = []
  for await (const line of readLines(Readable.from(chunks))) lines.push(line)
  return lines
}
const bytes = (text: string) => new TextEncoder().encode(text)

test('lines come whole, however the input is cut, and the last one needs no line end', async () => {
  const whole = bytes('one\r\n\nzwölf 👍\nlast')
  const expected = [
    { text: 'one', number: 1 },
    { text: '', number: 2 },
    { text: 'zwölf 👍', number: 3 },
    { text: 'last', number: 4 },
  ]
  assert.deepEqual(await read(whole), expected)
  assert.deepEqual(await read(...Array.from(whole, (_, index) => whole.subarray(index, index + 1))), expected)
  assert.deepEqual(await read(), [])
})

test('what is not UTF-8 is refused with its line', async () => {
  await assert.rejects(read(bytes('a\n'), Uint8Array.of(0xff, 10)), { message: /line 2 .* not UTF-8/ })
  await assert.rejects(read(bytes('a\nb'), Uint8Array.of(0xe2, 0x82)), { message: /line 2 .* not UTF-8/ })
})
