import type { QueueEngine } from '../../core/engine-api.ts'
import { markerAt } from '../../core/markers.ts'
import type { StoredMessage } from '../../core/requests.ts'
import type { Watching } from '../../protocols/native/index.ts'
import type { WatchEvent, WatchedMessage } from '../../protocols/native/schemas/watch.ts'

export type MessageNews = Pick<WatchEvent, 'messages' | 'gone' | 'sent' | 'missed' | 'end'>

/** Messages that a tail is told of in one event. */
const tailLimit = 100

export const noNews: MessageNews = { messages: [], gone: [], sent: [], missed: false, end: null }

/** The messages of one queue that somebody follows: what was last told of each, and how far the tail has come. */
export class FollowedMessages {
  readonly #engine: Pick<QueueEngine, 'getMessages' | 'browse'>
  readonly #account: string
  readonly #followed: NonNullable<Watching['messages']>
  /** By id; empty for one that is gone. */
  readonly #told = new Map<string, string>()
  /** Where the queue ended at the last look. Not by a message: that may be moved elsewhere. */
  #tail: string | undefined

  constructor(
    engine: Pick<QueueEngine, 'getMessages' | 'browse'>,
    account: string,
    followed: NonNullable<Watching['messages']>,
  ) {
    this.#engine = engine
    this.#account = account
    this.#followed = followed
    this.#tail = followed.after
  }

  async news(): Promise<MessageNews> {
    const states = await this.#states()
    return { ...noNews, ...states, ...(this.#followed.tail ? await this.#sent() : {}) }
  }

  get #place() {
    const { queue, group, deadLetters } = this.#followed
    return { account: this.#account, queue, ...(group !== undefined && { group }), ...(deadLetters && { deadLetters }) }
  }

  async #states(): Promise<Partial<MessageNews>> {
    const { ids } = this.#followed
    if (ids.length === 0) return {}
    const there = new Set<string>()
    const messages: WatchedMessage[] = []
    for (const stored of await this.#engine.getMessages({ ...this.#place, ids })) {
      const message = watched(stored)
      const text = JSON.stringify(message)
      there.add(message.id)
      if (this.#told.get(message.id) === text) continue
      this.#told.set(message.id, text)
      messages.push(message)
    }
    const gone = ids.filter((id) => !there.has(id) && this.#told.get(id) !== '')
    for (const id of gone) this.#told.set(id, '')
    return { messages, gone }
  }

  async #sent(): Promise<Partial<MessageNews>> {
    const look = { ...this.#place, states: everyState }
    if (this.#tail === undefined) {
      // What is there already is not told of: the tail begins behind it. Where there is nothing, everything is new.
      const end = await this.#engine.browse({ ...look, newestFirst: true, limit: 1 })
      this.#tail = markerAt(end.messages[0]?.position ?? 0)
      return { end: this.#tail }
    }
    const { messages, marker } = await this.#engine.browse({ ...look, marker: this.#tail, limit: tailLimit + 1 })
    const missed = messages.length > tailLimit
    // More has come than anyone reads: the tail stays at the end of the queue, instead of falling behind.
    const sent = missed
      ? (await this.#engine.browse({ ...look, newestFirst: true, limit: tailLimit })).messages.toReversed()
      : messages
    const last = sent.at(-1)
    this.#tail = last ? markerAt(last.position) : (marker ?? this.#tail)
    return { sent: sent.map(watched), missed, end: this.#tail }
  }
}

const everyState = ['ready', 'behind', 'delayed', 'leased', 'finished'] as const

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
