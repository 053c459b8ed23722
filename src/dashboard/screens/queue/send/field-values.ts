/** What is typed into the fields of a declared structure, made into a message. */

export interface DeclaredField {
  readonly name: string
  readonly type: string
  readonly required?: boolean
  readonly list?: boolean
  readonly fields?: readonly DeclaredField[]
}

/** Texts by path: names with a dot between. */
export type Typed = Readonly<Record<string, string>>

export const pathOf = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

/** Whether a field is typed as JSON, for want of a better input. */
export const isJson = ({ type, list, fields }: DeclaredField): boolean =>
  list === true || type === 'any' || (type === 'object' && !fields)

/** Empty fields are left out; what cannot be read is sent as it was typed, for the server to refuse with its reason. */
export const valuesOf = (fields: readonly DeclaredField[], typed: Typed, path = ''): Record<string, unknown> => {
  const value: Record<string, unknown> = {}
  for (const field of fields) {
    const place = pathOf(path, field.name)
    if (field.type === 'object' && field.fields && !field.list) {
      const inner = valuesOf(field.fields, typed, place)
      if (Object.keys(inner).length > 0 || field.required) value[field.name] = inner
      continue
    }
    const text = typed[place] ?? ''
    if (text !== '') value[field.name] = readValue(field, text)
  }
  return value
}

const readValue = (field: DeclaredField, text: string): unknown => {
  if (isJson(field)) return parsed(text)
  if (field.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (field.type === 'integer' || field.type === 'decimal') {
    const number = Number(text)
    return text.trim() === '' || Number.isNaN(number) ? text : number
  }
  return text
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The properties of a JSON Schema, as fields, where they are simple; undefined where the schema is not one of an object. */
export const fieldsOfSchema = (schema: Readonly<Record<string, unknown>>): readonly DeclaredField[] | undefined => {
  const { properties, required } = schema
  if (typeof properties !== 'object' || properties === null) return undefined
  const needed = new Set(Array.isArray(required) ? required : [])
  return Object.entries(properties).map(([name, property]) => {
    const given = (typeof property === 'object' && property !== null ? property : {}) as Record<string, unknown>
    const fields = given.type === 'object' ? fieldsOfSchema(given) : undefined
    return {
      name,
      type: typesOfSchema[String(given.type)] ?? 'any',
      required: needed.has(name),
      ...(fields ? { fields } : {}),
    }
  })
}

const typesOfSchema: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'integer',
  number: 'decimal',
  boolean: 'boolean',
  object: 'object',
}
