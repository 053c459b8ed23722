import type { DatabaseSync } from 'node:sqlite'
import type { Millis } from '../../../core/clock.ts'
import type { Delivery, Item } from '../../../core/delivery.ts'
import type { ScanQuery, SearchQuery, SearchSlice } from '../../../core/store.ts'
import { Backlogs } from '../backlogs.ts'
import { boundLimit, Select } from '../database.ts'
import type { ItemCache } from '../item-cache.ts'
import type { NextDue } from '../next-due.ts'
import { deliveryColumns, itemsFrom, readDelivery, readItem } from './delivery-rows.ts'
import { DeliverySearches } from './delivery-searches.ts'
import { DeliveryWrites } from './delivery-writes.ts'
import type { Messages } from './messages.ts'

export class Deliveries {
  readonly #messages: Messages
  readonly #cache: ItemCache
  readonly #nextDue: NextDue
  readonly #writes: DeliveryWrites
  readonly #selects: ReturnType<typeof prepareSelects>
  readonly #searches: DeliverySearches
  readonly #backlogs = new Backlogs()

  constructor(database: DatabaseSync, messages: Messages, cache: ItemCache, nextDue: NextDue) {
    this.#messages = messages
    this.#cache = cache
    this.#nextDue = nextDue
    this.#writes = new DeliveryWrites(database)
    this.#selects = prepareSelects(database)
    this.#searches = new DeliverySearches(database)
  }

  /**
   * What was sent a moment ago is still in memory, and then the index alone, which holds the positions, is read. A backlog
   * is read in one go, index and tables together.
   */
  ready(groupId: number, limit: number): Item[] {
    this.#flushGroup(groupId)
    const inMemory = this.#backlogs.isBehind(groupId) ? undefined : this.#readyInMemory(groupId, limit)
    const items = inMemory ?? this.#remember(this.#selects.ready.all(groupId, limit))
    this.#backlogs.received(groupId, items.length < limit ? undefined : items.at(-1)?.delivery.position)
    return items
  }

  messageGroup(groupId: number, messageGroup: string, limit: number): Item[] {
    this.#flushGroup(groupId)
    return this.#remember(this.#selects.messageGroup.all(groupId, messageGroup, limit))
  }

  item(groupId: number, position: number): Item | undefined {
    const known = this.#cache.get(groupId, position)
    if (known) return { delivery: known.delivery, message: known.message }
    const waiting = this.#writes.find(groupId, position)
    if (waiting === 'removed') return undefined
    if (waiting) {
      const message = this.#messages.get(waiting.serial)
      return message && { delivery: waiting, message }
    }
    this.#messages.flushInserts()
    const item = this.#selects.item.one(groupId, position)
    if (item) this.#cache.add(item)
    return item
  }

  first(groupId: number, limit: number): Delivery[] {
    this.#flushGroup(groupId)
    return this.#selects.first.all(groupId, limit)
  }

  scan(groupId: number, query: ScanQuery): Item[] {
    this.#flushGroup(groupId)
    return this.#searches.scan(groupId, query)
  }

  search(groupId: number, query: SearchQuery): SearchSlice {
    this.#flushGroup(groupId)
    return this.#searches.search(groupId, query)
  }

  claimed(claimId: string): Item[] {
    this.#flushAll()
    return this.#remember(this.#selects.claimed.all(claimId))
  }

  due(now: Millis, limit: number): Item[] {
    this.#flushAll()
    this.#nextDue.outdated('delivery')
    return this.#selects.due.all(now, limit)
  }

  insert(delivery: Delivery): void {
    this.#nextDue.written('delivery', delivery.dueAt)
    this.#writes.insert(delivery)
    if (delivery.state !== 'ready') return
    this.#backlogs.sent(delivery.groupId, delivery.position)
    if (this.#backlogs.isBehind(delivery.groupId)) return
    const message = this.#messages.waiting(delivery.serial)
    if (message) this.#cache.add({ delivery, message })
  }

  update(before: Delivery, after: Delivery): void {
    this.#nextDue.written('delivery', after.dueAt)
    this.#writes.update(before, after)
    this.#cache.update(after)
  }

  remove(delivery: Delivery): void {
    this.#writes.remove(delivery)
    this.#cache.remove(delivery.groupId, delivery.position)
  }

  flush(): void {
    this.#writes.flush()
  }

  forget(): void {
    this.#writes.forget()
  }

  #readyInMemory(groupId: number, limit: number): Item[] | undefined {
    const items: Item[] = []
    for (const position of this.#selects.readyPositions.all(groupId, limit)) {
      const known = this.#cache.get(groupId, position)
      if (!known) return undefined
      items.push({ delivery: known.delivery, message: known.message })
    }
    return items
  }

  #flushGroup(groupId: number): void {
    this.#messages.flushInserts()
    this.#writes.flushGroup(groupId)
  }

  #flushAll(): void {
    this.#messages.flushInserts()
    this.#writes.flush()
  }

  /** These are about to be leased or settled. */
  #remember(items: Item[]): Item[] {
    for (const item of items) this.#cache.add(item)
    return items
  }
}

const prepareSelects = (database: DatabaseSync) => {
  const select = (sql: string) => new Select(database, sql, readItem)
  return {
    readyPositions: new Select(
      database,
      `SELECT position FROM delivery INDEXED BY delivery_ready
       WHERE group_id = ? AND state = 0 ORDER BY urgency, rank LIMIT ${boundLimit}`,
      (row) => row[0] as number,
    ),
    ready: select(
      `${itemsFrom('INDEXED BY delivery_ready')} d.group_id = ? AND d.state = 0 ORDER BY d.urgency, d.rank LIMIT ${boundLimit}`,
    ),
    messageGroup: select(
      `${itemsFrom('INDEXED BY delivery_message_group')} d.group_id = ? AND d.message_group = ? AND d.state <> 4
       ORDER BY d.position LIMIT ${boundLimit}`,
    ),
    first: new Select(
      database,
      `SELECT ${deliveryColumns.join(', ')} FROM delivery WHERE group_id = ? ORDER BY position LIMIT ${boundLimit}`,
      readDelivery,
    ),
    item: select(`${itemsFrom('')} d.group_id = ? AND d.position = ?`),
    claimed: select(`${itemsFrom('INDEXED BY delivery_claim')} d.claim_id = ? ORDER BY d.position`),
    due: select(`${itemsFrom('INDEXED BY delivery_due')} d.due_at <= ? ORDER BY d.due_at LIMIT ${boundLimit}`),
  }
}
