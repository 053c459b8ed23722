import { isUtf8 } from 'node:buffer'
import type { TObject, TSchema } from 'typebox'
import { checkerOf } from '../http/checker.ts'
import { badRequest } from './answer.ts'
import type { Said } from './fields.ts'

export type Fields = Readonly<Record<string, unknown>>

export const checkContentType = (contentType: string | undefined): void => {
  if (contentType === undefined || !json.test(contentType)) throw badRequest('Content-Type must be application/json')
}

const json = /^application\/json[ \t]*(?:;|$)/i

/** The members of the object that a request's body has to be; null stands for absent. */
export const parseFields = (body: Buffer): Fields => {
  const value = isUtf8(body) ? parse(body.toString('utf8')) : undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('POST data must be valid json')
  }
  const members = Object.entries(value)
  return Object.fromEntries(members.filter(([, member]) => member !== null))
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Checks the fields of an operation, and says in its own words what is wrong with the first that does not fit. */
export const fieldChecker = (schema: TObject): ((fields: Fields) => void) => {
  const all = checkerOf(schema)
  const each = new Map(Object.entries(schema.properties).map(([name, field]) => [name, checkOf(name, field)]))
  const required = schema.required ?? []

  return (fields) => {
    if (!all().Check(fields)) throw badRequest(fault(fields))
    for (const name of Object.keys(fields)) {
      const value = fields[name]
      if (typeof value === 'string' && !value.isWellFormed()) throw badRequest(`${name} must be well-formed text`)
    }
  }

  function fault(fields: Fields): string {
    const unknown = Object.keys(fields).filter((name) => !each.has(name))
    if (unknown.length > 0) return `Request may not include unknown fields: ${unknown.join(', ').slice(0, 200)}`
    const missing = required.find((name) => fields[name] === undefined)
    if (missing !== undefined)
      return missing === 'MessageBody' ? `${missing} is required` : `missing required field: ${missing}`
    const wrong = Object.keys(fields).find((name) => !each.get(name)?.fits(fields[name]))
    return each.get(wrong ?? '')?.says ?? 'Request invalid'
  }
}

const checkOf = (name: string, field: TSchema): { fits(value: unknown): boolean; says: string } => {
  const check = checkerOf(field)
  return { fits: (value) => check().Check(value), says: wordsOf(name, field) }
}

const wordsOf = (name: string, schema: TSchema): string => {
  const field = schema as Said
  if (field.says !== undefined) return field.says
  if (field.type === 'integer') return `${name} field must be an integer between ${field.minimum} and ${field.maximum}`
  return `${name} must be a string`
}
