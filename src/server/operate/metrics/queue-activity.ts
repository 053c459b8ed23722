import type { ObservedVerb } from '../../../core/observer.ts'
import type { Sample } from './samples.ts'

interface Activity {
  readonly account: string
  readonly queue: string
  readonly messages: Map<string, number>
  /** The scrape before which something last happened. */
  activeAt: number
}

/** After so many scrapes without an event (an hour, usually) a queue's place may go to another. */
const idleScrapes = 240

/** What was done in which queue, for a limited number of queues: with endless queues the numbers must not be endless. */
export class QueueActivity {
  readonly #limit: number
  readonly #accounts = new Map<string, Map<string, Activity>>()
  #count = 0
  #scrapes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  note({ verb, account, queue, messages }: ObservedVerb): void {
    const activity = this.#accounts.get(account)?.get(queue) ?? this.#begin(account, queue)
    if (!activity) return
    activity.messages.set(verb, (activity.messages.get(verb) ?? 0) + messages)
    activity.activeAt = this.#scrapes
  }

  *samples(): Generator<Sample> {
    this.#scrapes++
    for (const { account, queue, messages } of this.#all()) {
      for (const [verb, value] of messages) yield { labels: { account, queue, verb }, value }
    }
  }

  #begin(account: string, queue: string): Activity | undefined {
    if (this.#count >= this.#limit) this.#dropIdle()
    if (this.#count >= this.#limit) return undefined
    const activity: Activity = { account, queue, messages: new Map(), activeAt: this.#scrapes }
    const queues = this.#accounts.get(account)
    if (queues) queues.set(queue, activity)
    else this.#accounts.set(account, new Map([[queue, activity]]))
    this.#count++
    return activity
  }

  #lookedAt = 0

  #dropIdle(): void {
    // Idleness is counted in scrapes, so once for each is enough.
    if (this.#lookedAt === this.#scrapes) return
    this.#lookedAt = this.#scrapes
    for (const { account, queue, activeAt } of [...this.#all()]) {
      if (this.#scrapes - activeAt < idleScrapes) continue
      const queues = this.#accounts.get(account)
      queues?.delete(queue)
      if (queues?.size === 0) this.#accounts.delete(account)
      this.#count--
    }
  }

  *#all(): Generator<Activity> {
    for (const queues of this.#accounts.values()) yield* queues.values()
  }
}
