import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import type { WatchedMessage } from '../../../../client/index.ts'
import type { Filter } from '../../../data/filter.ts'
import { useWatched } from '../../../data/live.tsx'
import type { MessageNews } from '../../../data/live-store.ts'
import { type Place, type Row, readerOf, searchMessages } from '../../../data/messages.ts'
import { type ShownRow, shownRow } from './columns.tsx'

const noRows: readonly Row[] = []

/** What became known of a result since it was shown. */
interface News {
  readonly of: object | undefined
  readonly states: ReadonlyMap<string, WatchedMessage>
  readonly gone: ReadonlySet<string>
  readonly newer: number
  readonly missed: boolean
}

const nothingNew: News = { of: undefined, states: new Map(), gone: new Set(), newer: 0, missed: false }

/** How far somebody has turned in the result of one query. */
interface Turned {
  readonly filter: Filter
  readonly newestFirst: boolean
  /** Where each page after the first begins. */
  readonly pages: readonly string[]
  /** Where the queue ended when the first was looked for. */
  readonly end: string | null
}

/** The result of the last query, kept up to date in place: rows change, but none comes, goes or moves. */
export const useMessages = (place: Place, filter: Filter, newestFirst: boolean) => {
  const { account, queue } = place
  const [run, setRun] = useState(0)
  const [turned, setTurned] = useState<Turned>()
  const isTurned = turned?.filter === filter && turned.newestFirst === newestFirst
  const pages = isTurned ? turned.pages : []
  const page = pages.at(-1)
  const {
    data: result,
    error,
    isFetching,
    isPlaceholderData,
  } = useQuery({
    queryKey: ['messages', place, filter, newestFirst, run, page],
    queryFn: async ({ signal }) => ({
      ...(await searchMessages({ ...place, filter, newestFirst, page }, signal)),
      ...(isTurned && page !== undefined ? { end: turned.end } : {}),
      pageNumber: pages.length + 1,
    }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    gcTime: 60_000,
  })
  const messages = result?.messages ?? noRows
  const turnTo = (pages: readonly string[]) => setTurned({ filter, newestFirst, pages, end: result?.end ?? null })
  const ids = useMemo(() => messages.map(({ id }) => id), [messages])

  const [latest, setLatest] = useState(nothingNew)
  const news = latest.of === result ? latest : nothingNew
  const onNews = useCallback(
    ({ changed, gone, sent, missed }: MessageNews) =>
      setLatest((last) => {
        const before = last.of === result ? last : nothingNew
        return {
          of: result,
          states: new Map([...before.states, ...changed.map((message) => [message.id, message] as const)]),
          gone: new Set([...before.gone, ...gone]),
          // The oldest first, some of what came later may be shown already.
          newer: before.newer + sent.filter(({ id }) => !ids.includes(id)).length,
          missed: before.missed || missed,
        }
      }),
    [result, ids],
  )
  // It begins where the search did, however long that took: what came meanwhile is newer, too.
  const after = result?.end ?? undefined
  useWatched(
    result && { account, queue, ...readerOf(place), ids, tail: true, ...(after === undefined ? {} : { after }) },
    onNews,
  )

  const rows = useMemo<ShownRow[]>(
    () => messages.map((message) => shownRow(message, news.states.get(message.id), news.gone.has(message.id))),
    [messages, news],
  )
  const next = result?.next
  return {
    rows,
    error,
    isFetching,
    newer: news.newer,
    /** There are more newer ones than were counted. */
    missed: news.missed,
    /** Another one with every run and every page. */
    result,
    /** Of what is shown, which while another page is on its way is not that one. */
    pageNumber: result?.pageNumber ?? 1,
    /** Runs the query anew, from its first page. */
    execute() {
      turnTo([])
      setRun((before) => before + 1)
    },
    // What follows a page is known once it is there.
    next: next ? () => !isPlaceholderData && turnTo([...pages, next]) : undefined,
    previous: pages.length > 0 ? () => turnTo(pages.slice(0, -1)) : undefined,
  }
}
