import type { TSchema } from 'typebox'
import { plainSchema } from '../explain.ts'
import type { Operation } from '../operation.ts'
import { apiPath } from '../schemas/index.ts'

export const exampleOf = (schema: TSchema): unknown => plainSchema(schema).examples?.[0]

const base = `http://127.0.0.1:8080${apiPath}`

/** What stands in the paths of examples. */
const parameters: Readonly<Record<string, string>> = {
  queue: 'orders',
  group: 'billing',
  id: '01b8a3d5c4000000000004d2',
  receiptHandle: '00000000-04d2-4a1b-8000-0007c0ffee00',
  claim: '51db7067-8212-4d9c-8d3a-1a3c5e0f8b11',
  account: 'acme',
  keyId: 'MR4Q7Z2X5K',
}

/** A command that shows the operation; on an open server it works as it stands. */
export const curlOf = ({ method, path, exampleQuery, body }: Operation): string => {
  const place = path.replaceAll(/:(\w+)/g, (_, name: string) => parameters[name] ?? name)
  const query = exampleQuery === undefined ? '' : `?${exampleQuery}`
  const options = method === 'GET' || (method === 'POST' && body?.kind) ? [] : [`-X ${method}`]
  const text = body?.kind === 'bytes' ? body.example : body && JSON.stringify(exampleOf(body.schema) ?? {})
  if (text !== undefined) options.push("-H 'content-type: application/json'", `-d '${text}'`)
  const url = `${base}${place}${query}`
  return ['curl', ...options, query === '' ? url : `'${url}'`].join(' ')
}
