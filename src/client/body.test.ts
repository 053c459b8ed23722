import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyForm, isJsonType as isJsonTypeOfServer } from '../protocols/http/body-form.ts'
import { fromBase64, slowFromBase64, slowToBase64, toBase64 } from './base64.ts'
import { encodeBody, formOf, isJsonType } from './body.ts'
import { sendBatchBody } from './http/encode.ts'
import { exactWeightOf, outgoing, weightOf } from './outgoing.ts'

const types = [
  'application/json',
  'application/json; charset=utf-8',
  'APPLICATION/JSON ;x',
  'application/vnd.acme.order+json',
  'text/json',
  'application/jsonp',
  'application/x-ndjson',
  'image/svg+xml',
  'application/xml',
  'application/soap+xml; charset=utf-8',
  'application/x-www-form-urlencoded',
  'text/plain',
  'text/html; charset=iso-8859-1',
  'application/octet-stream',
  'image/png',
  'json',
  '',
]

test('content types mean what they mean to the server', () => {
  for (const type of types) {
    assert.equal(isJsonType(type), isJsonTypeOfServer(type), type)
    assert.equal(formOf(type), bodyForm(type), type)
  }
  assert.equal(formOf(null), bodyForm(null))
})

test('bodies take the form that fits them', () => {
  assert.deepEqual(encodeBody({ a: 1 }), { form: 'json', body: '{"a":1}', contentType: undefined })
  assert.deepEqual(encodeBody('a'), { form: 'text', body: 'a', contentType: undefined })
  assert.deepEqual(encodeBody('[1 ]', 'text/json'), { form: 'json', body: '[1 ]', contentType: 'text/json' })
  const bytes = Buffer.from('[1]')
  assert.deepEqual(encodeBody(bytes), { form: 'bytes', body: bytes, contentType: undefined })
  assert.equal(encodeBody(bytes, 'application/json').form, 'bytes')
  assert.equal(encodeBody({ toJSON: () => 'x' }).body, '"x"')
})

test('base64 is the same by every way', () => {
  for (const length of [0, 1, 2, 3, 1000, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 7919) % 256)
    const text = Buffer.from(bytes).toString('base64')
    assert.equal(toBase64(bytes), text)
    assert.equal(slowToBase64(bytes), text)
    assert.deepEqual(fromBase64(text), bytes)
    assert.deepEqual(slowFromBase64(text), bytes)
  }
})

test('a message never weighs more on the wire than was thought', () => {
  const texts = [
    '',
    'plain',
    'ünïcode',
    '\u{1F600}'.repeat(100),
    '"quoted\\'.repeat(50),
    '\u2028€',
    '\u0000'.repeat(100),
  ]
  for (const body of [...texts, { texts }, new Uint8Array(1000)]) {
    const options = { attributes: { name: 'Jürgen' }, clientId: '\u0001'.repeat(1000), delayMs: 3600, priority: 5 }
    for (const record of [outgoing(body, undefined), outgoing(body, options)]) {
      assert.ok(exactWeightOf(record) <= weightOf(record))
      assert.ok(Buffer.byteLength(sendBatchBody([record])) <= exactWeightOf(record))
    }
  }
})

test('attributes are an object', () => {
  for (const attributes of [[], null, 'x', 5]) {
    assert.throws(() => outgoing('a', { attributes: attributes as never }), /attributes must be an object/)
  }
})
