import { Refusal } from './errors.ts'
import type { EngineLimits } from './limits.ts'
import { markerAt } from './markers.ts'
import { prepareFilter } from './operations/filter.ts'
import type { Found, FoundSlice } from './operations/search.ts'
import {
  knownCounts,
  lastPosition,
  noneOfAnyType,
  pageToken,
  parsePage,
  placeToSearch,
  searchGroup,
} from './operations/search.ts'
import type { CountMessages, CountPage, SearchMessages, SearchPage } from './requests.ts'
import type { Step } from './step.ts'

type Run = <Result>(run: (step: Step) => Result) => Promise<Result>

/** Slices of one request. Each is a commit of its own, so that what others ask for goes on between them. */
const slicesAtMost = 20

/** A page of a search. A request looks at some ten thousand messages at most, and says where the next one goes on. */
export const searchMessages = async (run: Run, request: SearchMessages, limits: EngineLimits): Promise<SearchPage> => {
  const { newestFirst = true, limit = 100, maxBytes, maxBodyBytes } = request
  checkWhole('limit', limit, 1, limits.maxBatch)
  checkWhole('maxBytes', maxBytes, 1)
  checkWhole('maxBodyBytes', maxBodyBytes, 0)
  const page = parsePage(request, newestFirst)
  const filter = prepareFilter(request.filter)
  const towardsNewer = page?.back === true ? newestFirst : !newestFirst
  const found: Found[] = []
  let after = page?.position
  let examined = 0
  let bytesLeft = maxBytes
  let end: string | null = null
  let isFull = false
  for (let slices = 0; slices < slicesAtMost; slices++) {
    // Whether anything follows a full page is looked for in one slice more, and no longer: the page itself is there already.
    const isLast = isFull
    const slice = await run((step): FoundSlice => {
      const place = placeToSearch(step, request)
      if (!page && slices === 0) end = markerAt(place ? lastPosition(step, place.group) : 0)
      if (!place) return { found: [], next: null, examined: 0, full: true }
      return searchGroup(step, place, filter, {
        after,
        newestFirst: !towardsNewer,
        limit: isLast ? 0 : limit - found.length,
        ...(bytesLeft === undefined ? {} : { maxBytes: Math.max(1, bytesLeft) }),
        ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
      })
    })
    found.push(...slice.found)
    examined += slice.examined
    if (bytesLeft !== undefined) for (const { stored } of slice.found) bytesLeft -= stored.message.body.byteLength
    isFull = found.length === limit || (bytesLeft !== undefined && bytesLeft <= 0)
    after = slice.next ?? undefined
    if (slice.full || isLast) break
  }
  const messages = found.map(({ stored }) => stored)
  const onward = after === undefined ? null : pageToken({ position: after, newestFirst, back: page?.back ?? false })
  if (!page) return { messages, next: onward, previous: null, examined, end }
  // The other way from a page leads to what is beyond its end, or beyond the place where it began.
  const other = pageToken({
    position: otherWay(page.position, messages[0]?.position, towardsNewer),
    newestFirst,
    back: !page.back,
  })
  return page.back
    ? { messages: messages.reverse(), next: other, previous: onward, examined, end }
    : { messages, next: onward, previous: other, examined, end }
}

/** Where to begin in the other direction, so that what is at `start` itself is met again if the page did not begin behind it. */
const otherWay = (start: number, first: number | undefined, towardsNewer: boolean): number =>
  first ?? (towardsNewer ? start + 1 : Math.max(0, start - 1))

export const countMessages = async (run: Run, request: CountMessages): Promise<CountPage> => {
  const page = parsePage(request, true)
  const filter = prepareFilter(request.filter)
  const types = noneOfAnyType()
  let after = page?.position
  let examined = 0
  for (let slices = 0; slices < slicesAtMost; slices++) {
    const slice = await run((step) => {
      const place = placeToSearch(step, request)
      if (!place) return { counts: noneOfAnyType(), next: null, examined: 0 }
      const known = page ? undefined : knownCounts(step, place.group, request.filter)
      if (known) return { counts: known, next: null, examined: 0 }
      const counts = noneOfAnyType()
      const wanted = { after, newestFirst: true, limit: Number.MAX_SAFE_INTEGER }
      const { found, next, examined } = searchGroup(step, place, filter, wanted)
      for (const { stored } of found) counts[stored.type]++
      return { counts, next, examined }
    })
    for (const [type, count] of Object.entries(slice.counts)) types[type as keyof typeof types] += count
    examined += slice.examined
    after = slice.next ?? undefined
    if (slice.next === null) break
  }
  const count = Object.values(types).reduce((sum, each) => sum + each, 0)
  const next = after === undefined ? null : pageToken({ position: after, newestFirst: true, back: false })
  return { types, count, next, examined }
}

const checkWhole = (
  argument: string,
  value: number | undefined,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): void => {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return
  throw new Refusal('ArgumentInvalid', { argument, reason: `must be a whole number from ${least} to ${most}` })
}
