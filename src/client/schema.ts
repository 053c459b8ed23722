import type { StandardSchemaV1 } from '@standard-schema/spec'
import { MillraceError } from './error.ts'

/** What a schema made of a body, or why it refused it. */
export type Checked =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: MillraceError }

type Validation = StandardSchemaV1.Result<unknown>

export const check = (schema: StandardSchemaV1, body: unknown): Checked | Promise<Checked> => {
  const result = schema['~standard'].validate(body)
  return result instanceof Promise ? result.then(judge) : judge(result)
}

const judge = (result: Validation): Checked =>
  result.issues ? { ok: false, error: refusal(result.issues) } : { ok: true, value: result.value }

const refusal = (issues: readonly StandardSchemaV1.Issue[]): MillraceError => {
  const places = issues.map(({ message, path }) => ({ path: (path ?? []).map(keyOf), message }))
  const sentences = places.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
  return new MillraceError('InvalidBody', `The body is not what its schema says: ${sentences.join('; ')}`, {
    data: { issues: places },
  })
}

const keyOf = (segment: PropertyKey | StandardSchemaV1.PathSegment): string | number => {
  const key = typeof segment === 'object' ? segment.key : segment
  return typeof key === 'symbol' ? String(key) : key
}
