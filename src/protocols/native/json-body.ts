import { isUtf8 } from 'node:buffer'
import type { Static, TSchema } from 'typebox'
import { isJsonType } from '../http/body-form.ts'
import { checkerOf } from '../http/checker.ts'
import { jsonErrorAt } from '../http/json/scan.ts'
import { explain, plainSchema } from './explain.ts'
import { invalid, ProblemError } from './problem-error.ts'

/** Reads and checks a body of JSON. */
export type JsonReader<Value> = (bytes: Buffer, contentType: string | undefined) => Value

export interface JsonBodyOptions {
  /** No body at all stands for an empty object. */
  readonly optional?: boolean
  /** The schema holds values of any kind, which must not be nested too deep. */
  readonly holdsAnything?: boolean
}

export const jsonReader = <Schema extends TSchema>(
  schema: Schema,
  options: JsonBodyOptions,
): JsonReader<Static<Schema>> => {
  const check = checkerOf(schema)
  return (bytes, contentType) => {
    if (bytes.length === 0 && options.optional) return Object.freeze({}) as Static<Schema>
    checkContentType(contentType)
    const value = parse(bytes, options.holdsAnything ?? false)
    if (check().Check(value)) return value
    throw invalid(explain(plainSchema(schema), value).map((fault) => ({ in: 'body', ...fault })))
  }
}

export const checkContentType = (contentType: string | undefined): void => {
  if (contentType === undefined || isJsonType(contentType)) return
  throw new ProblemError(
    'UnsupportedContentType',
    `The body has the content type '${contentType}', but this operation takes JSON: say "Content-Type: application/json".`,
    { contentType },
  )
}

export const checkUtf8 = (bytes: Buffer): void => {
  if (!isUtf8(bytes)) throw new ProblemError('MalformedJson', 'The body is not valid UTF-8, which JSON has to be.')
}

const parse = (bytes: Buffer, holdsAnything: boolean): unknown => {
  checkUtf8(bytes)
  const errorAt = holdsAnything ? jsonErrorAt(bytes) : -1
  if (errorAt >= 0) throw malformedJson(bytes, errorAt)
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw malformedJson(bytes, jsonErrorAt(bytes))
  }
  if (loneSurrogate.test(text)) checkWellFormed(value, '')
  return value
}

export const malformedJson = (bytes: Buffer, at: number, what = 'The body'): ProblemError => {
  const before = bytes.toString('latin1', 0, at).split('\n')
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
  const found = bytes.toString('utf8', at, at + 12)
  const problem =
    bytes.length === 0
      ? 'is empty'
      : at >= bytes.length
        ? `ends too early, at ${place}`
        : `goes wrong at ${place}, at ${JSON.stringify(found)}`
  return new ProblemError('MalformedJson', `${what} has to be JSON, but ${problem}.`, { offset: at })
}

const loneSurrogate = /\\ud[89a-f]/i

/** Half a character cannot be stored as UTF-8, and what was stored instead would not be what was sent. */
const checkWellFormed = (value: unknown, path: string): void => {
  if (typeof value === 'string') {
    if (value.isWellFormed()) return
    throw invalid([{ in: 'body', path, message: 'holds half of a surrogate pair, which is not text' }])
  }
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    checkWellFormed(name, `${path}/${name.toWellFormed()}`)
    checkWellFormed(member, `${path}/${name}`)
  }
}
