import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { TSchema } from 'typebox'
import type { QueueSettings as CoreSettings } from '../../../core/queue.ts'
import { defaultSettings, settingRanges } from '../../../core/settings.ts'
import { explain, type PlainSchema, plainSchema } from '../explain.ts'
import { allOperations } from '../operations.ts'
import { QueueSettings, QueueSettingsPatch } from './settings.ts'

suite('settings of a queue', () => {
  const { properties = {} } = plainSchema(QueueSettings)
  const { door: _, ...shown } = defaultSettings

  test('are those of core, with its defaults', () => {
    const defaults = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, schema.default]))
    assert.deepEqual(defaults, shown)
  })

  test('have the ranges of core', () => {
    for (const [name, range] of Object.entries(settingRanges)) {
      const schema = properties[name]
      const number = schema?.anyOf?.find(({ type }) => type === 'integer') ?? schema
      assert.deepEqual(
        [number?.minimum, number?.maximum, schema?.anyOf !== undefined],
        [range.min, range.max, range.nullable],
      )
    }
  })

  test('have the types of core', () => {
    // What is checked here is checked by the compiler.
    const toCore = (settings: QueueSettings): Omit<CoreSettings, 'door'> => settings
    const fromCore = (settings: Omit<CoreSettings, 'door'>): QueueSettings => settings
    assert.equal(toCore(fromCore(shown)), shown)
    assert.deepEqual(explain(plainSchema(QueueSettingsPatch), shown), [])
  })
})

suite('every schema', () => {
  const seen = new Map<string, PlainSchema>()
  const problems: string[] = []

  const visit = (schema: PlainSchema, place: string) => {
    const { title, properties = {} } = schema
    if (title !== undefined) {
      const known = seen.get(title)
      if (known) {
        assert.deepEqual(schema, known, `two schemas have the title ${title}`)
        return
      }
      seen.set(title, schema)
    }
    for (const [name, member] of Object.entries(properties)) {
      if (member.description === undefined && member.title === undefined)
        problems.push(`${place}.${name} has no description`)
      if (member.description !== undefined && !/[.…]$/.test(member.description))
        problems.push(`${place}.${name}: no sentence`)
      visit(member, `${place}.${name}`)
    }
    for (const example of schema.examples ?? []) {
      const faults = explain(schema, example)
      if (faults.length > 0) problems.push(`${place}: an example does not fit: ${JSON.stringify(faults)}`)
    }
    if ('default' in schema && explain(schema, schema.default).length > 0)
      problems.push(`${place}: the default does not fit`)
    if (schema.items) visit(schema.items, `${place}[]`)
    for (const variant of schema.anyOf ?? []) visit(variant, place)
  }

  test('says what each member means, with examples and defaults that fit', () => {
    for (const { id, operation } of allOperations) {
      const { parameters, query, body, answers } = operation
      const schemas: (TSchema | undefined)[] = [
        parameters,
        query,
        ...Object.values(answers).map(({ schema }) => schema),
      ]
      if (body && body.kind !== 'bytes') schemas.push(body.schema)
      for (const schema of schemas) if (schema) visit(plainSchema(schema), id)
    }
    assert.deepEqual(problems, [])
  })
})
