import type { Clock } from './clock.ts'
import { queueKey, queueNameOf, waitKey } from './queue-keys.ts'
import type { SharedStore } from './store.ts'
import type { WaitingList } from './waiting.ts'

interface Options {
  readonly store: SharedStore
  readonly clock: Clock
  readonly waiting: WaitingList
  /** Something became ready, or a queue changed: whoever is looking at this moment may have missed it. */
  readonly changed: () => void
  /** Other nodes may have written down work, or something that falls due. */
  readonly lookForWork: () => void
}

/** What other nodes do over the same store: who waits here is woken by their hints, and looks by himself now and then. */
export class Neighbours {
  readonly #options: Options
  #stopped = false
  #looking = false
  #stopListening: () => void = () => {}
  #cancelTimer: () => void = () => {}

  constructor(options: Options) {
    this.#options = options
  }

  start(): void {
    const { store, waiting, changed } = this.#options
    this.#stopListening = store.listen(({ account, queue, readied }) => {
      changed()
      if (waiting.size > 0) waiting.wakeQueue(queueKey(account, queue), readied ?? undefined)
    })
    this.#lookLater()
  }

  stop(): void {
    this.#stopped = true
    this.#stopListening()
    this.#cancelTimer()
  }

  #lookLater(): void {
    const { store, clock, lookForWork } = this.#options
    this.#cancelTimer = clock.callAt(clock.now() + store.lookAgainMs, () => {
      if (this.#stopped) return
      this.#wakeWaiting()
      lookForWork()
      this.#lookLater()
    })
  }

  #wakeWaiting(): void {
    if (this.#looking || this.#options.waiting.size === 0) return
    this.#looking = true
    void this.#wakeWhereReady()
      // The next look makes up for it.
      .catch(() => {})
      .finally(() => {
        this.#looking = false
      })
  }

  /** Thousands of groups may be waited for, most of them idle: one read says which are worth a look. */
  async #wakeWhereReady(): Promise<void> {
    const { store, waiting } = this.#options
    const queues = [...waiting.queueKeys]
    for (let from = 0; from < queues.length; from += queuesAtOnce) {
      const ready = await store.readyGroups(queues.slice(from, from + queuesAtOnce).map(queueNameOf))
      if (this.#stopped) return
      for (const { account, queue, group } of ready) {
        waiting.lookAgain(queueKey(account, queue), waitKey(account, queue, group))
      }
    }
  }
}

const queuesAtOnce = 1_000
