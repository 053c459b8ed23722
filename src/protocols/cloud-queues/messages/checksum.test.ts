import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { checksumOf } from './checksum.ts'

const md5 = (text: string): string => `MD5:${hash('md5', text, 'hex')}`

test('the checksum is that of the text that Python writes', () => {
  // Each as `json.dumps(json.loads(…))` of Python 3.11 has it.
  for (const [body, written] of [
    ['{"b":1,"2":[true,null,{}],"a":[]}', '{"b": 1, "2": [true, null, {}], "a": []}'],
    [' [ 1 , 2 ]\n', '[1, 2]'],
    ['"a, b: \\"c\\" \\\\"', '"a, b: \\"c\\" \\\\"'],
    [
      '"Grüße \u007f \\u00e9 \\/ \\ud83d\\ude00 😀 \\ud800 \\t"',
      '"Gr\\u00fc\\u00dfe \\u007f \\u00e9 / \\ud83d\\ude00 \\ud83d\\ude00 \\ud800 \\t"',
    ],
    ['12345678901234567890', '12345678901234567890'],
    ['-0', '0'],
    ['-0.0', '-0.0'],
    ['1.0', '1.0'],
    ['1.50', '1.5'],
    ['0.1', '0.1'],
    ['1E5', '100000.0'],
    ['1e15', '1000000000000000.0'],
    ['1e16', '1e+16'],
    ['123456789012345680.0', '1.2345678901234568e+17'],
    ['-1.5e300', '-1.5e+300'],
    ['0.0001', '0.0001'],
    ['0.00012345', '0.00012345'],
    ['0.00001', '1e-05'],
    ['5e-324', '5e-324'],
    ['1e400', 'Infinity'],
    ['123.456', '123.456'],
    ['720676582048305.2', '720676582048305.2'],
  ] as const) {
    assert.equal(checksumOf(body), md5(written), body)
  }
})
