import { badRequest, notFound } from './answer.ts'
import type { Operation } from './operation.ts'
import { operationNamed } from './operations.ts'

/** What a request's path asks for, if it is one of this door's at all. */
export interface Target {
  /** Undefined: no endpoint is called so. */
  readonly operation: Operation | undefined
  /** What follows the endpoint's name, as it came. */
  readonly rest: readonly string[]
}

/** Split first and decoded afterwards, so that a name may hold a slash. */
export const targetOf = (url: string): Target => {
  const [name = '', ...rest] = pathOf(url).slice(1).split('/')
  return { operation: operationNamed(decoded(name)?.toLowerCase() ?? ''), rest }
}

const pathOf = (url: string): string => {
  const end = url.search(/[?#]/)
  const path = end < 0 ? url : url.slice(0, end)
  // A request through a proxy may name the whole address.
  return path.startsWith('/') ? path : path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
}

const decoded = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}

/** The parts of the path that the operation has names for. */
export const placesIn = ({ path }: Operation, rest: readonly string[]): { account: string; queue: string } => {
  if (rest.length !== path.length || rest.includes('')) throw notFound()
  const [account = '', queue = ''] = rest.map((part) => {
    const name = decoded(part)
    if (name === undefined) throw badRequest('The URL has a percent sign that does not begin an escape of UTF-8')
    return name
  })
  return { account, queue }
}

/**
 * Whether a request that no route took is answered here: its path begins with an endpoint's name, or it is a POST (or the question whether one may
 * be sent) to what might have been one.
 */
export const isStarQueueRequest = ({ method, url }: { method: string; url: string }): boolean => {
  if (targetOf(url).operation) return true
  return (method === 'POST' || method === 'OPTIONS') && wordThenNames.test(pathOf(url))
}

const wordThenNames = /^\/[A-Za-z]+(?:\/[^/]*){0,2}$/
