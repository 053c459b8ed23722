import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { jsonSchemas } from './json-schemas.ts'

const schemas = jsonSchemas()
const faults = (schema: Record<string, unknown>, value: unknown) => schemas.compile(schema)(value)
const fields = (schema: Record<string, unknown>, value: unknown) =>
  faults(schema, value).violations.map(({ field, rule }) => `${field} ${rule}`)

const order = {
  type: 'object',
  required: ['id', 'lines'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', pattern: '^[A-Z]{2}-\\d+$' },
    email: { type: 'string', format: 'email' },
    lines: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: {
        type: 'object',
        required: ['sku'],
        properties: { sku: { type: 'string' }, count: { $ref: '#/$defs/count' } },
      },
    },
  },
  $defs: { count: { type: 'integer', minimum: 1 } },
}

suite('a JSON Schema', () => {
  test('takes what fits', () => {
    assert.deepEqual(faults(order, { id: 'AB-12', lines: [{ sku: 'x', count: 2 }] }), { violations: [], more: 0 })
  })

  test('tells every faulty field, once each and all together', () => {
    const message = {
      id: 'ab',
      email: 'nobody',
      extra: 1,
      lines: [{ count: 0 }, { sku: 7 }, { sku: 'a' }, { sku: 'a' }],
    }
    assert.deepEqual(fields(order, message).toSorted(), [
      'email format',
      'extra additionalProperties',
      'id pattern',
      'lines uniqueItems',
      'lines.0.count minimum',
      'lines.0.sku required',
      'lines.1.sku type',
    ])
    assert.deepEqual(faults({ type: 'object', required: ['a'] }, {}).violations, [
      { field: 'a', rule: 'required', message: "'a' is required." },
    ])
    assert.deepEqual(fields({ type: 'object' }, 5), [' type'])
  })

  test('changes nothing in what it checks', () => {
    const message = { n: '5', extra: 1 }
    const schema = { properties: { n: { type: 'integer', default: 1 }, m: { type: 'integer', default: 2 } } }
    assert.deepEqual(fields(schema, message), ['n type'])
    assert.deepEqual(message, { n: '5', extra: 1 })
  })

  test('is of draft 2020-12, or of draft-07 where it says so', () => {
    const tuple = { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'integer' } }
    assert.deepEqual(fields(tuple, ['a', 1, 'b']), ['2 type'])
    const old = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'array',
      items: [{ type: 'string' }],
      additionalItems: false,
    }
    assert.deepEqual(fields(old, ['a', 1]), [' additionalItems'])
    assert.throws(
      () => schemas.compile({ $schema: 'http://json-schema.org/draft-04/schema#' }),
      /not draft 2020-12 or draft-07/,
    )
  })

  test('looks at what a message itself has', () => {
    assert.deepEqual(fields({ required: ['toString', 'constructor'] }, {}), [
      'toString required',
      'constructor required',
    ])
    assert.deepEqual(fields({ type: 'object', additionalProperties: false }, JSON.parse('{"__proto__": 1}')), [
      '__proto__ additionalProperties',
    ])
  })

  test('knows uniqueness of JSON values, whatever the order of their members', () => {
    const unique = { type: 'array', uniqueItems: true }
    assert.deepEqual(fields(unique, [1, '1', [1], { a: 1, b: 2 }, { a: 2, b: 1 }, null, true]), [])
    assert.deepEqual(
      fields(unique, [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ]),
      [' uniqueItems'],
    )
  })
})

suite('what could hold up the server', () => {
  test('is refused when it is set', () => {
    const deep = (depth: number): Record<string, unknown> => (depth === 0 ? {} : { not: deep(depth - 1) })
    const doubling: Record<string, unknown> = { a0: { type: 'string' } }
    for (let i = 1; i < 30; i++)
      doubling[`a${i}`] = { anyOf: [{ $ref: `#/$defs/a${i - 1}` }, { $ref: `#/$defs/a${i - 1}` }] }
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ properties: { next: { $ref: '#' } } }, /leads back to itself/],
      [{ $defs: { a: { items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' }, /leads back to itself/],
      [{ $defs: doubling, $ref: '#/$defs/a17' }, /more than 2000 parts/],
      [{ $ref: 'https://example.com/schema.json' }, /does not refer to a part of the schema itself/],
      [{ $ref: '#/$defs/none' }, /refers to nothing/],
      [{ $dynamicRef: '#x' }, /\$dynamicRef is not allowed/],
      [{ pattern: '(a)\\1' }, /invalid escape/],
      [{ pattern: '(?=a)' }, /invalid or unsupported/],
      [{ pattern: '(a{1000}){1000}' }, /repeat/],
      [{ pattern: 'a'.repeat(600) }, /longer than 512/],
      [deep(80), /nested more than 64 deep/],
      [JSON.parse('{"properties":{"__proto__":{}}}'), /__proto__/],
      [{ type: 'strnig' }, /type/],
      [{ requierd: ['a'] }, /unknown keyword/],
      [{ format: 'colour' }, /unknown format/],
    ]
    for (const [schema, reason] of cases)
      assert.throws(() => schemas.compile(schema), reason, JSON.stringify(schema).slice(0, 80))
  })

  test('does not with patterns that make others backtrack, nor with long lists', () => {
    const trap = 'a'.repeat(50_000)
    assert.deepEqual(fields({ pattern: '^(a+)+$' }, `${trap}!`), [' pattern'])
    assert.deepEqual(fields({ pattern: 'a' }, 'a'.repeat(70_000)), [' pattern'], 'too long for any pattern')
    const list = Array.from({ length: 200_000 }, (_, i) => ({ i }))
    assert.deepEqual(fields({ uniqueItems: true }, list), [])
  })

  test('members may be called like keywords', () => {
    const schema = {
      properties: { pattern: { type: 'string' }, discriminator: { type: 'integer' }, $id: { type: 'string' } },
    }
    assert.deepEqual(fields(schema, { pattern: 1, discriminator: 'x' }), ['pattern type', 'discriminator type'])
  })
})
