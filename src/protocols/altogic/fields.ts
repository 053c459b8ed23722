import type { TObject, TSchema } from 'typebox'
import { checkerOf } from '../http/checker.ts'
import { invalidFields } from './answer.ts'

/** `says`: what the value of a field has to be, to go on after "must be". */
export interface Said {
  readonly says: string
}

/** Checks the fields of an operation, and refuses with one entry for each that does not fit. */
export const fieldChecker = (schema: TObject): ((fields: Readonly<Record<string, unknown>>) => void) => {
  const checks = Object.entries(schema.properties).map(([field, member]) => {
    const check = checkerOf(member)
    const { says } = member as TSchema & Said
    return { field, says, isRequired: schema.required?.includes(field), fits: (value: unknown) => check().Check(value) }
  })
  return (fields) => {
    const faults = checks.flatMap(({ field, says, isRequired, fits }) => {
      const value = fields[field]
      if (value === undefined && !isRequired) return []
      if (value === undefined) return [{ message: `'${field}' is required.`, details: { field, rule: 'required' } }]
      if (fits(value) && (typeof value !== 'string' || isText(value))) return []
      return [{ message: `'${field}' must be ${says}.`, details: { field, rule: 'type', value: shown(value) } }]
    })
    if (faults.length > 0) throw invalidFields(faults)
  }
}

/** Half a surrogate pair is no text, and stores take no NUL. */
const isText = (value: string): boolean => value.isWellFormed() && !value.includes('\u0000')

/** Enough to recognise it. */
const shown = (value: unknown): unknown => {
  if (typeof value === 'string') return value.slice(0, 200).toWellFormed()
  return typeof value === 'object' && value !== null ? undefined : value
}
