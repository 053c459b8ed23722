import type { Clock } from '../../core/clock.ts'
import type { QueueEngine } from '../../core/engine-api.ts'
import { isRefusal } from '../../core/errors.ts'
import type { PushControl } from '../../core/push-control.ts'
import type { Watching } from '../../protocols/native/index.ts'
import { FollowedMessages, type MessageNews, noNews } from './followed.ts'
import { type ChangedQueues, Glances } from './glances.ts'
import type { QueueReadings, Readings } from './readings.ts'

export interface HubOptions {
  readonly engine: Pick<QueueEngine, 'getMessages' | 'browse'>
  readonly clock: Clock
  readonly readings: QueueReadings
  readonly push: Pick<PushControl, 'list'>
  /** Another one for every process. */
  readonly process: string
  readonly onError: (error: unknown) => void
}

const tickMs = 1000
/** With so many queues that a look takes long, there are fewer: looking takes at most a quarter of the time. */
const pausesALook = 3
/** Something is said at least this often, so that a broken connection is noticed. */
const silenceMs = 5000
/** Messages that are followed are looked at as soon as something happens to their queue, but no more often than this. */
const followMs = 200

const noChanges: ChangedQueues = { whole: false, queues: [], removed: [] }

/** One who watches, and what it knows. */
interface Watcher {
  readonly watching: Watching
  readonly followed: FollowedMessages | undefined
  /** The look at the queues that it was last told of. */
  look: number | undefined
  toldAt: number
  /** What the queue of its messages was like when they were last looked at. */
  lookedLike: string
  lookedAt: number
  /** Something has happened to that queue since. */
  isStale: boolean
  isBeingTold: boolean
  cancel: (() => void) | undefined
}

/** Tells everyone who watches what has changed. One look a second at the queues does for all of them; none: no look. */
export class WatchHub {
  readonly #options: HubOptions
  readonly #glances: Glances
  readonly #watchers = new Set<Watcher>()
  readonly #stopped = Promise.withResolvers<void>()
  #isStopped = false
  #cancel: (() => void) | undefined

  constructor(options: HubOptions) {
    this.#options = options
    this.#glances = new Glances(options.push, options.process)
  }

  async watch(watching: Watching): Promise<void> {
    if (this.#isStopped || watching.signal.aborted) return
    const { account, messages, since } = watching
    const watcher: Watcher = {
      watching,
      followed: messages && new FollowedMessages(this.#options.engine, account, messages),
      look: this.#glances.lookOf(since),
      toldAt: 0,
      lookedLike: '',
      lookedAt: 0,
      isStale: true,
      isBeingTold: false,
      cancel: undefined,
    }
    this.#watchers.add(watcher)
    const gone = Promise.withResolvers<void>()
    const leave = () => gone.resolve()
    watching.signal.addEventListener('abort', leave, { once: true })
    try {
      await this.#tell(watcher, await this.#options.readings.read(tickMs / 2))
      this.#arm(tickMs)
      await Promise.race([gone.promise, this.#stopped.promise])
    } finally {
      watching.signal.removeEventListener('abort', leave)
      watcher.cancel?.()
      this.#watchers.delete(watcher)
    }
  }

  /** Something was done to messages of a queue: whoever follows them is told at once, not at the next look at all queues. */
  note(account: string, queue: string): void {
    for (const watcher of this.#watchers) {
      const { watching } = watcher
      if (watching.messages?.queue === queue && watching.account === account) this.#followSoon(watcher)
    }
  }

  /** Ends every watch. */
  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
    this.#stopped.resolve()
  }

  #arm(afterMs: number): void {
    if (this.#cancel || this.#isStopped || this.#watchers.size === 0) return
    const { clock, onError } = this.#options
    this.#cancel = clock.callAt(clock.now() + afterMs, () => {
      let pauseMs = tickMs
      this.#tick()
        .then((tookMs) => {
          pauseMs = Math.min(silenceMs, Math.max(tickMs, pausesALook * tookMs))
        })
        .catch(onError)
        .finally(() => {
          this.#cancel = undefined
          this.#arm(pauseMs)
        })
    })
  }

  /** Resolves with how long the look at the queues took. */
  async #tick(): Promise<number> {
    if (this.#watchers.size === 0) return 0
    const { readings, clock } = this.#options
    const begun = clock.now()
    const read = await readings.read(tickMs / 2)
    const tookMs = clock.now() - begun
    for (const watcher of this.#watchers) await this.#tell(watcher, read)
    return tookMs
  }

  async #tell(watcher: Watcher, readings: Readings): Promise<void> {
    await this.#alone(watcher, async () => {
      this.#glances.take(readings)
      const { look } = this.#glances
      const queues = this.#glances.since(watcher.look, watcher.watching)
      watcher.look = look
      await this.#say(watcher, readings, queues, await this.#newsOf(watcher, readings))
    })
  }

  #followSoon(watcher: Watcher): void {
    watcher.isStale = true
    if (watcher.cancel || watcher.look === undefined) return
    const { clock, onError } = this.#options
    watcher.cancel = clock.callAt(Math.max(clock.now(), watcher.lookedAt + followMs), () => {
      watcher.cancel = undefined
      this.#follow(watcher).catch(onError)
    })
  }

  /** Tells of the messages alone. What it cannot tell now, it tells with the next look at the queues. */
  async #follow(watcher: Watcher): Promise<void> {
    const readings = this.#options.readings.last
    if (!readings || watcher.look !== this.#glances.look) return
    await this.#alone(watcher, async () =>
      this.#say(watcher, readings, noChanges, await this.#newsOf(watcher, readings)),
    )
  }

  /** Unless it is being told already, or has not taken in yet what it was told. */
  async #alone(watcher: Watcher, tell: () => Promise<void>): Promise<void> {
    if (watcher.isBeingTold || watcher.watching.isBusy()) return
    watcher.isBeingTold = true
    try {
      await tell()
    } finally {
      watcher.isBeingTold = false
    }
  }

  async #say(watcher: Watcher, readings: Readings, changed: ChangedQueues, news: MessageNews): Promise<void> {
    const many = [changed.queues, changed.removed, news.messages, news.gone, news.sent]
    const isNews = changed.whole || many.some(({ length }) => length > 0)
    const now = this.#options.clock.now()
    if (!isNews && watcher.toldAt > 0 && now - watcher.toldAt < silenceMs) return
    if (this.#isStopped || watcher.watching.signal.aborted) return
    watcher.toldAt = now
    const cursor = this.#glances.cursorOf(watcher.look ?? 0)
    watcher.watching.tell({ at: readings.at, more: readings.more, cursor, ...changed, ...news })
  }

  async #newsOf(watcher: Watcher, { accounts }: Readings): Promise<MessageNews> {
    const { account, messages } = watcher.watching
    if (!watcher.followed || !messages) return noNews
    const now = this.#options.clock.now()
    const reading = accounts.get(account)?.get(messages.queue)
    // What another node did to the queue shows in its counts; what shows nowhere is found a moment later.
    const looksLike = JSON.stringify([reading?.id, reading?.counts, reading?.deadLetters])
    if (!watcher.isStale && looksLike === watcher.lookedLike && now - watcher.lookedAt < silenceMs) return noNews
    watcher.lookedLike = looksLike
    watcher.lookedAt = now
    watcher.isStale = false
    try {
      return await watcher.followed.news()
    } catch (error) {
      if (isRefusal(error)) return noNews
      throw error
    }
  }
}
