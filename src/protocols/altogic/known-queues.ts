import type { QueueView } from '../../core/requests.ts'

/** Names of queues by their ids, as they were when somebody looked: whoever goes by one has to see that the queue has the id still. */
export class KnownQueues {
  readonly #names = new Map<string, string>()

  nameOf(account: string, id: string): string | undefined {
    return this.#names.get(place(account, id))
  }

  note({ account, publicId, name }: Pick<QueueView, 'account' | 'publicId' | 'name'>): void {
    if (this.#names.size >= mostKnown) this.#names.clear()
    this.#names.set(place(account, publicId), name)
  }
}

const place = (account: string, id: string): string => `${account}\n${id}`

const mostKnown = 10_000
