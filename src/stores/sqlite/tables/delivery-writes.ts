import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Delivery } from '../../../core/delivery.ts'
import { MultiDelete, MultiInsert } from '../database.ts'
import {
  bindDelivery,
  bindFresh,
  bindLease,
  bindState,
  deliveryColumns,
  freshColumns,
  isFresh,
  isLeaseChange,
  isStateChange,
  leaseColumns,
  stateColumns,
} from './delivery-rows.ts'

type Step = 'insert' | 'update' | 'update-state' | 'update-lease' | 'remove'

interface Waiting {
  step: Step
  delivery: Delivery
}

/** Of several updates the widest is made; an insert stays one, and so does what was removed. */
const width: Record<Step, number> = { 'update-lease': 0, 'update-state': 1, update: 2, insert: 3, remove: 3 }

/** Writes of deliveries that wait to be made many at a time; of several to one delivery, one is made. */
export class DeliveryWrites {
  readonly #groups = new Map<number, Map<number, Waiting>>()
  readonly #insertFresh: MultiInsert<Delivery>
  readonly #insert: MultiInsert<Delivery>
  readonly #update: StatementSync
  readonly #updateState: StatementSync
  readonly #updateLease: StatementSync
  readonly #remove: MultiDelete

  constructor(database: DatabaseSync) {
    const update = (columns: readonly string[]) =>
      database.prepare(
        `UPDATE delivery SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE group_id = ? AND position = ?`,
      )
    this.#insertFresh = new MultiInsert(database, 'INSERT INTO delivery', freshColumns, bindFresh)
    this.#insert = new MultiInsert(database, 'INSERT INTO delivery', deliveryColumns, bindDelivery)
    this.#update = update(deliveryColumns)
    // SQLite takes a row out of its table and puts it back when a column of the key is set, be it to the same value.
    this.#updateState = update(stateColumns)
    this.#updateLease = update(leaseColumns)
    this.#remove = new MultiDelete(database, 'DELETE FROM delivery WHERE group_id = ? AND position')
  }

  /** The delivery as it will be once written, `removed`, or undefined when nothing waits for it. */
  find(groupId: number, position: number): Delivery | 'removed' | undefined {
    const waiting = this.#groups.get(groupId)?.get(position)
    return waiting?.step === 'remove' ? 'removed' : waiting?.delivery
  }

  insert(delivery: Delivery): void {
    const group = this.#group(delivery.groupId)
    const waiting = group.get(delivery.position)
    if (waiting) {
      waiting.step = waiting.step === 'insert' ? 'insert' : 'update'
      waiting.delivery = delivery
    } else {
      group.set(delivery.position, { step: 'insert', delivery })
    }
  }

  update(before: Delivery, after: Delivery): void {
    const group = this.#group(after.groupId)
    const waiting = group.get(after.position)
    const step = isLeaseChange(before, after)
      ? 'update-lease'
      : isStateChange(before, after)
        ? 'update-state'
        : 'update'
    if (waiting) {
      if (width[step] > width[waiting.step]) waiting.step = step
      waiting.delivery = after
    } else {
      group.set(after.position, { step, delivery: after })
    }
  }

  remove(delivery: Delivery): void {
    const group = this.#group(delivery.groupId)
    const waiting = group.get(delivery.position)
    if (waiting?.step === 'insert') group.delete(delivery.position)
    else if (waiting) waiting.step = 'remove'
    else group.set(delivery.position, { step: 'remove', delivery })
  }

  flushGroup(groupId: number): void {
    const group = this.#groups.get(groupId)
    if (!group) return
    this.#groups.delete(groupId)
    const inserts: Delivery[] = []
    const freshInserts: Delivery[] = []
    const removals: number[] = []
    for (const { step, delivery } of group.values()) {
      if (step === 'update-lease') this.#updateLease.run(...bindLease(delivery))
      else if (step === 'update-state') this.#updateState.run(...bindState(delivery))
      else if (step === 'insert') (isFresh(delivery) ? freshInserts : inserts).push(delivery)
      else if (step === 'remove') removals.push(delivery.position)
      else this.#updateAll(delivery)
    }
    if (removals.length > 0) this.#remove.run(removals, groupId)
    if (freshInserts.length > 0) this.#insertFresh.run(freshInserts)
    if (inserts.length > 0) this.#insert.run(inserts)
  }

  flush(): void {
    for (const groupId of this.#groups.keys()) this.flushGroup(groupId)
  }

  forget(): void {
    this.#groups.clear()
  }

  #group(groupId: number): Map<number, Waiting> {
    let group = this.#groups.get(groupId)
    if (!group) {
      group = new Map()
      this.#groups.set(groupId, group)
    }
    return group
  }

  #updateAll(delivery: Delivery): void {
    const parameters: Parameters<typeof bindDelivery>[1] = []
    bindDelivery(delivery, parameters)
    this.#update.run(...parameters, delivery.groupId, delivery.position)
  }
}
