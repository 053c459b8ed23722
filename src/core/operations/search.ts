/** Looking for messages, in slices of bounded work each, however many there are and however few match. */

import { requireGroup } from '../addressed.ts'
import type { DeliveryType } from '../delivery.ts'
import { Refusal } from '../errors.ts'
import type { GroupRecord, QueueRecord } from '../queue.ts'
import type { CountMessages, MessageFilter, SearchMessages, StoredMessage } from '../requests.ts'
import type { Step } from '../step.ts'
import { storedMessage } from './browse.ts'
import type { PreparedFilter } from './filter.ts'
import { isExpired } from './lifetime.ts'
import type { Placed } from './placed.ts'

export interface Found {
  readonly placed: Placed
  readonly stored: StoredMessage
}

export interface FoundSlice {
  readonly found: readonly Found[]
  /** Where to search on; null: nothing is behind. */
  readonly next: number | null
  readonly examined: number
  /** It ended because it has what was wanted and knows whether there is more, not because it was long. */
  readonly full: boolean
}

export interface Wanted {
  readonly after: number | undefined
  readonly newestFirst: boolean
  readonly limit: number
  readonly maxBytes?: number
  readonly maxBodyBytes?: number
}

/** What one slice looks at, and reads, at most. */
const examinedAtMost = 10_000
const readAtMost = 1000
const readBytesAtMost = 2_000_000
const firstRead = 16

/** One slice of a search through a group. */
export const searchGroup = (
  step: Step,
  place: { readonly queue: QueueRecord; readonly group: GroupRecord },
  filter: PreparedFilter,
  wanted: Wanted,
): FoundSlice => {
  const { newestFirst, limit, maxBytes = Number.POSITIVE_INFINITY } = wanted
  const found: Found[] = []
  let { after } = wanted
  let bytes = 0
  let examined = 0
  let read = 0
  let readBytes = 0
  let readNext = firstRead
  let examineNext = 4 * firstRead
  while (examined < examinedAtMost && read < readAtMost && readBytes < readBytesAtMost) {
    // Whether there is another page shows in one more than is wanted, which is looked for no longer than the slice lasts.
    const wantedStill = limit - found.length
    const atOnce = filter.isStored && wantedStill > 0 ? Math.min(wantedStill, readNext) + 1 : readNext
    const slice = step.tx.search(place.group.id, {
      ...(after === undefined ? {} : { after }),
      newestFirst,
      limit: atOnce,
      examine: Math.max(atOnce, Math.min(examineNext, examinedAtMost - examined)),
      ...filter.stored,
    })
    examined += slice.examined
    for (const item of slice.items) {
      read++
      readBytes += item.message.body.byteLength
      const placed = { ...item, ...place }
      if (newestFirst && filter.endsBefore(item)) return { found, next: null, examined, full: true }
      const stored = storedMessage(place.queue, place.group, item, step.now)
      if (!isExpired(placed, step.now) && filter.matches(stored)) {
        bytes += shownBytes(stored, wanted.maxBodyBytes)
        if (found.length === limit || (bytes > maxBytes && found.length > 0)) {
          // The next page begins with this one, and looks at it again.
          const next = item.delivery.position + (newestFirst ? 1 : -1)
          return { found, next, examined: examined - 1, full: true }
        }
        found.push({ placed, stored })
      }
      after = item.delivery.position
    }
    if (slice.next === null) return { found, next: null, examined, full: true }
    after = slice.next
    // Small ones are read by the hundred, large ones are not; what matches seldom is looked for far ahead.
    readNext = Math.min(readBytes < readBytesAtMost / 4 ? readNext * 2 : readNext, 256)
    if (slice.items.length < atOnce) examineNext *= 4
  }
  return { found, next: after ?? null, examined, full: false }
}

const shownBytes = ({ message }: StoredMessage, maxBodyBytes = Number.POSITIVE_INFINITY): number => {
  const body = message.body.byteLength
  return (body > maxBodyBytes ? 0 : body) + (message.attributes?.length ?? 0)
}

/** The place that a request names; undefined when nothing can be there. */
export const placeToSearch = (
  step: Step,
  request: { account: string; queue: string; group?: string; deadLetters?: boolean },
): { queue: QueueRecord; group: GroupRecord } | undefined => {
  const queue = step.requireQueue(request)
  const group = requireGroup(queue, request, 'look')
  return group && { queue, group }
}

/** Where the last of a group's messages is, of whatever type; 0 where there are none. */
export const lastPosition = (step: Step, group: GroupRecord): number =>
  step.tx.search(group.id, { newestFirst: true, limit: 1, examine: 1 }).items[0]?.delivery.position ?? 0

/** How many of each type, where that is known without looking: only types are asked for. */
export const knownCounts = (
  step: Step,
  group: GroupRecord,
  { types, ...rest }: MessageFilter = {},
): Record<DeliveryType, number> | undefined => {
  if (Object.values(rest).some((value) => value !== undefined)) return undefined
  const counts = countsByType(step, group)
  if (types) for (const type of allTypes) if (!types.includes(type)) counts[type] = 0
  return counts
}

export const countsByType = (step: Step, group: GroupRecord): Record<DeliveryType, number> => {
  const { ready, behind, delayed, leased, reprocessing, processed, errored, filtered, shelved } = step.tx.counts(
    group.id,
  )
  return {
    Q: ready + behind + delayed + leased,
    D: reprocessing,
    P: processed,
    E: errored,
    F: filtered,
    S: shelved,
  }
}

export const noneOfAnyType = (): Record<DeliveryType, number> => ({ Q: 0, D: 0, P: 0, E: 0, F: 0, S: 0 })

const allTypes: readonly DeliveryType[] = ['Q', 'D', 'P', 'E', 'F', 'S']

/** A place between messages, with the direction in which to go on from there: what tokens of pages stand for. */
export interface PagePlace {
  readonly position: number
  readonly newestFirst: boolean
  /** Back towards where the first page began. */
  readonly back: boolean
}

export const pageToken = ({ position, newestFirst, back }: PagePlace): string =>
  `${newestFirst ? 'n' : 'o'}${back ? 'b' : 'f'}${position.toString(36)}`

export const parsePage = (request: SearchMessages | CountMessages, newestFirst: boolean): PagePlace | undefined => {
  const { page } = request
  if (page === undefined) return undefined
  const [, order, direction, digits = ''] = /^([no])([bf])([0-9a-z]{1,10})$/.exec(page) ?? []
  if (order === undefined) throw new Refusal('ArgumentInvalid', { argument: 'page', reason: 'is not one of an answer' })
  if ((order === 'n') !== newestFirst) {
    throw new Refusal('ArgumentInvalid', { argument: 'page', reason: 'is of the other order' })
  }
  return { position: Number.parseInt(digits, 36), newestFirst, back: direction === 'b' }
}
