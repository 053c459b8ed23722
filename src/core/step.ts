import { checkQueueName } from './addressed.ts'
import { Aftermath } from './aftermath.ts'
import type { Millis, Random } from './clock.ts'
import type { DayOf } from './days.ts'
import type { Delivery, FinishedType } from './delivery.ts'
import { Refusal } from './errors.ts'
import type { EngineLimits } from './limits.ts'
import type { Message } from './message.ts'
import type { ObservedVerb } from './observer.ts'
import type { Counts, GroupRecord, QueueRecord, QueueSettings } from './queue.ts'
import { counters, readsAlong, total } from './queue.ts'
import { queueKey } from './queue-keys.ts'
import type { QueueAddress } from './requests.ts'
import type { SecretBox } from './secrets.ts'
import { virtualSettings } from './settings.ts'
import type { Transaction } from './store.ts'
import type { Structures } from './structure/structures.ts'

/** What a step has at hand besides the store. */
export interface StepContext {
  readonly now: Millis
  readonly random: Random
  readonly limits: EngineLimits
  readonly structures: Structures
  /** Undefined where nothing can be sealed. */
  readonly secrets: SecretBox | undefined
  /** Whether push targets may be mailboxes. */
  readonly sendsMail: boolean
  readonly observed: boolean
  readonly dayOf: DayOf
}

/**
 * One unit of work in a transaction, as the operations see it: the store's reads and writes, with what every write entails
 * (counts, who is woken, which message groups need a new head) done here, once. A store may run a unit again from the start; each
 * run gets a step of its own, and leaves nothing outside it.
 */
export class Step {
  readonly tx: Transaction
  readonly now: Millis
  readonly random: Random
  readonly limits: EngineLimits
  readonly structures: Structures
  readonly secrets: SecretBox | undefined
  readonly sendsMail: boolean
  readonly after = new Aftermath()
  readonly #observed: boolean
  /** Counts writes, so that a unit that fails can tell whether it had written. */
  writes = 0
  /** Message groups of ordered queues whose first message may have changed: by group id. */
  #staleHeads: Map<number, Set<string>> | undefined
  /** Virtual queues that lost messages, by id. */
  #lessened: Set<number> | undefined
  readonly #dayOf: DayOf

  constructor(tx: Transaction, context: StepContext) {
    this.tx = tx
    this.now = context.now
    this.random = context.random
    this.limits = context.limits
    this.structures = context.structures
    this.secrets = context.secrets
    this.sendsMail = context.sendsMail
    this.#observed = context.observed
    this.#dayOf = context.dayOf
  }

  get today(): number {
    return this.#dayOf(this.now)
  }

  /** The queue that a request names, unless it means an earlier one of the name. */
  queueOf({ account, queue: name, queueId }: QueueAddress): QueueRecord | undefined {
    const queue = this.tx.queue(account, name)
    return queueId === undefined || queue?.id === queueId ? queue : undefined
  }

  requireQueue(address: QueueAddress): QueueRecord {
    const queue = this.queueOf(address)
    if (!queue) throw new Refusal('QueueNotFound', { queue: address.queue })
    return queue
  }

  /** The queue, made as a virtual one if it is not there. */
  queueOrVirtual(account: string, name: string): QueueRecord {
    return this.tx.queue(account, name) ?? this.createQueue(account, name, virtualSettings(name), false)
  }

  createQueue(account: string, name: string, settings: QueueSettings, explicit: boolean): QueueRecord {
    checkQueueName(name, this.limits)
    const id = this.tx.takeNumbers(1)
    const queue = { id, account, name, explicit, settings, createdAt: this.now, modifiedAt: this.now }
    this.writes++
    this.tx.putQueue(queue)
    const owner = settings.consumerGroups
      ? this.createGroup(id, 'retained', 'retained')
      : this.createGroup(id, 'default', 'default')
    this.after.queueChanged(queueKey(account, name))
    return { ...queue, groups: [owner] }
  }

  createGroup(queueId: number, kind: GroupRecord['kind'], name: string, more: Partial<GroupRecord> = {}): GroupRecord {
    const group: GroupRecord = {
      id: this.tx.takeGroupId(),
      queueId,
      kind,
      name,
      createdAt: this.now,
      deadLettersOf: null,
      backfillFrom: 0,
      backfillTo: 0,
      backfilled: 0,
      tagRule: null,
      door: {},
      subscription: null,
      ...more,
    }
    this.writes++
    this.tx.putGroup(group)
    return group
  }

  insertMessage(message: Message): void {
    this.writes++
    this.tx.insertMessage(message)
  }

  insertDelivery(queue: QueueRecord, group: GroupRecord, delivery: Delivery): void {
    this.writes++
    this.tx.insertDelivery(delivery)
    this.tx.addCounts(group.id, oneMore[counterOf(delivery)])
    this.#noteChange(queue, group, delivery)
  }

  updateDelivery(queue: QueueRecord, group: GroupRecord, before: Delivery, after: Delivery): void {
    this.writes++
    this.tx.updateDelivery(before, after)
    const from = counterOf(before)
    const to = counterOf(after)
    if (from !== to) {
      this.tx.addCounts(group.id, oneLess[from])
      this.tx.addCounts(group.id, oneMore[to])
    }
    if (before.state === 'leased' || after.state === 'leased') this.#noteHolder(queue, group, before, after)
    if (before.state === after.state) return
    if (before.state === 'ready') this.after.countReady(queue, group, -1)
    this.#noteChange(queue, group, after)
  }

  /** It was handed out and is visible again in the same moment, for the next receiver. */
  stillReady(queue: QueueRecord, group: GroupRecord): void {
    this.after.countReady(queue, group, 1)
  }

  removeDelivery(queue: QueueRecord, group: GroupRecord, delivery: Delivery): void {
    this.writes++
    this.tx.removeDelivery(delivery)
    this.tx.addCounts(group.id, oneLess[counterOf(delivery)])
    if (delivery.state === 'ready') this.after.countReady(queue, group, -1)
    if (delivery.state === 'leased') this.#noteHolder(queue, group, delivery, undefined)
    if (delivery.messageGroup !== null) this.#markStale(group.id, delivery.messageGroup)
    if (!queue.explicit) this.noteLessened(queue)
    if (group.kind === 'retained') this.#noteUnretained(queue, delivery.position)
  }

  /** Groups that catch up with the queue have one less behind them, if they have been given this one. */
  #noteUnretained(queue: QueueRecord, position: number): void {
    for (const { id, backfillTo } of queue.groups) {
      const group = backfillTo > 0 ? this.tx.group(id) : undefined
      if (!group || group.backfillFrom >= group.backfillTo || position > group.backfillFrom) continue
      this.writes++
      this.tx.putGroup({ ...group, backfilled: group.backfilled - 1 })
    }
  }

  /** A virtual queue lost messages, or never had one: it may be there no longer. */
  noteLessened(queue: QueueRecord): void {
    this.#lessened ??= new Set()
    this.#lessened.add(queue.id)
  }

  /** Tells an observer of something that nobody asked for. */
  happened(verb: ObservedVerb['verb'], queue: QueueRecord): void {
    if (!this.#observed) return
    this.after.events ??= []
    this.after.events.push({ verb, account: queue.account, queue: queue.name, messages: 1, outcome: 'ok' })
  }

  /** Another end of a delivery: it is done in this group. */
  countDone(groupId: number): void {
    this.tx.addCounts(groupId, { done: 1 })
  }

  /** It came to an end today, by its worker or by hand. Shelving is no end, but a second look at one. */
  countToday(group: GroupRecord, as: FinishedType): void {
    const counter = ({ P: 'processed', E: 'errored', F: 'filtered', S: undefined } as const)[as]
    if (counter) this.tx.addCountsOfDay(group.id, this.today, oneToday[counter])
  }

  get lessened(): Iterable<number> {
    return this.#lessened ?? []
  }

  refreshAllHeads(): void {
    for (const groupId of this.#staleHeads?.keys() ?? []) {
      const place = this.placeOfGroup(groupId)
      if (place) this.refreshHeads(place.queue, place.group)
    }
  }

  /**
   * Ordered queues: makes the first message of each message group that changed ready, if it is visible. What stands behind it stays
   * out of the index that receives read. A group that becomes available goes behind those that wait.
   */
  refreshHeads(queue: QueueRecord, group: GroupRecord): void {
    const messageGroups = this.#staleHeads?.get(group.id)
    if (!messageGroups) return
    this.#staleHeads?.delete(group.id)
    this.tx.expect?.(
      [...messageGroups].map((messageGroup) => ({ read: 'message-group', groupId: group.id, messageGroup, limit: 1 })),
    )
    for (const messageGroup of messageGroups) {
      const [head] = this.tx.messageGroup(group.id, messageGroup, 1)
      if (head?.delivery.state !== 'behind' || this.#isHeldBack(queue, group, head.delivery)) continue
      const rank = this.tx.takePositions(queue.id, 1)
      this.updateDelivery(queue, group, head.delivery, { ...head.delivery, state: 'ready', rank })
    }
  }

  /** What somebody brought back waits for those of its message group that are in work, though they are younger: never two beside each other. */
  #isHeldBack(queue: QueueRecord, group: GroupRecord, { detail, messageGroup }: Delivery): boolean {
    if (!detail?.broughtBack || messageGroup === null) return false
    if (this.tx.counts(group.id, { exact: true }).leased === 0) return false
    if (queue.settings.ordering === 'ordered') return true
    return this.tx
      .messageGroup(group.id, messageGroup, lookedThrough)
      .some(({ delivery }) => delivery.state === 'leased')
  }

  /** Before a delivery comes back to an old place in its message group: what was first there, and is younger, is so no longer. */
  makeWayFor(queue: QueueRecord, group: GroupRecord, { messageGroup, position }: Delivery): void {
    const head = messageGroup === null ? undefined : this.tx.messageGroup(group.id, messageGroup, 1)[0]?.delivery
    if (head?.state === 'ready' && head.position > position) {
      this.updateDelivery(queue, group, head, { ...head, state: 'behind' })
    }
  }

  /** The group that a message's owner delivery is in, or one of its kind; undefined once the queue is gone. */
  placeOfGroup(groupId: number): { queue: QueueRecord; group: GroupRecord } | undefined {
    const record = this.tx.group(groupId)
    if (!record || record.kind === 'discarded') return undefined
    const queue = this.tx.queueById(record.queueId)
    const group = queue?.groups.find((candidate) => candidate.id === groupId)
    return queue && group ? { queue, group } : undefined
  }

  /** A virtual queue is there while it holds messages. */
  isThere(queue: QueueRecord): boolean {
    return queue.explicit || this.storedMessages(queue) > 0
  }

  /** Messages stored in a queue, in whatever state. */
  storedMessages(queue: QueueRecord, options?: { exact: boolean }): number {
    let stored = 0
    for (const group of queue.groups) {
      if (!readsAlong(group)) stored += total(this.tx.counts(group.id, options))
    }
    return stored
  }

  #noteChange(queue: QueueRecord, group: GroupRecord, delivery: Delivery): void {
    if (delivery.state === 'ready') this.after.countReady(queue, group, 1)
    if (delivery.messageGroup !== null && delivery.state !== 'ready') this.#markStale(group.id, delivery.messageGroup)
  }

  #noteHolder(queue: QueueRecord, group: GroupRecord, before: Delivery, after: Delivery | undefined): void {
    const had = before.state === 'leased' ? before.detail?.holder : undefined
    const has = after?.state === 'leased' ? after.detail?.holder : undefined
    if (had === has) {
      if (has !== undefined) this.after.hold(queue, group, has, 0)
      return
    }
    if (had !== undefined) this.after.hold(queue, group, had, -1)
    if (has !== undefined) this.after.hold(queue, group, has, 1)
  }

  #markStale(groupId: number, messageGroup: string): void {
    this.#staleHeads ??= new Map()
    const stale = this.#staleHeads.get(groupId)
    if (stale) stale.add(messageGroup)
    else this.#staleHeads.set(groupId, new Set([messageGroup]))
  }
}

/** Deliveries of a message group that are looked at for one in work; who brings back more than so many at once may get two beside each other. */
const lookedThrough = 1000

export const counterOf = (delivery: Delivery): keyof Counts => {
  switch (delivery.state) {
    case 'ready':
    case 'behind':
    case 'leased':
      return delivery.state
    case 'delayed':
      return delivery.type === 'D' ? 'reprocessing' : 'delayed'
    case 'finished':
      return finishedCounters[delivery.type]
  }
}

const finishedCounters = {
  P: 'processed',
  E: 'errored',
  F: 'filtered',
  S: 'shelved',
  Q: 'processed',
  D: 'processed',
} as const

const differences = (difference: number) =>
  Object.fromEntries(counters.map((counter) => [counter, { [counter]: difference }])) as Record<
    keyof Counts,
    Partial<Counts>
  >

const oneMore = differences(1)

const oneLess = differences(-1)

const oneToday = { processed: { processed: 1 }, errored: { errored: 1 }, filtered: { filtered: 1 } } as const
