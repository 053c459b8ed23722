import type { Clock } from '../../core/clock.ts'
import type { QueueEngine } from '../../core/engine-api.ts'
import { isRefusal } from '../../core/errors.ts'
import type { PushControl, PushHealth } from '../../core/push-control.ts'
import type { StoredMessage } from '../../core/requests.ts'
import type { Watching } from '../../protocols/native/index.ts'
import type { WatchEvent, WatchedMessage, WatchedQueue } from '../../protocols/native/schemas/watch.ts'
import type { QueueReadings, Reading, Readings } from './readings.ts'

export interface HubOptions {
  readonly engine: Pick<QueueEngine, 'getMessages' | 'browse'>
  readonly clock: Clock
  readonly readings: QueueReadings
  readonly push: Pick<PushControl, 'list'>
  readonly onError: (error: unknown) => void
}

const tickMs = 1000
/** Something is said at least this often, so that a broken connection is noticed. */
const silenceMs = 5000
/** Messages that a tail is told of in one event. */
const tailLimit = 100

/** One who watches, and what it knows. */
interface Watcher {
  readonly watching: Watching
  /** What it was last told of each queue. */
  readonly queues: Map<string, { readonly text: string; readonly account: string; readonly name: string }>
  readonly messages: Map<string, string>
  /** Where the queue ended when it last looked; with `tail`. */
  tail: string | null | undefined
  begun: boolean
  toldAt: number
  /** What the queue of its messages was like when they were last looked at. */
  looked: string
  lookedAt: number
  isTold: boolean
}

/** Tells everyone who watches what has changed. One look a second at the queues does for all of them; none: no look. */
export class WatchHub {
  readonly #options: HubOptions
  readonly #watchers = new Set<Watcher>()
  readonly #stopped = Promise.withResolvers<void>()
  #isStopped = false
  #cancel: (() => void) | undefined

  constructor(options: HubOptions) {
    this.#options = options
  }

  async watch(watching: Watching): Promise<void> {
    if (this.#isStopped || watching.signal.aborted) return
    const watcher: Watcher = {
      watching,
      queues: new Map(),
      messages: new Map(),
      tail: undefined,
      begun: false,
      toldAt: 0,
      looked: '',
      lookedAt: 0,
      isTold: false,
    }
    this.#watchers.add(watcher)
    const gone = Promise.withResolvers<void>()
    const leave = () => gone.resolve()
    watching.signal.addEventListener('abort', leave, { once: true })
    try {
      await this.#tell(watcher, await this.#options.readings.read(tickMs / 2))
      this.#arm()
      await Promise.race([gone.promise, this.#stopped.promise])
    } finally {
      watching.signal.removeEventListener('abort', leave)
      this.#watchers.delete(watcher)
    }
  }

  /** Ends every watch. */
  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
    this.#stopped.resolve()
  }

  #arm(): void {
    if (this.#cancel || this.#isStopped || this.#watchers.size === 0) return
    const { clock, onError } = this.#options
    this.#cancel = clock.callAt(clock.now() + tickMs, () => {
      this.#tick()
        .catch(onError)
        .finally(() => {
          this.#cancel = undefined
          this.#arm()
        })
    })
  }

  async #tick(): Promise<void> {
    if (this.#watchers.size === 0) return
    const readings = await this.#options.readings.read(tickMs / 2)
    for (const watcher of this.#watchers) {
      if (watcher.watching.isBusy() || watcher.isTold) continue
      await this.#tell(watcher, readings)
    }
  }

  async #tell(watcher: Watcher, readings: Readings): Promise<void> {
    watcher.isTold = true
    try {
      const { at, more } = readings
      const whole = !watcher.begun
      const event: WatchEvent = {
        at,
        whole,
        ...changedQueues(watcher, readings, this.#options.push),
        more,
        ...nothingOfMessages(),
        ...(await this.#changedMessages(watcher, readings)),
      }
      const isNews =
        event.queues.length + event.removed.length + event.messages.length + event.gone.length + event.sent.length > 0
      if (!isNews && !whole && at - watcher.toldAt < silenceMs) return
      if (this.#isStopped || watcher.watching.signal.aborted) return
      watcher.begun = true
      watcher.toldAt = at
      watcher.watching.tell(event)
    } finally {
      watcher.isTold = false
    }
  }

  async #changedMessages(watcher: Watcher, { accounts, at }: Readings): Promise<Partial<WatchEvent>> {
    const { account, messages } = watcher.watching
    if (!messages) return {}
    const reading = accounts.get(account)?.get(messages.queue)
    const looks = JSON.stringify([reading?.view.id, reading?.view.groups])
    // Almost every change of a message shows in the counts of its queue; the others are found a moment later.
    if (watcher.begun && looks === watcher.looked && at - watcher.lookedAt < silenceMs) return {}
    watcher.looked = looks
    watcher.lookedAt = at
    try {
      return { ...(await this.#states(watcher)), ...(messages.tail ? await this.#sent(watcher) : {}) }
    } catch (error) {
      if (isRefusal(error)) return {}
      throw error
    }
  }

  async #states({ watching: { account, messages }, messages: known }: Watcher): Promise<Partial<WatchEvent>> {
    if (!messages || messages.ids.length === 0) return {}
    const { queue, group, deadLetters, ids } = messages
    const place = { account, queue, ...(group !== undefined && { group }), ...(deadLetters && { deadLetters }) }
    const found = await this.#options.engine.getMessages({ ...place, ids })
    const there = new Set<string>()
    const changed: WatchedMessage[] = []
    for (const stored of found) {
      const message = watched(stored)
      const text = JSON.stringify(message)
      there.add(message.id)
      if (known.get(message.id) === text) continue
      known.set(message.id, text)
      changed.push(message)
    }
    const gone = ids.filter((id) => !there.has(id) && known.get(id) !== '')
    for (const id of gone) known.set(id, '')
    return { messages: changed, gone }
  }

  async #sent(watcher: Watcher): Promise<Partial<WatchEvent>> {
    const { account, messages } = watcher.watching
    if (!messages) return {}
    const { queue, group, deadLetters } = messages
    const reader = { ...(group !== undefined && { group }), ...(deadLetters && { deadLetters }) }
    const place = { account, queue, ...reader, states: everyState, limit: tailLimit }
    if (watcher.tail === undefined) {
      // What is there already is not told of: the tail begins behind it.
      const { messages: newest } = await this.#options.engine.browse({ ...place, newestFirst: true, limit: 1 })
      watcher.tail = newest[0]?.id ?? null
      return {}
    }
    // Where there was nothing, everything is new.
    const page = await this.#options.engine.browse(watcher.tail === null ? place : { ...place, marker: watcher.tail })
    const last = page.messages.at(-1)
    if (last) watcher.tail = last.id
    return { sent: page.messages.map(watched), missed: page.messages.length === tailLimit }
  }
}

const everyState = ['ready', 'behind', 'delayed', 'leased', 'finished'] as const

const nothingOfMessages = (): Pick<WatchEvent, 'messages' | 'gone' | 'sent' | 'missed'> => ({
  messages: [],
  gone: [],
  sent: [],
  missed: false,
})

const changedQueues = (
  watcher: Watcher,
  { accounts }: Readings,
  push: Pick<PushControl, 'list'>,
): Pick<WatchEvent, 'queues' | 'removed'> => {
  const { account, everyAccount, mayWatch } = watcher.watching
  const queues: WatchedQueue[] = []
  const there = new Set<string>()
  for (const [owner, its] of accounts) {
    if (!everyAccount && owner !== account) continue
    const taken = deadLetterQueuesOf(its)
    const targets = Map.groupBy(push.list({ account: owner }), ({ queue }) => queue)
    for (const [name, reading] of its) {
      if (!mayWatch(name)) continue
      const place = `${owner}\n${name}`
      there.add(place)
      const queue = watchedQueue(reading, taken.has(name), targets.get(name) ?? [])
      const text = JSON.stringify(queue)
      if (watcher.queues.get(place)?.text === text) continue
      watcher.queues.set(place, { text, account: owner, name })
      queues.push(queue)
    }
  }
  const removed: WatchEvent['removed'] = []
  for (const [place, { account, name }] of watcher.queues) {
    if (there.has(place)) continue
    watcher.queues.delete(place)
    removed.push({ account, name })
  }
  return { queues, removed }
}

const deadLetterQueuesOf = (queues: ReadonlyMap<string, Reading>): Set<string> => {
  const names = new Set<string>()
  for (const { view } of queues.values()) {
    if (view.settings.deadLetterQueue !== null) names.add(view.settings.deadLetterQueue)
  }
  return names
}

const watchedQueue = (
  { view, counts, deadLetters, oldestWaitingAt, today, workers }: Reading,
  isDeadLetterQueue: boolean,
  targets: readonly PushHealth[],
): WatchedQueue => ({
  account: view.account,
  name: view.name,
  explicit: view.explicit,
  ordering: view.settings.ordering,
  paused: view.settings.paused,
  consumerGroups: view.settings.consumerGroups,
  deadLetterQueue: view.settings.deadLetterQueue,
  counts,
  deadLetters,
  isDeadLetterQueue,
  oldestWaitingAt,
  today,
  workers,
  push: targets.map(({ group, url, state, lastError }) => ({
    group,
    url,
    state,
    detail: state === 'healthy' ? '' : (lastError?.reason ?? ''),
  })),
})

const watched = (stored: StoredMessage): WatchedMessage => ({
  id: stored.id,
  type: stored.type,
  state: stored.state,
  sentAt: stored.message.sentAt,
  modifiedAt: stored.modifiedAt,
  visibleAt: stored.visibleAt,
  receiveCount: stored.receiveCount,
  reprocessCount: stored.reprocessCount,
  holder: stored.holder,
  reason: stored.reason,
})
