/** Messages of a queue as the queue screen asks for them. */
import type { FoundMessage, Millrace, SearchPage, SearchRequest } from '../../client/index.ts'
import { type Filter, timesOf } from './filter.ts'
import { accountClient } from './server.ts'

export interface Place {
  readonly account: string
  readonly queue: string
  /** Absent: the deliveries that the queue itself keeps. */
  readonly group?: string
  /** Those that the group keeps apart. */
  readonly deadLetters?: boolean
}

export const readerOf = ({ group, deadLetters }: Place): Pick<Place, 'group' | 'deadLetters'> => ({
  ...(group === undefined ? {} : { group }),
  ...(deadLetters ? { deadLetters } : {}),
})

/** The queue as the chosen group has it. */
export const queueAt = (place: Place): ReturnType<Millrace['queue']> =>
  accountClient(place.account).queue(place.queue, readerOf(place))

export type Row = FoundMessage

const pageSize = 200
/** Bodies beyond this are read when they are looked at. */
const bodyBytes = 4096

export interface Search extends Place {
  readonly filter: Filter
  readonly newestFirst: boolean
  readonly page: string | undefined
}

type ApiFilter = NonNullable<SearchRequest['filter']>

export const apiFilter = (filter: Filter, now: number): ApiFilter => ({
  ...(filter.type === '' ? {} : { types: [filter.type] }),
  ...timesOf(filter, now),
  ...(filter.id === '' ? {} : { id: filter.id }),
  ...(filter.reason === '' ? {} : { reason: filter.reason }),
  ...(filter.body === '' ? {} : { body: filter.body }),
  ...(filter.holder === '' ? {} : { holder: filter.holder }),
})

/** Where few of very many match, an answer may be short: then it is asked on, for so many answers at most. */
const answersAPage = 10

export const searchMessages = async (search: Search, signal: AbortSignal): Promise<SearchPage> => {
  const { account, queue, filter, newestFirst } = search
  const operate = accountClient(account).admin.operator
  const request = { ...readerOf(search), filter: apiFilter(filter, Date.now()), newestFirst, maxBodyBytes: bodyBytes }
  let { page } = search
  let end: string | null = null
  const messages: Row[] = []
  for (let answers = 1; ; answers++) {
    const place = page === undefined ? {} : { page }
    const answer = await operate.search(queue, { ...request, ...place, limit: pageSize - messages.length }, { signal })
    messages.push(...answer.messages)
    end ??= answer.end
    if (answer.next === null || messages.length >= pageSize || answers === answersAPage)
      return { ...answer, messages, end }
    page = answer.next
  }
}

/** What matches by now, newest first, without its bodies: one page, as far as one answer goes. */
export const newestMatches = ({ filter, ...place }: Place & { filter: Filter }, signal: AbortSignal) =>
  accountClient(place.account).admin.operator.search(
    place.queue,
    { ...readerOf(place), filter: apiFilter(filter, Date.now()), limit: pageSize, maxBodyBytes: 0 },
    { signal },
  )
