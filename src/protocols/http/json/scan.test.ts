import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { jsonErrorAt, maxJsonDepth } from './scan.ts'

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The text at every alignment that a request's bytes may have in the buffer they are a part of. */
const placed = (text: string, offset: number): Buffer => {
  const length = Buffer.byteLength(text)
  const room = Buffer.alloc(length + 16, '"\\')
  room.write(text, offset)
  return room.subarray(offset, offset + length)
}

const agrees = (text: string) => {
  for (let offset = 0; offset < 4; offset++) {
    assert.equal(jsonErrorAt(placed(text, offset)) === -1, parses(text), `${JSON.stringify(text)} at ${offset}`)
  }
}

suite('the JSON scanner', () => {
  test('accepts what JSON.parse accepts', () => {
    const texts = ['0', '-0', '1.0', '1e5', '1E+5', '-12.5e-10', '12345678901234567890', 'true', 'false', 'null', '""']
    for (const text of [...texts, '"\\u00e4\\n\\/\\""', ' [ ] ', '{}', '\t{"a" : [1 , {"b":null}]}\r\n', '"ä€𝄞"']) {
      assert.equal(jsonErrorAt(Buffer.from(text)), -1, text)
      agrees(text)
    }
  })

  test('refuses what JSON.parse refuses', () => {
    const words = [
      '',
      ' ',
      'tru',
      'nul',
      'falsey',
      'True',
      'NaN',
      'undefined',
      'Infinity',
      "'a'",
      '/**/1',
      '1 2',
      '\ufeff1',
    ]
    const numbers = ['01', '-', '+1', '.5', '1.', '1.e5', '1e', '1e+', '0x1', '--1', '1_000', '-a']
    const strings = ['"', '"a', '"\\"', '"\\x"', '"\\u12g4"', '"\\u12', '"\n"', '"\t"', '"\u0000"', '"a\\']
    const nests = [
      '[',
      ']',
      '[1',
      '[1,',
      '[1,]',
      '[,1]',
      '[1 2]',
      '{',
      '}',
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{a:1}',
      '{"a" 1}',
    ]
    for (const text of [...words, ...numbers, ...strings, ...nests, '{"a":1 "b":2}', '{,}', '[}', '{]', '{1:2}']) {
      assert.notEqual(jsonErrorAt(Buffer.from(text)), -1, text)
      agrees(text)
    }
  })

  test('finds what is special at every place of a long string', () => {
    for (const special of ['"', '\\', '\\n', '\\u00e4', '\n', '\u001f', '\u0000', '\u007f', 'ä', '\u0080', '\u0020']) {
      for (let place = 0; place <= 40; place++) agrees(`["${'x'.repeat(place)}${special}${'y'.repeat(40 - place)}"]`)
    }
  })

  test('says where a text goes wrong', () => {
    assert.equal(jsonErrorAt(Buffer.from('{"a":1,}')), 7)
    assert.equal(jsonErrorAt(Buffer.from('[1, nux]')), 6)
    assert.equal(jsonErrorAt(Buffer.from('"abc')), 4)
    assert.equal(jsonErrorAt(Buffer.from('1 x')), 2)
  })

  test('takes nesting up to its limit', () => {
    const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`
    assert.equal(jsonErrorAt(Buffer.from(nested(maxJsonDepth))), -1)
    assert.notEqual(jsonErrorAt(Buffer.from(nested(maxJsonDepth + 2))), -1)
    assert.notEqual(jsonErrorAt(Buffer.from('['.repeat(1_000_000))), -1)
  })

  test('agrees with JSON.parse on any JSON text', () => {
    fc.assert(fc.property(fc.json({ stringUnit: 'binary', maxDepth: 6 }), agrees))
    fc.assert(fc.property(fc.jsonValue(), (value) => agrees(JSON.stringify(value, null, 2))))
  })

  test('agrees with JSON.parse on texts with a piece changed', () => {
    const pieces = fc.constantFrom(
      '',
      '"',
      '\\',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      '0',
      '-',
      '.',
      'e',
      ' ',
      '\n',
      't',
      'u',
      'ä',
    )
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), pieces, fc.nat(), fc.nat(2), (text, piece, place, gone) => {
        const at = place % (text.length + 1)
        agrees(text.slice(0, at) + piece + text.slice(at + gone))
      }),
      { numRuns: 2000 },
    )
  })

  test('agrees with JSON.parse on rubbish', () => {
    const unit = fc.constantFrom(...'{}[]",:\\0123.eE+-tfnrualse \n\u0001ä')
    fc.assert(fc.property(fc.string({ unit, maxLength: 12 }), agrees), { numRuns: 5000 })
  })
})
