import type { Operation } from './operation.ts'
import { operations } from './operations.ts'

/** What the URL of a request says. */
export interface Target {
  readonly project: string
  /** What follows the project, decoded. */
  readonly segments: readonly string[]
  /** What follows the question mark. */
  readonly search: string
}

/** Under `/v1.0` everything is of this API; under `/v2`, which it shares, what follows a project id. */
export const isDmsRequest = ({ url }: { readonly url: string }): boolean => dmsPath.test(url)

const dmsPath = /^\/(?:v1\.0(?:[/?]|$)|v2\/[0-9A-Fa-f]{32}(?:[/?]|$))/

/** Undefined when the path is not text. */
export const targetOf = (url: string): Target | undefined => {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const [, , project = '', ...segments] = path.replace(/\/+$/, '').split('/')
  try {
    const decoded = segments.map((segment) => decodeURIComponent(segment))
    return { project: decodeURIComponent(project), segments: decoded, search: mark < 0 ? '' : url.slice(mark + 1) }
  } catch {
    return undefined
  }
}

export interface Match {
  readonly operation: Operation
  readonly parameters: Readonly<Record<string, string>>
}

export const matchOf = (method: string | undefined, segments: readonly string[]): Match | undefined => {
  for (const { operation, pattern } of routes) {
    if (operation.method !== method || pattern.length !== segments.length) continue
    const parameters: Record<string, string> = {}
    const fits = pattern.every((part, index) => {
      const segment = segments[index] ?? ''
      if (!part.startsWith('{')) return part === segment
      parameters[part.slice(1, -1)] = segment
      return segment !== ''
    })
    if (fits) return { operation, parameters }
  }
  return undefined
}

const routes = operations.flatMap((operation) =>
  operation.paths.map((path) => ({ operation, pattern: path.slice(1).split('/') })),
)
