import { refused } from './answer.ts'
import type { Operation } from './operation.ts'
import { basePath, operations } from './operations.ts'
import { apiPathOf } from './path.ts'

export interface Target {
  readonly operation: Operation
  /** What stands in the path for `:id`, decoded. */
  readonly id: string
}

/** What a request asks for; throws when there is no such path, or not with this method. */
export const targetOf = (method: string, url: string): Target => {
  const path = apiPathOf(url) ?? ''
  const found = routes.flatMap(({ operation, pattern }) => {
    const match = pattern.exec(path)
    return match ? [{ operation, id: match[1] ?? '' }] : []
  })
  const target = found.find(({ operation }) => operation.method === method)
  if (target) return { operation: target.operation, id: decoded(target.id) }
  if (found.length === 0) {
    throw refused(404, 'resource_not_found', `There is nothing at this path.`, { method, path: `/_api${path}` })
  }
  const allowed = [...found.map(({ operation }) => operation.method), 'OPTIONS'].join(', ')
  throw refused(405, 'method_not_allowed', `This path does not take ${method}, only ${allowed}.`, { method }, [
    'Allow',
    allowed,
  ])
}

const routes = operations.map((operation) => ({
  operation,
  pattern: new RegExp(`^${basePath}${operation.path.replace(':id', '([^/]*)')}$`),
}))

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    throw refused(400, 'invalid_id_value', 'The path has a percent sign that does not begin an escape of UTF-8.')
  }
}
