import type { Delivery, Item } from '../../../core/delivery.ts'
import type { ScanQuery, SearchQuery, SearchSlice } from '../../../core/store.ts'
import type { RangeNeed } from '../needs.ts'
import { byPosition, deliveryRange } from './items.ts'
import { rangeKey } from './keys.ts'
import { queueOfGroup } from './queues.ts'
import type { OverlayState } from './state.ts'

export const scan = (state: OverlayState, groupId: number, query: ScanQuery): Item[] => {
  if (queueOfGroup(state, groupId) === undefined) return []
  const matches = (delivery: Delivery) => delivery.groupId === groupId && isBeyond(delivery, query)
  return deliveryRange(state, { of: 'scan', groupId, query, limit: query.limit }, matches, orderOf(query))
}

export const search = (state: OverlayState, groupId: number, query: SearchQuery): SearchSlice => {
  if (queueOfGroup(state, groupId) === undefined) return { items: [], next: null, examined: 0 }
  const { types, states, exceptClientId } = query
  const isMatch = (delivery: Delivery) =>
    delivery.groupId === groupId &&
    isBeyond(delivery, query) &&
    (states === undefined || states.includes(delivery.state)) &&
    (types === undefined || types.includes(delivery.type)) &&
    (exceptClientId === undefined || state.messages.get(delivery.serial)?.extra?.clientId !== exceptClientId)
  if (byTypes(query)) {
    const limit = Math.min(query.limit, query.examine)
    const items = deliveryRange(state, { of: 'types', groupId, query, limit }, isMatch, orderOf(query))
    const next = items.length === limit ? (items.at(-1)?.delivery.position ?? null) : null
    return { items, next, examined: items.length }
  }
  const need: RangeNeed = { of: 'search', groupId, query, limit: query.limit }
  const extent = state.extents.get(rangeKey(need))
  const end = extent && extent.count >= query.examine ? extent.end : null
  const isWithin = ({ position }: Delivery) => end === null || (query.newestFirst ? position >= end : position <= end)
  const items = deliveryRange(state, need, (delivery) => isMatch(delivery) && isWithin(delivery), orderOf(query))
  const last = items.at(-1)?.delivery.position
  if (items.length < query.limit || last === undefined) return { items, next: end, examined: extent?.count ?? 0 }
  return { items, next: last, examined: extent?.places.get(last) ?? extent?.count ?? 0 }
}

/** Types that the index of types holds, where nothing else has to match. */
const byTypes = ({ types, states, exceptClientId }: SearchQuery): boolean =>
  types !== undefined && states === undefined && exceptClientId === undefined && !types.includes('Q')

const isBeyond = ({ position }: Delivery, { after, newestFirst }: ScanQuery): boolean =>
  after === undefined || (newestFirst ? position < after : position > after)

const orderOf = ({ newestFirst }: ScanQuery) =>
  newestFirst ? (a: Delivery, b: Delivery) => byPosition(b, a) : byPosition
