import { Generations } from '../sql/generations.ts'

/** The positions that a transaction took in a queue. */
export interface Taken {
  readonly first: number
  readonly last: number
}

/**
 * In which queues this node alone has sent of late. There it takes positions without asking, and has the database check, in the one
 * flight that writes, that no other node has taken later ones.
 */
export class QueueEnds {
  readonly #byQueue = new Generations<number, { last: number; alone: number }>(20_000)
  readonly #turns = new Map<number, Promise<void>>()

  isOurs(queueId: number): boolean {
    return (this.#byQueue.get(queueId)?.alone ?? 0) >= aloneFor
  }

  lastOf(queueId: number): number {
    return this.#byQueue.get(queueId)?.last ?? 0
  }

  /** What the database had as the queue's end when this node had it for itself. */
  found(queueId: number, last: number): void {
    const end = this.#byQueue.get(queueId)
    if (end?.last === last) end.alone++
    else this.#byQueue.set(queueId, { last, alone: 0 })
  }

  /** This node has moved it. */
  moved(queueId: number, last: number): void {
    const end = this.#byQueue.get(queueId)
    if (!end) this.#byQueue.set(queueId, { last, alone: 0 })
    else end.last = Math.max(end.last, last)
  }

  lost(queueId: number): void {
    this.#byQueue.delete(queueId)
  }

  /** Transactions that took positions without asking commit in the order in which they took them. Gives what ends this one's turn. */
  queueUp(queueIds: readonly number[]): Turn {
    const before = queueIds.flatMap((id) => this.#turns.get(id) ?? [])
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const id of queueIds) this.#turns.set(id, promise)
    const over = () => {
      for (const id of queueIds) if (this.#turns.get(id) === promise) this.#turns.delete(id)
      resolve()
    }
    return { hasOthers: before.length > 0, ready: Promise.all(before), over }
  }
}

export interface Turn {
  /** Somebody comes before it. */
  readonly hasOthers: boolean
  readonly ready: Promise<unknown>
  readonly over: () => void
}

/** So many times in a row nobody else had been there. */
const aloneFor = 3
