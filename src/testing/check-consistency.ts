/** Whether what core keeps up to date without looking agrees with a look at everything. Not published. */
import assert from 'node:assert/strict'
import type { Delivery, Item } from '../core/delivery.ts'
import { messageExpiry } from '../core/expiry.ts'
import { changedHistories } from '../core/operations/forget-steps.ts'
import type { Counts, GroupRecord, QueueRecord } from '../core/queue.ts'
import { noCounts, ownerGroup } from '../core/queue.ts'
import { counterOf } from '../core/step.ts'
import type { Store, Transaction } from '../core/store.ts'

const everything = 1_000_000

/** Throws if a count, the ready index, the head of a message group, a due time or a retention mark is not as it should be. */
export const checkConsistency = async (store: Store): Promise<void> => {
  const { messages } = store.stats().gauges
  const places: { readonly queue: QueueRecord; readonly group: GroupRecord }[] = []
  let busy = false
  let leavingSteps = new Set<number>()
  await store.transact([
    {
      run(transaction) {
        const queues = transaction.allQueues({ afterId: 0, limit: everything })
        places.splice(0, places.length, ...queues.flatMap((queue) => queue.groups.map((group) => ({ queue, group }))))
        busy = transaction.documents({ collection: 'background-work', limit: 1 }).length > 0
        const notes = transaction.documents({ collection: changedHistories, limit: everything })
        leavingSteps = new Set(notes.map(({ key }) => Number(key)))
      },
    },
  ])
  const queueIds = new Map<number, number>()
  // A unit each: a store that has to load what they read loads it for all of them together.
  await store.transact(
    places.map(({ queue, group }) => ({
      run(transaction) {
        for (const { message } of checkGroup(transaction, queue, group)) queueIds.set(message.serial, message.queueId)
      },
    })),
  )
  if (busy) return
  // No work is left behind the scenes, so nothing has leaked.
  if (messages !== undefined) assert.equal(messages, queueIds.size, 'messages that nobody has')
  const steps = await store.records?.read('steps', { after: null, limit: everything, maxBytes: everything ** 2 })
  const left = steps?.records.filter(({ queueId, serial }) => queueIds.get(serial) !== queueId) ?? []
  assert.deepEqual(
    left.filter(({ queueId }) => !leavingSteps.has(queueId)),
    [],
    'steps of messages that are not there',
  )
}

const checkGroup = (transaction: Transaction, queue: QueueRecord, group: GroupRecord): Item[] => {
  const where = `queue ${queue.name}, group ${group.name} (${group.kind})`
  const items = transaction.scan(group.id, { limit: everything })
  const counts = noCounts()
  for (const { delivery } of items) counts[counterOf(delivery)]++
  const { done: _done, ...counted } = counts
  const { done: _kept, ...kept } = transaction.counts(group.id) satisfies Counts
  assert.deepEqual(kept, counted, `counts of ${where}`)

  for (const item of items) checkItem(transaction, queue, group, item, `message ${item.message.serial} of ${where}`)
  if (group.kind !== 'retained') checkReady(transaction, group, items, where)
  return items
}

const checkItem = (transaction: Transaction, queue: QueueRecord, group: GroupRecord, item: Item, where: string) => {
  const { delivery, message } = item
  assert.equal(message.queueId, queue.id, `queue of ${where}`)
  assert.equal(message.position, delivery.position, `position of ${where}`)
  const timed = delivery.state === 'leased' || delivery.state === 'delayed'
  assert.equal(delivery.visibleAt > 0, timed, `visibleAt of ${where}`)
  if (timed) assert.ok(delivery.dueAt !== null && delivery.dueAt <= delivery.visibleAt, `dueAt of ${where}`)
  if (delivery.type === 'D') assert.equal(delivery.state, 'delayed', `type of ${where}`)
  assert.equal('PEFS'.includes(delivery.type), delivery.state === 'finished', `type of ${where}`)
  if (delivery.state === 'finished') return
  const owner = ownerGroup(queue)
  if (group.kind === 'subscriber') {
    // It keeps the message for itself: its owner may be done with it, and watches over it no longer.
    const owned = transaction.item(owner.id, delivery.position)
    const expiry = owned && owned.delivery.state !== 'finished' ? null : messageExpiry(message, queue)
    if (expiry !== null) assert.ok((delivery.dueAt ?? everything ** 3) <= expiry, `expiry of ${where}`)
    return
  }
  if (group.kind === 'consumer') {
    assert.ok(transaction.item(owner.id, delivery.position), `${where} is not among the retained`)
  } else if (group.kind === 'dead-letters') {
    const expiry = delivery.detail?.expiresAt
    if (expiry !== undefined) assert.ok((delivery.dueAt ?? everything ** 3) <= expiry, `expiry of ${where}`)
  } else if (message.expiresAt !== null) {
    assert.ok(delivery.dueAt !== null && delivery.dueAt <= message.expiresAt, `expiry of ${where}`)
  } else if (queue.settings.retentionMs !== null) {
    const mark = transaction.retentionMark(queue.id)
    assert.ok(mark && mark.cursor < delivery.position, `retention mark of ${where}`)
    // Transactions that go on side by side may come out of order by a moment.
    assert.ok(mark.checkAt <= (messageExpiry(message, queue) ?? 0) + 100, `retention mark of ${where} is late`)
  }
}

const checkReady = (transaction: Transaction, group: GroupRecord, items: readonly Item[], where: string) => {
  const ready = transaction.ready(group.id, everything).map(({ delivery }) => delivery.position)
  const expected = items
    .map(({ delivery }) => delivery)
    .filter(({ state }) => state === 'ready')
    .sort((a, b) => a.urgency - b.urgency || a.rank - b.rank)
  assert.deepEqual(
    ready,
    expected.map(({ position }) => position),
    `ready index of ${where}`,
  )

  const heads = new Map<string, Delivery>()
  const inWork = new Set(
    items.filter(({ delivery }) => delivery.state === 'leased').map(({ delivery }) => delivery.messageGroup),
  )
  for (const { delivery } of items) {
    if (delivery.messageGroup === null) assert.notEqual(delivery.state, 'behind', `state of ${where}`)
    if (delivery.messageGroup === null || delivery.state === 'finished') continue
    const head = heads.get(delivery.messageGroup)
    const place = `${delivery.position} of message group '${delivery.messageGroup}' of ${where}`
    if (head) assert.notEqual(delivery.state, 'ready', `${place} is ready behind ${head.position}`)
    else {
      heads.set(delivery.messageGroup, delivery)
      const isHeldBack = delivery.detail?.broughtBack === true && inWork.has(delivery.messageGroup)
      if (!isHeldBack) assert.notEqual(delivery.state, 'behind', `${place} is first, but not ready`)
    }
  }
}
