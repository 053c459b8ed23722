import type { SearchPage } from '../../client/index.ts'

/** What a query matched when it was run, newest first: what matches beside that later on is newer. */
export interface Known {
  readonly ids: ReadonlySet<string>
  /** Nothing is known of what is not behind this place. */
  readonly since: number
}

type Found = Pick<SearchPage, 'messages' | 'next'>

/** By what is found newest first. Where more follows, the last of it is as far as that goes. */
export const knownOf = ({ messages, next }: Found): Known => ({
  ids: new Set(messages.map(({ id }) => id)),
  since: next === null ? 0 : (messages.at(-1)?.position ?? 0),
})

export interface Newer {
  readonly count: number
  /** There may be more than were counted. */
  readonly isLeast: boolean
}

export const noneNewer: Newer = { count: 0, isLeast: false }

/** How many of what is found newest first by now are neither known nor shown. */
export const newerOf = (known: Known, shown: readonly string[], { messages, next }: Found): Newer => {
  const inView = new Set(shown)
  const newer = messages.filter(({ id, position }) => position > known.since && !known.ids.has(id) && !inView.has(id))
  return { count: newer.length, isLeast: next !== null && newer.length > 0 && newer.length === messages.length }
}

/** What happens at about the same time is looked at together. */
const gatherMs = 250
const leastRestMs = 1000
/** Rests are so many times as long as the look before them: on a queue where it takes long, looking is a small part of the time all the same. */
const restsALook = 20

export interface Looks {
  /** Something has happened: what is looked at may be another by now. */
  stir(): void
  stop(): void
}

/** Looks when something has happened, soon after a rest; a look that fails is made up for by the next. */
export const looksOf = (look: (signal: AbortSignal) => Promise<void>, now = () => performance.now()): Looks => {
  const stopped = new AbortController()
  let restUntil = 0
  let isStirred = false
  let isBusy = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const arm = () => {
    if (isBusy || !isStirred || stopped.signal.aborted) return
    isBusy = true
    timer = setTimeout(() => void run(), Math.max(gatherMs, restUntil - now()))
  }
  const run = async () => {
    isStirred = false
    const begun = now()
    await look(stopped.signal).catch(() => {})
    restUntil = now() + Math.max(leastRestMs, (now() - begun) * restsALook)
    isBusy = false
    arm()
  }
  return {
    stir() {
      isStirred = true
      arm()
    },
    stop() {
      clearTimeout(timer)
      stopped.abort()
    },
  }
}
