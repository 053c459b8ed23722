import type { Clock } from './clock.ts'
import { queueKey } from './step.ts'
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
    const { store, clock, waiting, lookForWork } = this.#options
    this.#cancelTimer = clock.callAt(clock.now() + store.lookAgainMs, () => {
      if (this.#stopped) return
      waiting.lookAgain()
      lookForWork()
      this.#lookLater()
    })
  }
}
