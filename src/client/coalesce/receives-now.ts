import { Batcher, type Entry, settledBy } from './batcher.ts'
import type { LaneTools } from './lanes.ts'

interface Waiter<Message> extends Entry {
  resolve(messages: readonly Message[]): void
}

/** Receives that take what is there and do not wait: those of one moment travel together. */
export class ReceivesNow<Message> {
  readonly #batcher: Batcher<Waiter<Message>>

  /** `giveBack` gets messages that came for somebody who has given up meanwhile. */
  constructor(
    receive: (maxMessages: number) => Promise<readonly Message[]>,
    giveBack: (messages: readonly Message[]) => void,
    { limits, runtime }: Omit<LaneTools, 'backend'>,
  ) {
    const request = async (waiters: readonly Waiter<Message>[]) => {
      const messages = await receive(waiters.reduce((sum, { count }) => sum + count, 0))
      let at = 0
      for (const waiter of waiters) {
        if (waiter.cancelled) continue
        waiter.resolve(messages.slice(at, at + waiter.count))
        at += waiter.count
      }
      if (at < messages.length) giveBack(messages.slice(at))
    }
    this.#batcher = new Batcher(request, limits, runtime)
  }

  get idle(): boolean {
    return this.#batcher.idle
  }

  close(): Promise<void> {
    return this.#batcher.close()
  }

  receive(want: number, signal: AbortSignal | undefined): Promise<readonly Message[]> {
    return settledBy(signal, (resolve, reject) => {
      const waiter = { count: want, weight: 0, alone: false, resolve, reject, cancelled: false }
      this.#batcher.add(waiter)
      return waiter
    })
  }
}
