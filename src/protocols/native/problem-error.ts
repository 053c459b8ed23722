import { isRefusal } from '../../core/errors.ts'
import { problems } from './problems.ts'
import { apiPath, type DoorCode, type InvalidPlace, type Problem } from './schemas/index.ts'

/** This door's own no. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: DoorCode
  readonly data: Readonly<Record<string, unknown>>
  /** Names and values, one after the other. */
  readonly headers: readonly string[]

  constructor(
    code: DoorCode,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
    headers: readonly string[] = [],
  ) {
    super(message)
    this.code = code
    this.data = data
    this.headers = headers
  }
}

/** A request that does not fit its schema. */
export const invalid = (places: readonly InvalidPlace[]): ProblemError => {
  const sentences = places.slice(0, 3).map(({ in: part, path, message }) => `${nameOf(part, path)} ${message}.`)
  const more = places.length > 3 ? ` And ${places.length - 3} more, see data.errors.` : ''
  return new ProblemError('InvalidRequest', `${sentences.join(' ')}${more}`, { errors: places.slice(0, 20) })
}

const nameOf = (part: InvalidPlace['in'], path: string): string => {
  const name = path.slice(1)
  switch (part) {
    case 'body':
      return name === '' ? 'The body' : name
    case 'query':
      return `The query parameter ${name}`
    case 'header':
      return `The header ${name}`
    case 'path':
      return `The path's ${name}`
  }
}

/** The problem document for whatever was thrown. */
export const problemOf = (error: unknown, requestId: string): { problem: Problem; headers: readonly string[] } => {
  if (isRefusal(error)) return describe(error.code, error.message, { ...error.data }, requestId)
  if (error instanceof ProblemError) {
    const { problem, headers } = describe(error.code, error.message, error.data, requestId)
    return { problem, headers: [...headers, ...error.headers] }
  }
  return describe('Internal', 'The server failed to answer this request.', {}, requestId)
}

const describe = (code: Problem['code'], message: string, data: Problem['data'], requestId: string) => {
  const { status, title, advice, retryAfter } = problems[code]
  const detail = advice === undefined ? message : `${message} ${advice}`
  const type = `${apiPath}/reference#${code}`
  return {
    problem: { type, title, status, detail, code, data, requestId },
    headers: retryAfter === undefined ? [] : ['Retry-After', String(retryAfter)],
  }
}
