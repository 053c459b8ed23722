import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import type { WatchedMessage } from '../../../../client/index.ts'
import { type Filter, isFiltered } from '../../../data/filter.ts'
import { useWatched } from '../../../data/live.tsx'
import type { MessageNews } from '../../../data/live-store.ts'
import { newestMatches, type Place, type Row, readerOf, type Search, searchMessages } from '../../../data/messages.ts'
import { type Known, knownOf } from '../../../data/newer.ts'
import { type ShownRow, shownRow } from './columns.tsx'
import { useNewerMatches } from './use-newer-matches.ts'

const noRows: readonly Row[] = []

/** What became known of a result since it was shown. */
interface News {
  readonly of: object | undefined
  readonly states: ReadonlyMap<string, WatchedMessage>
  readonly gone: ReadonlySet<string>
  readonly sent: number
  readonly missed: boolean
}

const nothingNew: News = { of: undefined, states: new Map(), gone: new Set(), sent: 0, missed: false }

/** What there was when the first page was looked for. */
interface Start {
  /** Where the queue ended. */
  readonly end: string | null
  /** What matched the filter; undefined where there is none, so that all that comes matches. */
  readonly known: Known | undefined
}

/** How far somebody has turned in the result of one query. */
interface Turned {
  readonly filter: Filter
  readonly newestFirst: boolean
  /** Where each page after the first begins. */
  readonly pages: readonly string[]
  readonly start: Start | undefined
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
    queryFn: async ({ signal }) => {
      const search = { ...place, filter, newestFirst, page }
      const start = isTurned && page !== undefined ? turned.start : undefined
      const found = start ? { ...(await searchMessages(search, signal)), start } : await firstPage(search, signal)
      return { ...found, filter, pageNumber: pages.length + 1 }
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    gcTime: 60_000,
  })
  const messages = result?.messages ?? noRows
  const turnTo = (pages: readonly string[]) => setTurned({ filter, newestFirst, pages, start: result?.start })
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
          sent: before.sent + sent.filter(({ id }) => !ids.includes(id)).length,
          missed: before.missed || missed,
        }
      }),
    [result, ids],
  )
  // It begins where the search did, however long that took: what came meanwhile is newer, too.
  const after = result?.start.end ?? undefined
  useWatched(
    result && { account, queue, ...readerOf(place), ids, tail: true, ...(after === undefined ? {} : { after }) },
    onNews,
  )
  const matches = useNewerMatches(place, result, ids, news.sent)

  const rows = useMemo<ShownRow[]>(
    () => messages.map((message) => shownRow(message, news.states.get(message.id), news.gone.has(message.id))),
    [messages, news],
  )
  const next = result?.next
  return {
    rows,
    error,
    isFetching,
    newer: result?.start.known ? matches : { count: news.sent, isLeast: news.missed },
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

const firstPage = async (search: Search, signal: AbortSignal) => {
  if (!isFiltered(search.filter)) return started(await searchMessages(search, signal), undefined)
  // The newest that match are not on the page where the oldest come first. Looked for beforehand: what comes in between is newer, too.
  const newest = search.newestFirst ? undefined : await newestMatches(search, signal)
  const found = await searchMessages(search, signal)
  return started(found, knownOf(newest ?? found))
}

const started = <Page extends { readonly end: string | null }>(found: Page, known: Known | undefined) => ({
  ...found,
  start: { end: found.end, known } satisfies Start,
})
