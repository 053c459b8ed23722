import { useEffect, useState } from 'react'
import type { DeliveryType } from '../../../../client/index.ts'
import { type Counted, countAll } from '../../../data/act.ts'
import type { Filter } from '../../../data/filter.ts'
import type { Place } from '../../../data/messages.ts'
import { messageOf } from '../../../ui/notices.tsx'

/** Which messages something is done with. */
export type Target =
  | {
      readonly kind: 'chosen'
      readonly messages: readonly { readonly id: string; readonly type: DeliveryType; readonly inWork: boolean }[]
    }
  | { readonly kind: 'matching'; readonly filter: Filter }

/** How many those are, and of which types; so far, while they are being counted. */
export const useCount = (place: Place, target: Target | undefined): { counted?: Counted; fault?: string } => {
  const [count, setCount] = useState<{ counted?: Counted; fault?: string }>({})
  useEffect(() => {
    setCount({})
    if (!target) return
    if (target.kind === 'chosen') {
      setCount({ counted: countOf(target.messages) })
      return
    }
    const counting = new AbortController()
    countAll(place, target.filter, {
      signal: counting.signal,
      onProgress: (counted) => setCount({ counted }),
    }).catch((error: unknown) => {
      if (!counting.signal.aborted) setCount({ fault: messageOf(error) })
    })
    return () => counting.abort()
  }, [place, target])
  return count
}

const countOf = (messages: readonly { readonly type: DeliveryType }[]): Counted => {
  const types = { Q: 0, D: 0, P: 0, E: 0, F: 0, S: 0 }
  for (const { type } of messages) types[type]++
  return { count: messages.length, types, isWhole: true }
}
