import {
  isMillraceError,
  type WatchEvent,
  type WatchedMessage,
  type WatchedQueue,
  type WatchRequest,
} from '../../client/index.ts'
import { queuedOf } from '../types.ts'

/** A queue at a glance, with how it has gone since the page was opened. */
export interface LiveQueue extends WatchedQueue {
  /** Messages a second over the last few seconds. */
  readonly in: number
  readonly out: number
  /** The latest readings, the oldest first. */
  readonly trail: readonly Reading[]
}

export interface Reading {
  readonly at: number
  /** All that ever came, and all that is done with. */
  readonly entered: number
  readonly done: number
  readonly waiting: number
}

export interface LiveState {
  readonly connected: boolean
  /** When the server last looked; by its clock. */
  readonly at: number
  readonly queues: readonly LiveQueue[]
  /** Whose those are, and the one that is signed in; sorted. */
  readonly accounts: readonly string[]
  /** There are more than are told of. */
  readonly more: boolean
  /** False until the first event has come. */
  readonly known: boolean
}

export interface Subject {
  readonly account: string
  readonly queue: string
  readonly group?: string
  readonly deadLetters?: boolean
  readonly ids: readonly string[]
  readonly tail?: boolean
  /** Where the tail begins; absent: where the queue ends when it is asked for first. */
  readonly after?: string
}

export interface MessageNews {
  readonly changed: readonly WatchedMessage[]
  readonly gone: readonly string[]
  readonly sent: readonly WatchedMessage[]
  readonly missed: boolean
}

interface Followed {
  readonly subject: Subject
  /** How far its tail has come: another connection goes on from there. */
  after: string | undefined
  readonly onNews: (news: MessageNews) => void
}

const trailLength = 90
/** Rates are over so long, so that they do not flicker. */
const rateWindowMs = 5000
/** The server says something every five seconds. */
const silenceMs = 12_000

export interface LiveOptions {
  readonly account: string
  readonly admin: boolean
  /** Events for as long as the connection holds. */
  readonly watch: (account: string, request: WatchRequest, signal: AbortSignal) => AsyncIterable<WatchEvent>
  readonly onSignedOut: () => void
}

export class LiveStore {
  readonly #options: LiveOptions
  readonly #listeners = new Set<() => void>()
  readonly #queues = new Map<string, LiveQueue>()
  #state: LiveState
  #stream: AbortController | undefined
  #followed: Followed | undefined
  /** How far it has been told of the queues: another connection goes on from there. */
  #cursor: string | undefined
  #restart: ReturnType<typeof setTimeout> | undefined
  #failures = 0

  constructor(options: LiveOptions) {
    this.#options = options
    this.#state = { connected: false, at: 0, queues: [], accounts: [options.account], more: false, known: false }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly read = (): LiveState => this.#state

  queue(account: string, name: string): LiveQueue | undefined {
    return this.#queues.get(placeOf(account, name))
  }

  start(): void {
    this.#connectIn(0)
  }

  stop(): void {
    clearTimeout(this.#restart)
    this.#stream?.abort()
    this.#stream = undefined
  }

  follow(subject: Subject, onNews: (news: MessageNews) => void): () => void {
    const followed = { subject, after: subject.after, onNews }
    this.#followed = followed
    this.#connectIn(50)
    return () => {
      if (this.#followed !== followed) return
      this.#followed = undefined
      this.#connectIn(50)
    }
  }

  #connectIn(ms: number): void {
    clearTimeout(this.#restart)
    this.#restart = setTimeout(() => void this.#connect(), ms)
  }

  async #connect(): Promise<void> {
    this.#stream?.abort()
    const stream = new AbortController()
    this.#stream = stream
    let silence: ReturnType<typeof setTimeout> | undefined
    const listen = () => {
      clearTimeout(silence)
      silence = setTimeout(() => stream.abort(new Error('silence')), silenceMs)
    }
    const isOver = () => this.#stream !== stream
    const followed = this.#followed
    try {
      listen()
      const { account, watch } = this.#options
      for await (const event of watch(followed?.subject.account ?? account, this.#request(), stream.signal)) {
        if (isOver()) return
        this.#failures = 0
        listen()
        this.#take(event)
        // Until there is a stream for what is followed by now, this one tells of what was followed before.
        if (followed === this.#followed) tellOfMessages(event, followed)
      }
    } catch (error) {
      if (isOver()) return
      if (isMillraceError(error, 'Unauthorized')) this.#options.onSignedOut()
    } finally {
      clearTimeout(silence)
    }
    if (isOver()) return
    this.#set({ ...this.#state, connected: false })
    this.#failures++
    this.#connectIn(Math.min(5000, 250 * 2 ** this.#failures))
  }

  #request(): WatchRequest {
    const followed = this.#followed?.subject
    const after = this.#followed?.after
    return {
      ...(this.#options.admin ? { everyAccount: true } : {}),
      ...(this.#cursor === undefined ? {} : { since: this.#cursor }),
      ...(followed && {
        messages: {
          queue: followed.queue,
          ids: [...followed.ids],
          ...(followed.group === undefined ? {} : { group: followed.group }),
          ...(followed.deadLetters ? { deadLetters: true } : {}),
          ...(followed.tail ? { tail: true } : {}),
          ...(after === undefined ? {} : { after }),
        },
      }),
    }
  }

  #take(event: WatchEvent): void {
    // An event about messages alone comes between two looks at the queues.
    const isLook = event.whole || event.at > this.#state.at
    this.#cursor = event.cursor
    if (event.whole) {
      const there = new Set(event.queues.map(({ account, name }) => placeOf(account, name)))
      for (const place of this.#queues.keys()) if (!there.has(place)) this.#queues.delete(place)
    }
    for (const { account, name } of event.removed) this.#queues.delete(placeOf(account, name))
    const changed = new Set<string>()
    for (const queue of event.queues) {
      const place = placeOf(queue.account, queue.name)
      changed.add(place)
      this.#queues.set(place, moved(this.#queues.get(place), queue, event.at))
    }
    // Of those that did not change it is known that they did not. Most do nothing most of the time: they cost nothing.
    for (const [place, queue] of isLook ? this.#queues : noQueues) {
      if (!changed.has(place) && !isStill(queue)) this.#queues.set(place, moved(queue, queue, event.at))
    }
    if (isLook || !this.#state.connected) {
      const queues = [...this.#queues.values()]
      const accounts = [...new Set([this.#options.account, ...queues.map(({ account }) => account)])].sort()
      this.#set({ connected: true, at: event.at, queues, accounts, more: event.more, known: true })
    }
  }

  #set(state: LiveState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

const tellOfMessages = ({ messages, gone, sent, missed, end }: WatchEvent, followed: Followed | undefined): void => {
  if (followed && end !== null) followed.after = end
  if (messages.length + gone.length + sent.length > 0) followed?.onNews({ changed: messages, gone, sent, missed })
}

const noQueues: ReadonlyMap<string, LiveQueue> = new Map()

const placeOf = (account: string, name: string): string => `${account}\n${name}`

const moved = (before: LiveQueue | undefined, queue: WatchedQueue, at: number): LiveQueue => {
  const { reprocessing, done } = queue.counts
  const waiting = queuedOf(queue.counts)
  const reading: Reading = { at, entered: waiting + reprocessing + done, done, waiting }
  const trail = before ? [...trailBefore(before, at), reading].slice(-trailLength) : [reading]
  return { ...queue, trail, in: rateOf(trail, 'entered'), out: rateOf(trail, 'done') }
}

/** While nothing happened nothing was written down: what it was like a moment ago is known all the same. */
const trailBefore = (before: LiveQueue, at: number): readonly Reading[] => {
  const last = before.trail.at(-1)
  return last && isStill(before) && at - last.at > tickMs ? [{ ...last, at: at - tickMs }] : before.trail
}

const tickMs = 1000

const rateOf = (trail: readonly Reading[], of: 'entered' | 'done'): number => {
  const last = trail.at(-1)
  const first = last && trail.find(({ at }) => at >= last.at - rateWindowMs)
  if (!first || first.at === last.at) return 0
  return (Math.max(0, last[of] - first[of]) * 1000) / (last.at - first.at)
}

/** Nothing has happened for as long as its trail goes back. */
const isStill = ({ trail }: LiveQueue): boolean => {
  const [first] = trail
  const last = trail.at(-1)
  return first?.entered === last?.entered && first?.done === last?.done && first?.waiting === last?.waiting
}
