import type { TSchema } from 'typebox'

/** As much of JSON Schema as the configuration uses. */
export interface SchemaView {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly SchemaView[]
  readonly minimum?: number
  readonly maximum?: number
  readonly expects?: string
  readonly path?: boolean
  readonly properties?: Readonly<Record<string, SchemaView>>
  readonly required?: readonly string[]
  readonly items?: SchemaView
  readonly minItems?: number
  readonly minLength?: number
}

export const view = (schema: TSchema): SchemaView => schema as SchemaView

/** An object whose members are known, and not one of free names. */
export const isSection = (schema: SchemaView): boolean => schema.type === 'object' && schema.properties !== undefined

/** What a value has to be, to go on after "must be". */
export const describe = (schema: SchemaView): string => {
  if (schema.expects) return schema.expects
  if (schema.enum) return schema.enum.length === 1 ? `'${schema.enum[0]}'` : `one of ${schema.enum.join(', ')}`
  if (schema.anyOf) return schema.anyOf.map(describe).join(', or ')
  switch (schema.type) {
    case 'integer':
      return describeInteger(schema)
    case 'string':
      return schema.minLength ? 'a text that is not empty' : 'a text'
    case 'boolean':
      return 'true or false'
    case 'array':
      return schema.minItems ? 'a list of at least one' : 'a list'
    case 'object':
      return 'an object'
    default:
      return schema.type ?? 'something else'
  }
}

const describeInteger = ({ minimum, maximum }: SchemaView): string =>
  maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
    ? `a whole number${minimum === undefined ? '' : ` from ${minimum} up`}`
    : `a whole number from ${minimum} to ${maximum}`
