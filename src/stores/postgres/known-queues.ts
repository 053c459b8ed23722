import type { QueueRecord } from '../../core/queue.ts'
import type { RetentionMark } from '../../core/store.ts'
import { Generations } from '../sql/generations.ts'

export interface KnownQueue {
  readonly record: QueueRecord
  readonly version: number
}

/**
 * Queues that transactions of this node have read, with the version that tells whether they are still so: each transaction that
 * relies on one has it checked by the way. And which queue a group belongs to, which never changes.
 */
export class KnownQueues {
  readonly #byId = new Generations<number, KnownQueue>(20_000)
  readonly #idByName = new Generations<string, number>(20_000)
  readonly #marks = new Generations<number, RetentionMark>(20_000)
  readonly #queueOfGroup = new Generations<number, number>(100_000)

  get size(): number {
    return this.#byId.size
  }

  byName(account: string, name: string): KnownQueue | undefined {
    const id = this.#idByName.get(nameKey(account, name))
    const known = id === undefined ? undefined : this.#byId.get(id)
    return known && known.record.name === name && known.record.account === account ? known : undefined
  }

  byId(id: number): KnownQueue | undefined {
    return this.#byId.get(id)
  }

  queueOfGroup(groupId: number): number | undefined {
    return this.#queueOfGroup.get(groupId)
  }

  remember(queue: KnownQueue): void {
    const { record } = queue
    this.#byId.set(record.id, queue)
    this.#idByName.set(nameKey(record.account, record.name), record.id)
    for (const group of record.groups) this.#queueOfGroup.set(group.id, record.id)
  }

  /** A retention mark of the queue that was there; what it says may be another by now. */
  markOf(queueId: number): RetentionMark | undefined {
    return this.#marks.get(queueId)
  }

  noteMark(queueId: number, mark: RetentionMark | undefined): void {
    if (mark) this.#marks.set(queueId, mark)
    else this.#marks.delete(queueId)
  }

  rememberGroup(groupId: number, queueId: number): void {
    this.#queueOfGroup.set(groupId, queueId)
  }

  forget(id: number): void {
    this.#byId.delete(id)
  }

  clear(): void {
    this.#byId.clear()
    this.#idByName.clear()
  }
}

/** Unambiguous, whatever characters the two hold. */
export const nameKey = (account: string, name: string): string => `${account.length}:${account}${name}`
