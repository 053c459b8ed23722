import { isUtf8 } from 'node:buffer'
import { jsonErrorAt } from '../../http/json/scan.ts'
import { type Code, Refused } from '../problems.ts'

export type Fields = Readonly<Record<string, unknown>>

/** The fields of the object that the body of a request has to be; null stands for absent. */
export const fieldsOf = (body: Buffer, code: Code): Fields => {
  // Nesting has an end there, which what looks into values relies on.
  const isJson = isUtf8(body) && jsonErrorAt(body) === -1
  const value: unknown = isJson ? JSON.parse(body.toString()) : undefined
  if (!isFields(value)) throw new Refused(code)
  return value
}

/** A field that is there, and no name of another kind. */
export const field = (fields: Fields, name: string): unknown =>
  Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
