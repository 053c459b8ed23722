import { useEffect, useRef, useState } from 'react'
import { type Filter, isOfState } from '../../../data/filter.ts'
import { useLiveQueue } from '../../../data/live.tsx'
import { newestMatches, type Place } from '../../../data/messages.ts'
import { type Known, type Looks, looksOf, type Newer, newerOf, noneNewer } from '../../../data/newer.ts'

interface Result {
  readonly filter: Filter
  readonly start: { readonly known: Known | undefined }
}

/** How many match the filter of a result by now that did not when it was looked for. */
export const useNewerMatches = (
  place: Place,
  result: Result | undefined,
  shown: readonly string[],
  sent: number,
): Newer => {
  const [latest, setLatest] = useState<{ of: object | undefined; newer: Newer }>()
  const looks = useRef<Looks>(undefined)
  useEffect(() => {
    const known = result?.start.known
    if (!known) return
    const { filter } = result
    const made = looksOf(async (signal) => {
      const newer = newerOf(known, shown, await newestMatches({ ...place, filter }, signal))
      setLatest({ of: result, newer })
    })
    looks.current = made
    return () => made.stop()
  }, [place, result, shown])

  const counts = JSON.stringify(useLiveQueue(place.account, place.queue)?.counts)
  const isMovedInto = result !== undefined && isOfState(result.filter)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every change of what is in the queue.
  useEffect(() => {
    if (sent > 0 || isMovedInto) looks.current?.stir()
  }, [result, sent, isMovedInto && counts])
  return latest?.of === result && latest ? latest.newer : noneNewer
}
