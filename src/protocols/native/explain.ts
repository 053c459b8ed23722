import type { TSchema } from 'typebox'

/** What is wrong with a value, and where: the slow and wordy counterpart of a compiled check. */
export interface Fault {
  /** A JSON pointer. */
  readonly path: string
  readonly message: string
}

/** The parts of JSON Schema that the schemas of this API are made of. */
export interface PlainSchema {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, PlainSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly patternProperties?: Readonly<Record<string, PlainSchema>>
  readonly items?: PlainSchema
  readonly anyOf?: readonly PlainSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minItems?: number
  readonly maxItems?: number
}

export const plainSchema = (schema: TSchema): PlainSchema => schema as PlainSchema

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const show = (value: unknown): string => JSON.stringify(value) ?? String(value)

export const explain = (schema: PlainSchema, value: unknown, path = ''): Fault[] => {
  const fault = (message: string): Fault[] => [{ path, message }]
  if (schema.anyOf) return explainUnion(schema.anyOf, value, path)
  if (schema.enum) {
    return schema.enum.includes(value) ? [] : fault(`must be one of ${schema.enum.map(show).join(', ')}`)
  }
  if ('const' in schema) return value === schema.const ? [] : fault(`must be ${show(schema.const)}`)
  switch (schema.type) {
    case 'object':
      return isObject(value) ? explainObject(schema, value, path) : fault('must be an object')
    case 'array':
      return Array.isArray(value) ? explainArray(schema, value, path) : fault('must be an array')
    case 'string':
      return typeof value === 'string' ? explainString(schema, value, path) : fault('must be a string')
    case 'integer':
    case 'number':
      return explainNumber(schema, value, path)
    case 'boolean':
      return typeof value === 'boolean' ? [] : fault('must be true or false')
    case 'null':
      return value === null ? [] : fault('must be null')
    default:
      return []
  }
}

const explainObject = (schema: PlainSchema, value: Readonly<Record<string, unknown>>, path: string): Fault[] => {
  const faults: Fault[] = []
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) faults.push({ path: `${path}/${escapePointer(name)}`, message: 'is missing' })
  }
  const rest = Object.values(schema.patternProperties ?? {})[0]
  for (const [name, member] of Object.entries(value)) {
    const place = `${path}/${escapePointer(name)}`
    const known = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : rest
    if (known) faults.push(...explain(known, member, place))
    else if (schema.additionalProperties === false) faults.push({ path: place, message: unknownMember(schema, name) })
  }
  return faults
}

const unknownMember = (schema: PlainSchema, name: string): string => {
  const near = Object.keys(schema.properties ?? {}).find((known) => known.toLowerCase() === name.toLowerCase())
  return near === undefined ? 'is not known' : `is not known; did you mean ${near}`
}

const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

const explainArray = (schema: PlainSchema, value: readonly unknown[], path: string): Fault[] => {
  const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema
  if (value.length < minItems) return [{ path, message: `must have at least ${count(minItems, 'entry', 'entries')}` }]
  if (value.length > maxItems) return [{ path, message: `must have at most ${maxItems} entries, not ${value.length}` }]
  return items ? value.flatMap((item, index) => explain(items, item, `${path}/${index}`)) : []
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`

const explainString = (schema: PlainSchema, value: string, path: string): Fault[] => {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema
  // As JSON Schema has it, in characters rather than in UTF-16 units.
  const length = [...value].length
  if (length < minLength)
    return [{ path, message: minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters` }]
  if (length > maxLength) return [{ path, message: `must have at most ${maxLength} characters, not ${length}` }]
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
    return [{ path, message: 'is not of the right form' }]
  return []
}

const explainNumber = (schema: PlainSchema, value: unknown, path: string): Fault[] => {
  const { type, minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema
  const fits = typeof value === 'number' && (type === 'number' || Number.isInteger(value))
  if (fits && value >= minimum && value <= maximum) return []
  const kind = type === 'integer' ? 'a whole number' : 'a number'
  const low = Number.isFinite(minimum)
  const high = Number.isFinite(maximum)
  const range =
    low && high ? ` from ${minimum} to ${maximum}` : low ? ` from ${minimum}` : high ? ` up to ${maximum}` : ''
  return [{ path, message: `must be ${kind}${range}` }]
}

/** A union is of null and one other schema, or of objects that a member with a constant tells apart. */
const explainUnion = (variants: readonly PlainSchema[], value: unknown, path: string): Fault[] => {
  const results = variants.map((variant) => explain(variant, value, path))
  if (results.some((faults) => faults.length === 0)) return []
  const others = variants.filter((variant) => variant.type !== 'null')
  const [only] = others
  if (others.length === 1 && only) {
    return explain(only, value, path).map((fault) =>
      fault.path === path ? { ...fault, message: `${fault.message}, or null` } : fault,
    )
  }
  const tag = tagOf(others)
  if (tag === undefined || !isObject(value)) return [{ path, message: 'must be an object' }]
  const chosen = others.find((variant) => variant.properties?.[tag]?.const === value[tag])
  if (chosen) return explain(chosen, value, path)
  const tags = others.map((variant) => show(variant.properties?.[tag]?.const))
  const place = `${path}/${tag}`
  const missing = Object.hasOwn(value, tag) ? '' : 'is missing: it '
  return [{ path: place, message: `${missing}must be one of ${tags.join(', ')}` }]
}

const tagOf = (variants: readonly PlainSchema[]): string | undefined =>
  Object.keys(variants[0]?.properties ?? {}).find((name) =>
    variants.every((variant) => 'const' in (variant.properties?.[name] ?? {})),
  )
