import type { Static, TSchema } from 'typebox'
import { checkerOf } from '../http/checker.ts'
import { explain, type Fault, type PlainSchema, plainSchema } from './explain.ts'
import { invalid } from './problem-error.ts'

/** Reads and checks the query of a URL. All its parameters are optional in every schema. */
export type QueryReader<Query> = (url: string) => Query

export const queryReader = <Schema extends TSchema>(schema: Schema): QueryReader<Static<Schema>> => {
  const check = checkerOf(schema)
  const { properties = {} } = plainSchema(schema)
  const nothing = Object.freeze({}) as Static<Schema>
  return (url) => {
    const mark = url.indexOf('?')
    if (mark === -1 || mark === url.length - 1) return nothing
    const faults: Fault[] = []
    const query = coerced(pairs(url.slice(mark + 1), faults), properties, faults)
    if (faults.length === 0 && check().Check(query)) return query
    if (faults.length === 0) faults.push(...explain(plainSchema(schema), query))
    throw invalid(faults.map((fault) => ({ in: 'query', ...fault })))
  }
}

function* pairs(text: string, faults: Fault[]): Generator<[string, string]> {
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = equals === -1 ? pair : pair.slice(0, equals)
    const value = equals === -1 ? '' : pair.slice(equals + 1)
    try {
      yield [decode(name), decode(value)]
    } catch {
      faults.push({ path: `/${name}`, message: 'has a percent sign that does not begin an escape of UTF-8' })
    }
  }
}

const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '))

const coerced = (
  given: Iterable<[string, string]>,
  properties: Readonly<Record<string, PlainSchema>>,
  faults: Fault[],
): Record<string, unknown> => {
  const query: Record<string, unknown> = Object.create(null)
  for (const [name, text] of given) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
    const value = schema ? coerce(schema, text) : text
    const before = query[name]
    if (before === undefined) query[name] = value
    else if (Array.isArray(before) && Array.isArray(value)) before.push(...value)
    else faults.push({ path: `/${name}`, message: 'is given twice' })
  }
  return query
}

/** The value that the text stands for, or the text itself, which then does not fit the schema. */
const coerce = (schema: PlainSchema, text: string): unknown => {
  switch (schema.type) {
    case 'integer':
      return /^-?\d{1,16}$/.test(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'array':
      return text.split(',')
    default:
      return text
  }
}
