import { isUtf8 } from 'node:buffer'
import { isJsonType } from '../http/body-form.ts'
import { JsonSyntaxError } from '../http/json/slice-batch.ts'
import { sliceMembers } from '../http/json/slice-members.ts'
import { refused } from './answer.ts'

export interface Fields {
  readonly values: Readonly<Record<string, unknown>>
  readonly raw: ReadonlyMap<string, Buffer>
}

export const noFields: Fields = { values: {}, raw: new Map() }

/** What its client cannot write as JSON it sends as plain text. */
export const checkContentType = (contentType: string | undefined): void => {
  if (contentType !== undefined && isJsonType(contentType)) return
  const given = contentType === undefined ? 'none' : `'${contentType.slice(0, 100)}'`
  throw refused(415, 'content_type_error', `The content type of the request must be application/json, not ${given}.`)
}

/** The members of the object that a body has to be: those that the operation knows as values, all of them as text. */
export const parseFields = (body: Buffer, known: readonly string[]): Fields => {
  const raw = isUtf8(body) ? membersOf(body) : undefined
  if (!raw) throw refused(400, 'invalid_request_body_syntax', 'The body of the request must be a JSON object.')
  const values: Record<string, unknown> = {}
  for (const name of known) {
    const text = raw.get(name)
    if (text) values[name] = JSON.parse(text.toString('utf8'))
  }
  return { values, raw }
}

const membersOf = (body: Buffer): ReadonlyMap<string, Buffer> | null | undefined => {
  try {
    return sliceMembers(body)
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined
    throw error
  }
}
