import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { describe, isSection, type SchemaView, view } from './describe.ts'

export type JsonObject = Record<string, unknown>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * What is wrong with a value, each as a sentence that begins with the path of the place. Members with a default may be
 * left out.
 */
export const check = (schema: TSchema, value: unknown, path: string): string[] => {
  const { items, type, minItems = 0 } = view(schema)
  if (isSection(view(schema))) return isObject(value) ? checkSection(schema, value, path) : [mustBe(path, schema)]
  if (type === 'array' && items && Array.isArray(value)) {
    const problems = value.flatMap((item, index) => check(items as TSchema, item, `${path}[${index}]`))
    return value.length < minItems ? [mustBe(path, schema)] : problems
  }
  return Value.Check(schema, value) ? [] : [mustBe(path, schema)]
}

const checkSection = (schema: TSchema, value: JsonObject, path: string): string[] => {
  const { properties = {}, required = [] } = view(schema)
  const at = (name: string) => (path === '' ? name : `${path}.${name}`)
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(properties, name))
  const missing = required.filter((name) => value[name] === undefined && properties[name]?.default === undefined)
  const present = Object.keys(value).filter((name) => Object.hasOwn(properties, name) && value[name] !== undefined)
  return [
    ...unknown.map((name) => `${at(name)} is not known here${hint(name, Object.keys(properties))}`),
    ...missing.map((name) => `${at(name)} is missing`),
    ...present.flatMap((name) => check(properties[name] as TSchema, value[name], at(name))),
  ]
}

const mustBe = (path: string, schema: TSchema): string =>
  `${path || 'The configuration'} must be ${describe(view(schema))}`

/** Fills in what was left out and has a default. The value has been checked. */
export const withDefaults = (schema: TSchema, value: unknown): unknown => {
  const { items, properties } = view(schema)
  if (items && Array.isArray(value)) return value.map((item) => withDefaults(items as TSchema, item))
  if (!properties || !isObject(value)) return value
  // Where nothing is required, what is left out has a meaning: a queue's setting that stays as it is.
  return (view(schema).required ?? []).length === 0 ? value : Object.fromEntries(filled(value, properties))
}

function* filled(value: JsonObject, properties: Readonly<Record<string, SchemaView>>): Generator<[string, unknown]> {
  for (const [name, member] of Object.entries(properties)) {
    const given = value[name] ?? structuredClone(member.default)
    if (given !== undefined) yield [name, withDefaults(member as TSchema, given)]
  }
}

/** The known name that someone may have meant. */
export const hint = (name: string, known: readonly string[]): string => {
  const likeness = known.map((candidate) => ({
    candidate,
    edits: distance(name.toLowerCase(), candidate.toLowerCase()),
  }))
  const [best] = likeness.sort((a, b) => a.edits - b.edits)
  return best && best.edits <= Math.min(4, Math.floor(name.length / 2)) ? `; did you mean ${best.candidate}?` : ''
}

/** Letters to add, remove or change. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
