import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsOfSchema, valuesOf } from './field-values.ts'

test('what is typed becomes a message of the declared types', () => {
  const fields = [
    { name: 'email', type: 'email', required: true },
    { name: 'age', type: 'integer' },
    { name: 'vip', type: 'boolean' },
    { name: 'tags', type: 'text', list: true },
    { name: 'address', type: 'object', fields: [{ name: 'city', type: 'text' }] },
    { name: 'note', type: 'text' },
  ]
  const typed = { email: 'a@b.c', age: '42', vip: 'true', tags: '["x"]', 'address.city': 'Ghent', note: '' }
  assert.deepEqual(valuesOf(fields, typed), {
    email: 'a@b.c',
    age: 42,
    vip: true,
    tags: ['x'],
    address: { city: 'Ghent' },
  })
  assert.deepEqual(valuesOf(fields, { age: 'forty' }), { age: 'forty' }, 'the server says what is wrong with it')
})

test('a schema of an object has fields', () => {
  const schema = {
    type: 'object',
    properties: { id: { type: 'integer' }, to: { type: 'object', properties: { name: { type: 'string' } } }, x: true },
    required: ['id'],
  }
  assert.deepEqual(fieldsOfSchema(schema), [
    { name: 'id', type: 'integer', required: true },
    { name: 'to', type: 'object', required: false, fields: [{ name: 'name', type: 'text', required: false }] },
    { name: 'x', type: 'any', required: false },
  ])
  assert.equal(fieldsOfSchema({ type: 'string' }), undefined)
})
