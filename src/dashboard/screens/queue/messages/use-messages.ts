import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { WatchedMessage } from '../../../../client/index.ts'
import { useLive, useWatched } from '../../../data/live.tsx'
import type { MessageNews } from '../../../data/live-store.ts'
import { type Place, type Row, readerOf, searchMessages } from '../../../data/messages.ts'
import { type ShownRow, shownRow } from './columns.tsx'
import type { Filter } from './filter.ts'

const noRows: readonly Row[] = []

/** The result of the last query, kept up to date in place: rows change, but none comes, goes or moves. */
export const useMessages = (place: Place, filter: Filter, newestFirst: boolean) => {
  const { account, queue } = place
  const [run, setRun] = useState(0)
  const [pages, setPages] = useState<readonly string[]>([])
  const [news, setNews] = useState<{
    states: ReadonlyMap<string, WatchedMessage>
    gone: ReadonlySet<string>
    newer: number
    missed: boolean
  }>(nothingNew)
  const page = pages.at(-1)
  const key = ['messages', place, filter, newestFirst, run, page] as const
  const { data, error, isFetching } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => searchMessages({ ...place, filter, newestFirst, page }, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    gcTime: 60_000,
  })
  const messages = data?.messages ?? noRows
  // biome-ignore lint/correctness/useExhaustiveDependencies: another result begins without news.
  useEffect(() => setNews(nothingNew), [data])

  const ids = useMemo(() => messages.map(({ id }) => id), [messages])
  const onNews = useCallback(({ changed, gone, sent, missed }: MessageNews) => {
    setNews((before) => ({
      states: new Map([...before.states, ...changed.map((message) => [message.id, message] as const)]),
      gone: new Set([...before.gone, ...gone]),
      newer: before.newer + sent.length,
      missed: before.missed || missed,
    }))
  }, [])
  useWatched(data ? { account, queue, ...readerOf(place), ids, tail: true } : undefined, onNews)

  const rows = useMemo<ShownRow[]>(
    () => messages.map((message) => shownRow(message, news.states.get(message.id), news.gone.has(message.id))),
    [messages, news],
  )
  const execute = useCallback(() => {
    setPages([])
    setRun((before) => before + 1)
  }, [])
  return {
    rows,
    error,
    isFetching,
    newer: news.newer,
    /** There are more newer ones than were counted. */
    missed: news.missed,
    /** Another one with every run and every page. */
    result: data,
    pageNumber: pages.length + 1,
    /** Runs the query anew, from its first page. */
    execute,
    next: data?.next ? () => setPages((before) => [...before, data.next as string]) : undefined,
    previous: pages.length > 0 ? () => setPages((before) => before.slice(0, -1)) : undefined,
  }
}

const nothingNew = { states: new Map<string, WatchedMessage>(), gone: new Set<string>(), newer: 0, missed: false }

/** By the server's clock, second by second. */
export const useServerNow = (): number => {
  const { at } = useLive()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const offset = at === 0 ? 0 : at - Date.now()
    setNow(Date.now() + offset)
    const timer = setInterval(() => setNow(Date.now() + offset), 1000)
    return () => clearInterval(timer)
  }, [at])
  return now
}
