import { type TProperties, type TSchemaOptions, Type } from 'typebox'

/** `says`: the answer to a value that does not fit, where it is not made of the schema. */
export type Said = TSchemaOptions & { readonly says?: string }

/** The fields of a request: those of the operation, the one that every request may have, and a token for those that need one. */
export const fields = <Own extends TProperties>(own: Own) => Type.Object({ ...own, ...common, ...token }, strict)
export const fieldsWithoutToken = <Own extends TProperties>(own: Own) => Type.Object({ ...own, ...common }, strict)

const strict = { additionalProperties: false } as const

const common = {
  Version: Type.Optional(Type.Literal(1, { says: 'Version invalid.', description: 'The only version is 1.' })),
}
const token = {
  AuthToken: Type.Optional(Type.String({ description: 'The token, where no header holds it.' })),
}

export const integer = (minimum: number, maximum: number, said: Said = {}) =>
  Type.Integer({ minimum, maximum, ...said })

export const text = (said: Said = {}) => Type.String(said)

export const seconds = (maximum: number, said: Said = {}) => integer(-maximum, maximum, said)

export const halfADay = 43_200

const uuid = '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$'
const handle = Type.String({ pattern: uuid })

/** One handle, several, or both. */
export const handles = {
  ReceiptHandles: Type.Optional(
    Type.Array(handle, {
      minItems: 1,
      maxItems: 10,
      says: 'ReceiptHandles must be an array of 1 to 10 UUIDs',
      description: 'Handles that receives gave.',
    }),
  ),
  ReceiptHandle: Type.Optional(
    Type.String({
      pattern: uuid,
      says: 'ReceiptHandle must be a UUID',
      description: 'The same as an array of one.',
    }),
  ),
}

export const deadLetterQueue = Type.Optional(
  text({ description: 'Where the message goes after its last receive: another queue of the account.' }),
)
