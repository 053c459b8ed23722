import type { Delivery, DeliveryState } from '../../core/delivery.ts'
import type { SearchQuery, Transaction } from '../../core/store.ts'
import type { SeededRandom } from '../seeded-random.ts'
import { plain, sorted } from './compare.ts'
import type { Universe } from './dump.ts'
import {
  deduplicationRecord,
  groupRecord,
  historyRecord,
  messageRecord,
  queueRecord,
  start,
  stepsRecord,
} from './records.ts'

/** A small world, so that random steps meet each other often. */
export const sequenceUniverse: Universe = {
  accounts: ['a', 'b'],
  queueIds: [1, 2, 3],
  groupIds: [1, 2, 3, 4],
  messageGroups: ['g', 'h'],
  claimIds: ['c', 'd'],
  clientIds: ['me', 'you'],
  serials: Array.from({ length: 24 }, (_, i) => i + 1),
  deduplicationKeys: ['k', 'l', ''],
  collections: ['x', 'y'],
  end: start + 1_000,
}

const { accounts, queueIds, groupIds, messageGroups, claimIds, clientIds } = sequenceUniverse
const { serials, deduplicationKeys, collections } = sequenceUniverse
const names = ['a', 'ab', 'b', '\uffee', '\u{1f600}']
const states: readonly DeliveryState[] = ['ready', 'ready', 'ready', 'behind', 'delayed', 'leased', 'finished']
const finishedTypes = ['P', 'E', 'F', 'S'] as const

type Step = (transaction: Transaction, random: SeededRandom) => unknown

/** One random read or write. Gives what it saw as plain data. */
export const randomStep = (transaction: Transaction, random: SeededRandom): unknown => {
  const [name, step] = random.pick(steps)
  return { name, saw: plain(step(transaction, random)) ?? null }
}

const time = (random: SeededRandom): number => start + random.below(40)
const timeOrNever = (random: SeededRandom): number | null => (random.chance(1, 3) ? null : time(random))
const orNull = <Value>(random: SeededRandom, values: readonly Value[]): Value | null =>
  random.chance(1, 3) ? null : random.pick(values)

const randomDelivery = (random: SeededRandom, groupId: number, position: number, serial: number): Delivery => {
  const state = random.pick(states)
  return {
    groupId,
    position,
    serial,
    type: state === 'finished' ? random.pick(finishedTypes) : state === 'delayed' && random.chance(1, 2) ? 'D' : 'Q',
    state,
    visibleAt: state === 'leased' || state === 'delayed' ? time(random) : 0,
    dueAt: timeOrNever(random),
    urgency: random.below(3) - 1,
    // Unique within the group, as core's ranks are.
    rank: random.chance(1, 4) ? -position : position,
    messageGroup: orNull(random, messageGroups),
    receiveCount: random.below(4),
    firstReceivedAt: timeOrNever(random),
    reprocessCount: random.below(4),
    nonce: random.nonce(),
    claimId: orNull(random, claimIds),
    modifiedAt: time(random),
    detail: random.chance(1, 4) ? { reason: `reason ${random.below(9)}` } : null,
  }
}

/** Groups stay with their queues for ever. */
const queueOf = (groupId: number): number => queueIds[groupId % queueIds.length] as number

/** A group, put before anything that belongs to it. */
const somewhere = (transaction: Transaction, random: SeededRandom): number => {
  const id = random.pick(groupIds)
  if (!transaction.group(id)) putGroup(transaction, id, 'default', start)
  return id
}

/** Without its queue a group can only be discarded. */
const putGroup = (
  transaction: Transaction,
  id: number,
  kind: 'default' | 'consumer' | 'discarded',
  createdAt: number,
) => {
  const queueId = queueOf(id)
  const isThere = transaction.queueById(queueId) !== undefined
  transaction.putGroup(groupRecord({ id, queueId, kind: isThere ? kind : 'discarded', name: `group ${id}`, createdAt }))
}

const isEmpty = (transaction: Transaction, groupId: number): boolean =>
  transaction.scan(groupId, { limit: 1 }).length === 0

/** Some delivery that is there, if the group has one. */
const anyDelivery = (transaction: Transaction, random: SeededRandom): Delivery | undefined => {
  const groupId = random.pick(groupIds)
  const after = random.below(serials.length)
  return transaction.scan(groupId, { after, limit: 1 })[0]?.delivery
}

const isUsed = (transaction: Transaction, serial: number): boolean =>
  groupIds.some((groupId) => transaction.item(groupId, serial) !== undefined)

/** Positions equal serials here, and messages stay while a delivery of them is there, as in core. */
const writes: readonly Step[] = [
  function insert(transaction, random) {
    const serial = random.pick(serials)
    const groupId = somewhere(transaction, random)
    const queueId = queueOf(groupId)
    const known = transaction.message(serial)
    if (known && known.queueId !== queueId) return known
    if (!known) {
      const extra = random.chance(1, 2) ? { clientId: random.pick(clientIds) } : null
      // Serials are given once, so a node may remember what one of them says.
      const body = Uint8Array.of(serial)
      transaction.insertMessage(messageRecord({ serial, queueId, body, extra, expiresAt: timeOrNever(random) }))
    }
    const delivery = randomDelivery(random, groupId, serial, serial)
    if (!transaction.item(groupId, serial)) transaction.insertDelivery(delivery)
    return transaction.item(groupId, serial)
  },
  function update(transaction, random) {
    const before = anyDelivery(transaction, random)
    if (before) {
      transaction.updateDelivery(before, randomDelivery(random, before.groupId, before.position, before.serial))
    }
    return before
  },
  function remove(transaction, random) {
    const delivery = anyDelivery(transaction, random)
    if (delivery) transaction.removeDelivery(delivery)
    if (delivery && !isUsed(transaction, delivery.serial)) transaction.removeMessage(delivery.serial)
    return delivery
  },
  function lease(transaction, random) {
    const items = transaction.ready(random.pick(groupIds), 1 + random.below(4))
    for (const { delivery } of items) {
      transaction.updateDelivery(delivery, { ...delivery, state: 'leased', claimId: random.pick(claimIds) })
    }
    return items
  },
  function seeTo(transaction, random) {
    const items = transaction.due(time(random), 1_000)
    for (const { delivery } of items) transaction.updateDelivery(delivery, { ...delivery, dueAt: null, state: 'ready' })
    return items.map(({ delivery }) => delivery.dueAt)
  },
  function move(transaction, random) {
    const serial = random.pick(serials)
    const message = transaction.message(serial)
    if (message) {
      const queueId = isUsed(transaction, serial) ? message.queueId : random.pick(queueIds)
      transaction.moveMessage(serial, queueId, random.below(100), timeOrNever(random))
    }
    return transaction.message(serial)
  },
  function count(transaction, random) {
    transaction.addCounts(somewhere(transaction, random), { ready: random.below(9) - 4, done: random.below(3) })
  },
  function putQueue(transaction, random) {
    const id = random.pick(queueIds)
    const account = random.pick(accounts)
    const name = random.pick(names)
    const taken = transaction.queue(account, name)
    if (taken && taken.id !== id) return taken
    transaction.putQueue(queueRecord({ id, account, name, modifiedAt: time(random) }))
    return transaction.queueById(id)
  },
  function group(transaction, random) {
    const id = random.pick(groupIds)
    putGroup(transaction, id, random.pick(['default', 'consumer', 'discarded']), time(random))
    return transaction.queueById(queueOf(id))
  },
  function removeQueueOrGroup(transaction, random) {
    const groupId = random.pick(groupIds)
    if (isEmpty(transaction, groupId) && transaction.removeDeduplications(groupId, 100) < 100) {
      transaction.removeGroup(groupId)
    }
    const queue = transaction.queueById(random.pick(queueIds))
    for (const group of queue?.groups ?? []) transaction.putGroup({ ...group, kind: 'discarded' })
    if (queue) transaction.removeQueue(queue.id)
    return queue
  },
  function deduplicate(transaction, random) {
    const groupId = somewhere(transaction, random)
    const key = random.pick(deduplicationKeys)
    const before = transaction.deduplication(groupId, key)
    if (random.chance(1, 3)) transaction.removeDeduplication(groupId, key)
    else transaction.putDeduplication(deduplicationRecord({ groupId, key, expiresAt: time(random) }))
    return [before, random.chance(1, 8) ? transaction.removeDeduplications(random.pick(groupIds), 100) : undefined]
  },
  function mark(transaction, random) {
    const queueId = random.pick(queueIds)
    if (random.chance(1, 4)) transaction.removeRetentionMark(queueId)
    else transaction.putRetentionMark({ queueId, checkAt: time(random), cursor: random.below(99) })
    return transaction.retentionMark(queueId)
  },
  function remember(transaction, random) {
    const serial = random.pick(serials)
    const entry = historyRecord({ serial, sentAt: start + serial, finishedAt: time(random) })
    if (transaction.history(serial) || random.chance(1, 3)) transaction.putHistory(entry)
    else transaction.insertHistory(entry)
    return random.chance(1, 4) ? transaction.removeHistory(time(random), 1 + random.below(3)) : undefined
  },
  function countsOfDay(transaction, random) {
    const groupId = somewhere(transaction, random)
    const day = random.below(3)
    transaction.addCountsOfDay(groupId, day, { processed: random.below(5), errored: 1, filtered: random.below(2) })
    if (random.chance(1, 6)) return transaction.removeCountsOfDays(random.below(3), 100)
    return transaction.countsOfDay(groupId, random.below(3))
  },
  function note(transaction, random) {
    const queueId = random.pick(queueIds)
    const serial = random.pick(serials)
    const before = transaction.steps(queueId, serial)
    const choice = random.below(8)
    if (choice === 0) return transaction.serialsOfSteps(queueId, { after: random.below(5), limit: 1 + random.below(4) })
    if (choice === 1) transaction.removeSteps(queueId, serial)
    else transaction.putSteps(stepsRecord({ queueId, serial, omitted: random.below(9) }))
    return before
  },
  function document(transaction, random) {
    const collection = random.pick(collections)
    const key = random.pick(names)
    const before = transaction.document(collection, key)
    if (random.chance(1, 3)) transaction.removeDocument(collection, key)
    else transaction.putDocument({ collection, key, value: random.below(99), expiresAt: timeOrNever(random) })
    return before
  },
]

const reads: readonly Step[] = [
  function ready(transaction, random) {
    return transaction.ready(random.pick(groupIds), 1 + random.below(6))
  },
  function firstDeliveries(transaction, random) {
    return transaction.firstDeliveries(random.pick(groupIds), 1 + random.below(6))
  },
  function scan(transaction, random) {
    return transaction.scan(random.pick(groupIds), {
      limit: 1 + random.below(6),
      newestFirst: random.chance(1, 2),
      ...(random.chance(1, 2) && { after: random.below(26) }),
    })
  },
  function search(transaction, random) {
    const query: SearchQuery = {
      limit: 1 + random.below(6),
      examine: 100,
      newestFirst: random.chance(1, 2),
      ...(random.chance(1, 2) && { after: random.below(26) }),
      ...(random.chance(1, 2) && { states: [random.pick(states), random.pick(states)] }),
      ...(random.chance(1, 4) && { types: [random.pick(finishedTypes), 'Q' as const] }),
      ...(random.chance(1, 3) && { exceptClientId: random.pick(clientIds) }),
    }
    return transaction.search(random.pick(groupIds), query).items
  },
  function messageGroup(transaction, random) {
    return transaction.messageGroup(random.pick(groupIds), random.pick(messageGroups), 1 + random.below(4))
  },
  function claimed(transaction, random) {
    return claimedOrder(transaction, random.pick(claimIds))
  },
  function item(transaction, random) {
    return transaction.item(random.pick(groupIds), random.pick(serials))
  },
  function countsOf(transaction, random) {
    return transaction.counts(random.pick(groupIds))
  },
  function due(transaction, random) {
    const now = time(random)
    const some = transaction.due(now, 1 + random.below(5)).map(({ delivery }) => delivery.dueAt)
    return [some, sorted(transaction.due(now, 1_000))]
  },
  function expired(transaction, random) {
    const now = time(random)
    return [
      sorted(transaction.expiredDeduplications(now, 100)),
      sorted(transaction.dueRetentionMarks(now, 100)),
      sorted(transaction.expiredDocuments(now, 100)),
    ]
  },
  function queues(transaction, random) {
    const prefix = random.chance(1, 2) ? { prefix: random.pick(names) } : {}
    const after = random.chance(1, 2) ? { after: random.pick(names) } : {}
    return [
      transaction.queues({ account: random.pick(accounts), ...prefix, ...after, limit: 1 + random.below(3) }),
      transaction.allQueues({ afterId: random.below(3), limit: 1 + random.below(2) }),
    ]
  },
  function documents(transaction, random) {
    const prefix = random.chance(1, 2) ? { prefix: random.pick(names) } : {}
    const after = random.chance(1, 2) ? { after: random.pick(names) } : {}
    return transaction.documents({ collection: random.pick(collections), ...prefix, ...after, limit: 3 })
  },
]

/** Of one claim in several groups the contract orders the positions only. */
const claimedOrder = (transaction: Transaction, claimId: string) => {
  const items = transaction.claimed(claimId)
  return [items.map(({ delivery }) => delivery.position), sorted(items)]
}

/** Twice the writes: most of what a sequence does should change something. */
const steps = [...writes, ...writes, ...reads].map((step) => [step.name, step] as const)
