import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyText, hexDump, indentedJson, indentedXml } from './body-text.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('JSON is indented without touching its values', () => {
  assert.equal(
    indentedJson('{"a":[1,{"b":[]}],"n":12345678901234567890.0,"t":"{\\"x\\": 1, ]}","e":{}}'),
    '{\n  "a": [\n    1,\n    {\n      "b": []\n    }\n  ],\n  "n": 12345678901234567890.0,\n  "t": "{\\"x\\": 1, ]}",\n  "e": {}\n}',
  )
  assert.equal(indentedJson('"text"'), '"text"')
  assert.equal(indentedJson('{'), undefined)
})

test('XML is indented', () => {
  assert.equal(
    indentedXml('<?xml version="1.0"?><a x="1"><b>text</b><c/><!-- no > here --><d></d></a>'),
    '<?xml version="1.0"?>\n<a x="1">\n  <b>text</b>\n  <c/>\n  <!-- no > here -->\n  <d></d>\n</a>',
  )
})

test('a body is shown as what it is', () => {
  assert.equal(bodyText(bytes('{"a":1}'), 'application/json').kind, 'JSON')
  assert.equal(bodyText(bytes('{"a":1}'), 'text/plain').kind, 'JSON')
  assert.equal(bodyText(bytes('42'), 'text/plain').kind, 'Text')
  assert.equal(bodyText(bytes('<a/>'), 'application/xml').kind, 'XML')
  assert.equal(bodyText(bytes('a < b'), 'text/plain').kind, 'Text')
  assert.equal(bodyText(Uint8Array.of(0xff, 0xfe, 0), 'text/plain').kind, 'Bytes')
  assert.equal(bodyText(Uint8Array.of(), null).kind, 'Empty')
})

test('bytes are shown as hex beside what can be printed', () => {
  assert.equal(
    hexDump(bytes('0123456789abcdef\n!')),
    '00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef\n' +
      '00000010  0a 21                                            ·!',
  )
})
