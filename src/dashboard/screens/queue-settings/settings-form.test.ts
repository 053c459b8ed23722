import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultSettings } from '../../../core/settings.ts'
import { columnLines, columnsOfLines, newQueue, patchOf, sections, textOf } from './settings-form.ts'

const now = {
  ordering: 'unordered',
  visibilityTimeoutMs: 30_000,
  receiveLimit: null,
  paused: false,
  description: '',
  input: null,
} as const

const formOf = (given: Record<string, string>) => {
  const form = new FormData()
  for (const field of sections.flatMap(({ fields }) => fields)) {
    const text = given[field.name] ?? textOf(field, (now as Record<string, unknown>)[field.name])
    if (field.kind !== 'check' || given[field.name] !== undefined) form.set(field.name, text)
  }
  return form
}

test('only what was changed is sent', () => {
  const { visibilityTimeoutMs, receiveLimit, paused, input } = patchOf(
    formOf({ visibilityTimeoutMs: '1.5', receiveLimit: '5', paused: 'on', input: '{"fields":[]}' }),
    now,
  )
  assert.deepEqual(
    { visibilityTimeoutMs, receiveLimit, paused, input },
    { visibilityTimeoutMs: 1500, receiveLimit: 5, paused: true, input: { fields: [] } },
  )
  assert.equal('visibilityTimeoutMs' in patchOf(formOf({}), now), false)
  assert.throws(() => patchOf(formOf({ push: '{' }), now), /Push target is not JSON/)
})

test('the form of a new queue shows what it gets where nothing is changed', () => {
  const asked = sections.flatMap(({ fields }) => fields.map(({ name }) => [name, defaultSettings[name]]))
  assert.deepEqual(newQueue, Object.fromEntries(asked))
})

test('columns are lines', () => {
  const columns = [{ heading: 'Patient', path: 'patient.id' }]
  assert.deepEqual(columnsOfLines(`${columnLines(columns)}\n\nnonsense\n = x`), columns)
})
