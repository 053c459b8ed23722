import type { Millis } from '../../core/clock.ts'
import type { Delivery, Item } from '../../core/delivery.ts'
import type { Message } from '../../core/message.ts'

interface Entry {
  delivery: Delivery
  message: Message
  readonly bytes: number
  /** Another group's delivery of the same message, which has the same position. */
  next: Entry | undefined
}

interface Place {
  readonly queueId: number
  readonly position: number
  readonly expiresAt: Millis | null
}

interface Generation {
  readonly entries: Map<number, Entry>
  /** Messages that were moved while this generation may have held them as they were before. */
  readonly moved: Map<number, Place>
  bytes: number
}

const newGeneration = (): Generation => ({ entries: new Map(), moved: new Map(), bytes: 0 })

/** What a cached item costs beside its body. */
const overheadBytes = 700

/**
 * Deliveries that were inserted or read to be handed out, with their messages, so that receiving what was just sent and
 * settling what was just received read nothing. Always as the
 * running transaction sees them; bounded by count and bytes, in two generations (see generations.ts for why).
 */
export class ItemCache {
  readonly #halfCount: number
  readonly #halfBytes: number
  #young = newGeneration()
  #old = newGeneration()

  constructor(limits: { count: number; bytes: number }) {
    this.#halfCount = limits.count / 2
    this.#halfBytes = limits.bytes / 2
  }

  /** Positions held; near enough the number of items. */
  get size(): number {
    return this.#young.entries.size + this.#old.entries.size
  }

  get bytes(): number {
    return this.#young.bytes + this.#old.bytes
  }

  get(groupId: number, position: number): Item | undefined {
    const entry = this.#find(groupId, position)
    if (!entry) return undefined
    if (this.#young.moved.size > 0 || this.#old.moved.size > 0) {
      const { serial } = entry.message
      const place = this.#young.moved.get(serial) ?? this.#old.moved.get(serial)
      if (place) entry.message = { ...entry.message, ...place }
    }
    return entry
  }

  add(item: Item): void {
    const { delivery, message } = item
    const known = this.#find(delivery.groupId, delivery.position)
    if (known) {
      known.delivery = delivery
      known.message = message
      return
    }
    const bytes = overheadBytes + message.body.length
    if (bytes > this.#halfBytes) return
    if (this.#young.bytes + bytes > this.#halfBytes || this.#young.entries.size >= this.#halfCount) {
      this.#old = this.#young
      this.#young = newGeneration()
    }
    const { entries } = this.#young
    entries.set(delivery.position, { delivery, message, bytes, next: entries.get(delivery.position) })
    this.#young.bytes += bytes
  }

  /** Follows a change of a delivery; only leased ones are worth their room. */
  update(after: Delivery): void {
    const entry = this.#find(after.groupId, after.position)
    if (!entry) return
    if (after.state === 'leased') entry.delivery = after
    else this.remove(after.groupId, after.position)
  }

  remove(groupId: number, position: number): void {
    if (!removeFrom(this.#young, groupId, position)) removeFrom(this.#old, groupId, position)
  }

  moveMessage(serial: number, place: Place): void {
    this.#young.moved.set(serial, place)
  }

  /** A new message: what was noted of the serial concerns another one, which is gone. */
  insertMessage(serial: number): void {
    if (this.#young.moved.size > 0) this.#young.moved.delete(serial)
    if (this.#old.moved.size > 0) this.#old.moved.delete(serial)
  }

  clear(): void {
    this.#young = newGeneration()
    this.#old = newGeneration()
  }

  #find(groupId: number, position: number): Entry | undefined {
    return findIn(this.#young, groupId, position) ?? findIn(this.#old, groupId, position)
  }
}

const findIn = (generation: Generation, groupId: number, position: number): Entry | undefined => {
  let entry = generation.entries.get(position)
  while (entry && entry.delivery.groupId !== groupId) entry = entry.next
  return entry
}

const removeFrom = (generation: Generation, groupId: number, position: number): boolean => {
  const first = generation.entries.get(position)
  if (!first) return false
  let before: Entry | undefined
  let entry: Entry | undefined = first
  while (entry && entry.delivery.groupId !== groupId) {
    before = entry
    entry = entry.next
  }
  if (!entry) return false
  generation.bytes -= entry.bytes
  if (before) before.next = entry.next
  else if (entry.next) generation.entries.set(position, entry.next)
  else generation.entries.delete(position)
  return true
}
