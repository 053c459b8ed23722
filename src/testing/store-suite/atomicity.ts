import assert from 'node:assert/strict'
import type { Transaction } from '../../core/store.ts'
import { positions, same } from './compare.ts'
import { dump, type Universe } from './dump.ts'
import {
  deduplicationRecord,
  deliveryAt,
  groupRecord,
  historyRecord,
  invoices,
  invoicesGroup,
  messageRecord,
  orders,
  ordersGroup,
  putItem,
  putQueues,
  queueRecord,
  start,
} from './records.ts'
import type { Subject, Topic } from './topic.ts'

const universe: Universe = {
  accounts: ['acme'],
  queueIds: [orders, invoices, 3],
  groupIds: [ordersGroup, invoicesGroup, 13],
  messageGroups: ['g'],
  claimIds: ['c', 'd'],
  clientIds: ['me'],
  serials: [1, 2, 3, 4, 5],
  deduplicationKeys: ['k', 'new'],
  collections: ['docs'],
  end: start + 1_000_000,
}

const putWorld = (transaction: Transaction): void => {
  putQueues(transaction)
  transaction.addCounts(ordersGroup, { ready: 2, leased: 1 })
  putItem(transaction, { position: 1, messageGroup: 'g' }, { extra: { clientId: 'me' } })
  putItem(transaction, { position: 2 })
  putItem(transaction, { position: 3, state: 'leased', claimId: 'c', dueAt: start + 5 })
  transaction.putDeduplication(deduplicationRecord({ key: 'k' }))
  transaction.putRetentionMark({ queueId: orders, checkAt: start + 9, cursor: 0 })
  transaction.putHistory(historyRecord({ serial: 2 }))
  transaction.putDocument({ collection: 'docs', key: 'a', value: 1, expiresAt: start + 7 })
}

/** Each kind of write, on top of `putWorld`. */
const writes: Readonly<Record<string, (transaction: Transaction) => void>> = {
  'putQueue anew': (transaction) => transaction.putQueue(queueRecord({ id: 3 })),
  'putQueue again': (transaction) => transaction.putQueue(queueRecord({ id: orders, name: 'renamed' })),
  removeQueue: (transaction) => {
    transaction.removeGroup(invoicesGroup)
    transaction.removeQueue(invoices)
  },
  'putGroup anew': (transaction) => transaction.putGroup(groupRecord({ id: 13, queueId: orders, kind: 'consumer' })),
  'putGroup again': (transaction) =>
    transaction.putGroup(groupRecord({ id: invoicesGroup, queueId: invoices, name: 'renamed' })),
  'putGroup that discards': (transaction) =>
    transaction.putGroup(groupRecord({ id: invoicesGroup, queueId: invoices, kind: 'discarded' })),
  addCounts: (transaction) => transaction.addCounts(ordersGroup, { ready: -1, leased: 5, done: 1 }),
  'addCounts to a group without any': (transaction) => transaction.addCounts(invoicesGroup, { delayed: 1 }),
  insertMessage: (transaction) => transaction.insertMessage(messageRecord({ serial: 5 })),
  'a whole new item': (transaction) => void putItem(transaction, { position: 4, messageGroup: 'g', dueAt: start }),
  'moveMessage within its queue': (transaction) => transaction.moveMessage(1, orders, 1, start),
  'moveMessage to another queue': (transaction) => {
    const delivery = deliveryAt(transaction, 1)
    transaction.removeDelivery(delivery)
    transaction.moveMessage(1, invoices, 44, start)
    transaction.insertDelivery({ ...delivery, groupId: invoicesGroup, position: 44 })
  },
  'removal of a delivery with its message': (transaction) => {
    transaction.removeDelivery(deliveryAt(transaction, 1))
    transaction.removeMessage(1)
  },
  updateDelivery: (transaction) => {
    const delivery = deliveryAt(transaction, 3)
    transaction.updateDelivery(delivery, { ...delivery, state: 'ready', claimId: 'd', dueAt: start + 1, urgency: -4 })
  },
  'putDeduplication anew': (transaction) => transaction.putDeduplication(deduplicationRecord({ key: 'new' })),
  'putDeduplication again': (transaction) => transaction.putDeduplication(deduplicationRecord({ key: 'k', serial: 7 })),
  removeDeduplication: (transaction) => transaction.removeDeduplication(ordersGroup, 'k'),
  removeDeduplications: (transaction) => void transaction.removeDeduplications(ordersGroup, 10),
  putRetentionMark: (transaction) => transaction.putRetentionMark({ queueId: orders, checkAt: start, cursor: 5 }),
  removeRetentionMark: (transaction) => transaction.removeRetentionMark(orders),
  'putHistory anew': (transaction) => transaction.putHistory(historyRecord({ serial: 1 })),
  'putHistory again': (transaction) => transaction.putHistory(historyRecord({ serial: 2, outcome: 'expired' })),
  insertHistory: (transaction) => transaction.insertHistory(historyRecord({ serial: 3 })),
  removeHistory: (transaction) => void transaction.removeHistory(start + 1, 10),
  'putDocument anew': (transaction) =>
    transaction.putDocument({ collection: 'docs', key: 'b', value: 2, expiresAt: null }),
  'putDocument again': (transaction) =>
    transaction.putDocument({ collection: 'docs', key: 'a', value: [3], expiresAt: null }),
  removeDocument: (transaction) => transaction.removeDocument('docs', 'a'),
}

const failWith = (error: unknown) => ({
  run() {
    throw error
  },
})

const rejectsWith = async (promise: Promise<void>, error: unknown) => {
  const [outcome] = await Promise.allSettled([promise])
  assert.ok(outcome.status === 'rejected', 'the transaction did not fail')
  assert.equal(outcome.reason, error)
}

const failAndCompare = async ({ store, read }: Subject, run: (transaction: Transaction) => void) => {
  const failure = new Error('on purpose')
  const before = await read((transaction) => dump(transaction, universe))
  const unit = {
    run(transaction: Transaction) {
      dump(transaction, universe)
      run(transaction)
      dump(transaction, universe)
    },
  }
  await rejectsWith(store.transact([unit, failWith(failure)]), failure)
  assert.deepEqual(await read((transaction) => dump(transaction, universe)), before)
}

export const atomicity: Topic = {
  name: 'all or nothing',
  checks: {
    'a transaction of no units, and of units that do nothing, resolves': async ({ store, write }) => {
      await store.transact([])
      await write(
        () => undefined,
        () => undefined,
      )
    },

    'units run in the order given, each seeing what the ones before it wrote': async ({ write, read }) => {
      await write(putQueues)
      const append = (text: string) => (transaction: Transaction) => {
        const before = transaction.document('docs', 'log')?.value ?? ''
        transaction.putDocument({ collection: 'docs', key: 'log', value: `${before}${text}`, expiresAt: null })
      }
      await write(append('a'), append('b'), append('c'))
      await write(append('d'), append('e'))
      assert.equal((await read((transaction) => transaction.document('docs', 'log')))?.value, 'abcde')
    },

    'what a unit throws comes back as it is': async (subject) => {
      class Special extends Error {}
      for (const error of [new Error('plain'), new Special('special'), 'text', undefined, null, { code: 5 }]) {
        await rejectsWith(subject.store.transact([failWith(error)]), error)
      }
      await subject.write(putQueues)
      assert.equal((await subject.read((transaction) => transaction.queueById(orders)))?.id, orders)
    },

    'each kind of write is taken back when a later unit throws, from every read': async (subject) => {
      await subject.write(putWorld)
      for (const [name, write] of Object.entries(writes)) {
        await failAndCompare(subject, write).catch((error: unknown) => {
          throw new Error(`after a failed ${name}`, { cause: error })
        })
      }
      await failAndCompare(subject, (transaction) => {
        for (const [name, write] of Object.entries(writes)) if (!name.startsWith('remov')) write(transaction)
      })
    },

    'each kind of write lasts when no unit throws, though the transaction before it failed': async (subject) => {
      for (const [name, write] of Object.entries(writes)) {
        await failAndCompare(subject, putWorld)
        const shown = await subject.read((transaction) => {
          putWorld(transaction)
          write(transaction)
          return dump(transaction, universe)
        })
        assert.deepEqual(await subject.read((transaction) => dump(transaction, universe)), shown, name)
        await subject.write(removeWorld)
      }
    },

    'what comes after a failed unit is not written either, nor what comes before': async ({ store, write, read }) => {
      await write(putWorld)
      const failure = new Error('on purpose')
      const put = (position: number) => ({ run: (transaction: Transaction) => void putItem(transaction, { position }) })
      await rejectsWith(store.transact([put(21), put(22), failWith(failure), put(23)]), failure)
      assert.deepEqual(positions(await read((transaction) => transaction.scan(ordersGroup, { limit: 99 }))), [1, 2, 3])
      await store.transact([put(21), put(24)])
      assert.deepEqual(
        positions(await read((transaction) => transaction.scan(ordersGroup, { limit: 99 }))),
        [1, 2, 3, 21, 24],
      )
    },

    'a unit that catches its own error keeps what it wrote': async ({ write, read }) => {
      await write((transaction) => {
        putQueues(transaction)
        try {
          throw new Error('its own')
        } catch {
          transaction.addCounts(ordersGroup, { ready: 1 })
        }
      })
      assert.equal((await read((transaction) => transaction.counts(ordersGroup))).ready, 1)
    },

    'a thousand messages fit into one transaction, in one unit and in many': async ({ store, write, read }) => {
      await write(putQueues)
      const body = new Uint8Array(1_000).fill(7)
      const put = (transaction: Transaction, from: number, to: number) => {
        for (let position = from; position < to; position++) putItem(transaction, { position }, { body })
        transaction.addCounts(ordersGroup, { ready: to - from })
      }
      await write((transaction) => put(transaction, 1, 1_001))
      await store.transact(
        Array.from({ length: 1_000 }, (_, i) => ({
          run: (transaction: Transaction) => put(transaction, 1_001 + i, 1_002 + i),
        })),
      )
      await read((transaction) => {
        const items = transaction.ready(ordersGroup, 5_000)
        assert.equal(items.length, 2_000)
        same(items[1_999]?.message.body, body)
        assert.equal(transaction.counts(ordersGroup).ready, 2_000)
      })
    },
  },
}

/** Removes all that `putWorld` and any of `writes` may have left. */
const removeWorld = (transaction: Transaction): void => {
  for (const groupId of universe.groupIds) {
    for (const { delivery } of transaction.scan(groupId, { limit: 99 })) transaction.removeDelivery(delivery)
    for (const key of universe.deduplicationKeys) transaction.removeDeduplication(groupId, key)
    transaction.removeGroup(groupId)
  }
  for (const serial of universe.serials) transaction.removeMessage(serial)
  for (const queueId of universe.queueIds) {
    transaction.removeRetentionMark(queueId)
    transaction.removeQueue(queueId)
  }
  transaction.removeHistory(universe.end, 99)
  for (const key of ['a', 'b']) transaction.removeDocument('docs', key)
}
