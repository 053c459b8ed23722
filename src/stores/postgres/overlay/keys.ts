import type { RangeNeed } from '../needs.ts'

export const dayKey = (groupId: number, day: number): string => `${groupId}/${day}`

export const stepKey = (queueId: number, serial: number): string => `${queueId}/${serial}`

export const itemKey = (groupId: number, position: number): string => `${groupId}/${position}`

export const deduplicationKey = (groupId: number, key: string): string => `${groupId}/${key}`

export const messageGroupKey = (groupId: number, messageGroup: string): string => `${groupId}/${messageGroup}`

export const documentKey = (collection: string, key: string): string => `${collection.length}:${collection}${key}`

/** Ranges that differ only in how much of them is wanted share what was loaded. */
export const rangeKey = (need: RangeNeed): string => {
  const { limit: _limit, ...place } = need
  if (need.of !== 'scan' && need.of !== 'search' && need.of !== 'types') return JSON.stringify(place)
  const { limit: _scanLimit, ...query } = need.query
  return JSON.stringify([need.of, need.groupId, query])
}
