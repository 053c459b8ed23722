import type { Delivery } from '../core/delivery.ts'
import type { StepsRecord } from '../core/history.ts'
import type { Message } from '../core/message.ts'
import type { Counts, CountsOfDay, GroupRecord, QueueRecord } from '../core/queue.ts'
import type { Deduplication, HistoryEntry, RetentionMark } from '../core/store.ts'

/** A map that can take back what was done to it since a mark. */
class UndoMap<Key, Value> {
  readonly #values = new Map<Key, Value>()
  readonly #undo: (() => void)[]

  /** `undo`: where the steps that take a change back are collected, for several maps in one list. */
  constructor(undo: (() => void)[]) {
    this.#undo = undo
  }

  get(key: Key): Value | undefined {
    return this.#values.get(key)
  }

  values(): Value[] {
    return [...this.#values.values()]
  }

  get size(): number {
    return this.#values.size
  }

  set(key: Key, value: Value): void {
    this.#remember(key)
    this.#values.set(key, value)
  }

  delete(key: Key): void {
    this.#remember(key)
    this.#values.delete(key)
  }

  #remember(key: Key): void {
    const before = this.#values.get(key)
    const values = this.#values
    this.#undo.push(before === undefined ? () => values.delete(key) : () => values.set(key, before))
  }
}

export type StoredQueue = Omit<QueueRecord, 'groups'>

/** As stored: the value is JSON text, so that nobody shares it. */
export interface DocumentRow {
  readonly collection: string
  readonly key: string
  readonly json: string
  readonly expiresAt: number | null
}

export interface CountsOfDayRow extends CountsOfDay {
  readonly groupId: number
  readonly day: number
}

/** Everything that a memory store holds. */
export class MemoryTables {
  readonly undo: (() => void)[] = []

  readonly queues = new UndoMap<number, StoredQueue>(this.undo)
  readonly groups = new UndoMap<number, GroupRecord>(this.undo)
  readonly counts = new UndoMap<number, Counts>(this.undo)
  readonly countsOfDays = new UndoMap<string, CountsOfDayRow>(this.undo)
  readonly messages = new UndoMap<number, Message>(this.undo)
  readonly deliveries = new UndoMap<string, Delivery>(this.undo)
  readonly deduplications = new UndoMap<string, Deduplication>(this.undo)
  readonly retentionMarks = new UndoMap<number, RetentionMark>(this.undo)
  readonly history = new UndoMap<number, HistoryEntry>(this.undo)
  readonly steps = new UndoMap<string, StepsRecord>(this.undo)
  readonly documents = new UndoMap<string, DocumentRow>(this.undo)

  /** Never taken back: a number is given once, whatever becomes of the transaction that took it. */
  lastNumber = 0
  lastGroupId = 0

  undoTo(mark: number): void {
    while (this.undo.length > mark) this.undo.pop()?.()
  }
}

export const placeKey = (groupId: number, position: number): string => `${groupId}/${position}`
export const dayKey = (groupId: number, day: number): string => `${groupId}/${day}`
export const deduplicationKey = (groupId: number, key: string): string => `${groupId}/${key}`
export const documentKey = (collection: string, key: string): string => JSON.stringify([collection, key])
