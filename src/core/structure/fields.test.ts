import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Field } from './declared.ts'
import { maxViolations } from './declared.ts'
import { compileFields } from './fields.ts'

const faults = (fields: readonly Field[], message: unknown) => compileFields(fields)(message).violations
const accepts = (field: Omit<Field, 'name'>, value: unknown) =>
  faults([{ name: 'it', ...field }], { it: value }).length === 0

suite('a declared list of fields', () => {
  const welcome: Field[] = [
    { name: 'name', type: 'text', required: true },
    { name: 'email', type: 'email', required: true },
    { name: 'age', type: 'integer' },
    { name: 'tags', type: 'text', list: true },
    { name: 'address', type: 'object', fields: [{ name: 'city', type: 'text', required: true }] },
  ]

  test('takes what fits, and what it does not name', () => {
    assert.deepEqual(faults(welcome, { name: 'Rooby', email: 'rooby@example.com', other: { deep: 1 } }), [])
    assert.deepEqual(
      faults(welcome, { name: '', email: 'r@e.co', age: 3, tags: [], address: { city: 'Ulm', zip: 1 } }),
      [],
    )
  })

  test('tells every faulty field, once each and all together', () => {
    assert.deepEqual(faults(welcome, { name: 12, age: '5', tags: ['a', 7, 'b', null], address: { city: 7 } }), [
      { field: 'name', rule: 'type', message: "'name' must be a text.", type: 'text', value: 12 },
      { field: 'email', rule: 'required', message: "'email' is required." },
      {
        field: 'age',
        rule: 'type',
        message: "'age' must be a whole number within ±(2^53 - 1).",
        type: 'integer',
        value: '5',
      },
      { field: 'tags.1', rule: 'type', message: "'tags.1' must be a text.", type: 'text', value: 7 },
      { field: 'tags.3', rule: 'type', message: "'tags.3' must be a text.", type: 'text', value: null },
      { field: 'address.city', rule: 'type', message: "'address.city' must be a text.", type: 'text', value: 7 },
    ])
  })

  test('counts what is null as missing', () => {
    assert.deepEqual(faults([{ name: 'a', type: 'text' }], { a: null }), [])
    assert.equal(faults([{ name: 'a', type: 'text', required: true }], { a: null })[0]?.rule, 'required')
  })

  test('takes an object and nothing else', () => {
    for (const message of [null, 1, 'x', true, []]) {
      assert.deepEqual(
        faults([], message).map(({ field, rule }) => [field, rule]),
        [['', 'type']],
      )
    }
    assert.deepEqual(faults([], {}), [])
  })

  test('knows each type, and converts nothing', () => {
    const cases: [Omit<Field, 'name'>, unknown[], unknown[]][] = [
      [{ type: 'text' }, ['', 'x'], [1, true, {}, []]],
      [{ type: 'boolean' }, [true, false], [0, 'true']],
      [
        { type: 'integer' },
        [0, -0, 1.0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
        [1.5, 2 ** 53, -(2 ** 53), JSON.parse('1e400'), '1'],
      ],
      [{ type: 'decimal' }, [0, 1.5, 1e300, 2 ** 60], [JSON.parse('1e400'), '1.5', true]],
      [
        { type: 'date-time' },
        ['2030-01-01T00:00:00Z', '2030-01-01T00:00:00.123+02:00', '2028-02-29T23:59', '2016-12-31T23:59:60Z'],
        ['2030-01-01', '2030-02-29T00:00:00Z', '2030-13-01T00:00:00Z', '2030-01-01T25:00:00Z', 0, 'now'],
      ],
      [
        { type: 'email' },
        ['a@b.co', 'first.last+tag@sub.example.org'],
        ['a', 'a@b', '@b.co', 'a@b..co', 'a b@c.de', 'a@-b.co'],
      ],
      [
        { type: 'link' },
        ['http://x', 'https://example.com/a?b#c'],
        ['example.com', 'ftp://x', 'http://', '/x', 'javascript:alert(1)'],
      ],
      [{ type: 'identifier' }, ['6235e0eb25de47092f4d5300'], ['6235e0eb25de47092f4d530', 'z235e0eb25de47092f4d5300']],
      [{ type: 'object' }, [{}, { a: 1 }], [[], 'x', 1]],
      [{ type: 'any' }, [1, 'x', [], {}], []],
      [{ type: 'integer', list: true }, [[], [1, 2]], [1, ['1'], [[1]], { 0: 1 }]],
    ]
    for (const [field, good, bad] of cases) {
      for (const value of good)
        assert.equal(accepts(field, value), true, `${field.type} takes ${JSON.stringify(value)}`)
      for (const value of bad)
        assert.equal(accepts(field, value), false, `${field.type} refuses ${JSON.stringify(value)}`)
    }
  })

  test('looks at what the message itself has, whatever it is called', () => {
    const fields: Field[] = [
      { name: '__proto__', type: 'text', required: true },
      { name: 'constructor', type: 'text', required: true },
      { name: 'toString', type: 'text', required: true },
    ]
    assert.deepEqual(
      faults(fields, {}).map(({ field, rule }) => `${field} ${rule}`),
      ['__proto__ required', 'constructor required', 'toString required'],
    )
    assert.deepEqual(faults(fields, JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}')), [])
    assert.equal(faults(fields, JSON.parse('{"__proto__":{"constructor":"x"}}')).length, 3)
  })

  test('lists so many violations and counts the rest', () => {
    const found = compileFields([{ name: 'a', type: 'text', list: true }])({ a: Array.from({ length: 500 }, () => 1) })
    assert.deepEqual([found.violations.length, found.more], [maxViolations, 500 - maxViolations])
  })

  test('does not show long values', () => {
    const [long] = faults([{ name: 'a', type: 'integer' }], { a: 'x'.repeat(1_000) })
    assert.equal(long && 'value' in long, false)
  })
})

test('a list of fields that cannot be used is refused with its place', () => {
  const nested = (depth: number): Field[] =>
    depth === 0 ? [] : [{ name: 'a', type: 'object', fields: nested(depth - 1) }]
  const cases: [unknown, RegExp][] = [
    ['x', /fields must be a list/],
    [[1], /fields\[0\] must be an object/],
    [[{ name: '', type: 'text' }], /fields\[0\]\.name must be a text/],
    [[{ name: 'a', type: 'texts' }], /fields\[0\]\.type must be one of text,/],
    [[{ name: 'a', type: 'text', requierd: true }], /fields\[0\]\.requierd is not a member/],
    [[{ name: 'a', type: 'text', required: 'yes' }], /fields\[0\]\.required must be true or false/],
    [[{ name: 'a', type: 'text', fields: [] }], /fields\[0\]\.fields needs the type object/],
    [[{ name: 'a', type: 'object', fields: [{ name: 'b' }] }], /fields\[0\]\.fields\[0\]\.type/],
    [
      [
        { name: 'a', type: 'any' },
        { name: 'a', type: 'text' },
      ],
      /fields\[1\]\.name 'a' is there already/,
    ],
    [nested(40), /nested more than 32 deep/],
    [Array.from({ length: 1_001 }, (_, i) => ({ name: `f${i}`, type: 'any' })), /more than 1000/],
  ]
  for (const [fields, reason] of cases) assert.throws(() => compileFields(fields), reason)
})
