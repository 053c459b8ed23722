import { badValue } from './answer.ts'
import { standardPage } from './limits.ts'
import type { Call } from './operation.ts'

/** How many a client asks for; out of bounds it is refused, never clamped. */
export const pageSize = ({ query, settings: { maxPage } }: Pick<Call, 'query' | 'settings'>): number => {
  const limit = query.integer('limit') ?? Math.min(standardPage, maxPage)
  if (limit < 1 || limit > maxPage) throw badValue(`Limit must be at least 1 and no greater than ${maxPage}.`)
  return limit
}
