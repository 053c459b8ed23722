import { type TSchema, type TSchemaOptions, Type } from 'typebox'

// A member with a `default` may be left out, as may an optional one; `expects` says what a text has to be, and `path`
// marks the ones that name files.

export const strict = { additionalProperties: false } as const
export const section = { ...strict, default: {} } as const

export const whole = (description: string, minimum: number, maximum: number, standard: number) =>
  Type.Integer({ description, minimum, maximum, default: standard })

export const text = (description: string, options: TSchemaOptions & { expects?: string; pattern?: string } = {}) =>
  Type.String({ minLength: 1, description, ...options })

export const file = (description: string, options: TSchemaOptions = {}) =>
  text(description, { expects: 'the path of a file', path: true, ...options })

export const listOf = <Item extends TSchema>(item: Item, description: string, options: TSchemaOptions = {}) =>
  Type.Array(item, { description, default: [], ...options })
