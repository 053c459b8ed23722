import type { Delivery } from '../../core/delivery.ts'
import type { Message } from '../../core/message.ts'
import { Generations } from '../sql/generations.ts'

export interface RecentItem {
  readonly delivery: Delivery
  readonly message: Message
  readonly stamp: number
}

/** What this node handed out lately, by place: whoever settles it needs not read it again, as the stamp tells when it has changed. */
export class RecentItems {
  readonly #items = new Generations<string, RecentItem>(8000)

  get(key: string): RecentItem | undefined {
    return this.#items.get(key)
  }

  remember(key: string, item: RecentItem): void {
    const { body, attributes } = item.message
    if (body.byteLength + (attributes?.length ?? 0) <= largest) this.#items.set(key, item)
    else this.forget(key)
  }

  forget(key: string): void {
    this.#items.delete(key)
  }
}

const largest = 16_384
